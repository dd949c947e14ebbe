"""Two traces become a report: which causes make them differ.

The package can be called: ``twinfeed.diff(a, b)`` is ``twinfeed.diff.diff(a, b)``, so that the
verb and the folder share one name.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twinfeed._core.results import Report
    from twinfeed.diff._catalogue import CATALOGUE
    from twinfeed.diff._gate import Tolerances, check_runs
    from twinfeed.diff._measure import Measure
    from twinfeed.diff._run import compare
    from twinfeed.diff._runs import compare_runs, main_trace
    from twinfeed.diff._twins import Twins
    from twinfeed.diff._verb import diff

# Loaded at first use: showing the page of a cause needs no numpy.
_HOMES = {
    "CATALOGUE": "_catalogue",
    "Measure": "_measure",
    "Tolerances": "_gate",
    "Twins": "_twins",
    "check_runs": "_gate",
    "compare": "_run",
    "compare_runs": "_runs",
    "diff": "_verb",
    "main_trace": "_runs",
}

__all__ = [
    "CATALOGUE", "Measure", "Tolerances", "Twins", "check_runs", "compare", "compare_runs", "diff",
    "main_trace",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'twinfeed.diff' has no attribute {name!r}")
    return getattr(import_module(f"twinfeed.diff.{_HOMES[name]}"), name)


class _Verb(ModuleType):
    def __call__(self, a: object, b: object, /, **options: Any) -> "Report":
        made: Report = self.diff(a, b, **options)
        return made


sys.modules[__name__].__class__ = _Verb
