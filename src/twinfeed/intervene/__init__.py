"""One change of a pipeline at a time, made in its graph and proved by looking again."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twinfeed.intervene._fix import fix
    from twinfeed.intervene._fixed import Applied, Fixed, Refused

# Loaded at first use: naming the package loads no rule and no measure.
_HOMES = {"Applied": "_fixed", "Fixed": "_fixed", "Refused": "_fixed", "fix": "_fix"}

__all__ = ["Applied", "Fixed", "Refused", "fix"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'twinfeed.intervene' has no attribute {name!r}")
    return getattr(import_module(f"twinfeed.intervene.{_HOMES[name]}"), name)
