"""A feed or a running script becomes a trace; a trace becomes a file."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twinfeed.observe.budget import Budget
    from twinfeed.observe.read import observe
    from twinfeed.observe.twinfile import load, save

# Loaded at first use: checking what was typed on a command line needs no numpy.
_HOMES = {"Budget": "budget", "load": "twinfile", "observe": "read", "save": "twinfile"}

__all__ = ["Budget", "load", "observe", "save"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'twinfeed.observe' has no attribute {name!r}")
    return getattr(import_module(f"twinfeed.observe.{_HOMES[name]}"), name)
