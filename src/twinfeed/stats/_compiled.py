"""When the compiled way of counting is used: where it is there, and where loading it pays."""

from __future__ import annotations

import sys
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

_PAYS_AFTER_VALUES = 1 << 28
"""Loading Numba and its kernel takes 2 to 4 s; it saves about 1 s per 2**28 values."""


class _Tally:
    values = 0


def kernel(values: int) -> Any:
    """The compiled counter, or ``None`` to count with NumPy; both give the same bytes.

    Args:
        values: How many values are about to be counted.
    """
    _Tally.values += values
    if _Tally.values < _PAYS_AFTER_VALUES and "numba" not in sys.modules:
        return None
    return _load()


@cache
def _load() -> Any:
    if find_spec("numba") is None:
        return None
    return import_module("twinfeed.stats._bindings._fused")
