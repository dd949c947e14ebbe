"""One pipeline becomes a measured faster one; the package can be called, as its verb."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twinfeed.tune._verb import tune
    from twinfeed.tune.outcome import Cost, Training, Trial, Tuned

# Loaded at first use: naming the package loads no rule and no measure.
_HOMES = {
    "Cost": "outcome",
    "Training": "outcome",
    "Trial": "outcome",
    "Tuned": "outcome",
    "tune": "_verb",
}

__all__ = ["Cost", "Training", "Trial", "Tuned", "tune"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'twinfeed.tune' has no attribute {name!r}")
    return getattr(import_module(f"twinfeed.tune.{_HOMES[name]}"), name)


class _Verb(ModuleType):
    def __call__(self, dataset: Any, /, **options: Any) -> Any:
        return self.tune(dataset, **options)


sys.modules[__name__].__class__ = _Verb
