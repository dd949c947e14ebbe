"""Whether compiled kernels are there."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType


@cache
def kernels() -> ModuleType | None:
    """The compiled kernels, or ``None`` where Numba is not installed."""
    if find_spec("numba") is None:
        return None
    return import_module("twinfeed.engine._bindings._numba_kernels")
