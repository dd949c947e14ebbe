"""Results as text: they are read here, never made."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from twinfeed.report.json import schema, to_json
    from twinfeed.report.terminal import HEADER, to_text

# Loaded at first use: a command that only cleans a name needs no terminal library.
_HOMES = {"HEADER": "terminal", "schema": "json", "to_json": "json", "to_text": "terminal"}

__all__ = ["HEADER", "schema", "to_json", "to_text"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'twinfeed.report' has no attribute {name!r}")
    return getattr(import_module(f"twinfeed.report.{_HOMES[name]}"), name)
