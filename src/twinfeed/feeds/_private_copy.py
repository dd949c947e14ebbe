"""A copy of a user's object that can be read without changing the original."""

from __future__ import annotations

import copy
from typing import Any, TypeVar, cast

import numpy as np

T = TypeVar("T")

COPY_BYTES = 64 << 20
"""Larger arrays are data: they are shared. Arrays of indices are copied at any size."""


def private_copy(original: T, *, freeze: bool = False) -> T | None:
    """A copy whose attributes can be set and whose containers can be changed.

    Data sets shuffle their list of indices in place, count epochs and fill caches. A shallow
    copy would share the list and the cache; a deep copy would double the data. So containers
    and small arrays are copied, and everything in them is shared.

    Args:
        original: Any object.
        freeze: Share large arrays read-only; ``thaw`` copies them once that proves too little.

    Returns:
        The copy, or ``None`` if the object cannot be copied.
    """
    try:
        twin = copy.copy(original)
    except Exception:  # noqa: BLE001 - whatever the user's own __copy__ or __getstate__ raises
        return None
    if twin is original or type(twin) is not type(original):
        return None
    attributes = cast("dict[str, Any]", getattr(twin, "__dict__", {}))
    for name, value in list(attributes.items()):
        attributes[name] = _private_value(value, freeze=freeze)
    return twin


def _private_value(value: Any, *, freeze: bool) -> Any:
    if type(value) in {list, dict, set, bytearray}:
        return value.copy()
    if type(value) is np.ndarray:
        array = cast("np.ndarray[Any, Any]", value)
        if array.nbytes <= COPY_BYTES or (array.ndim == 1 and array.dtype.kind in "iu"):
            return array.copy()
        if freeze:
            shared = array.view()
            shared.flags.writeable = False
            return shared
    return value


def thaw(twin: object) -> bool:
    """Copy the arrays that were shared read-only; whether there were any."""
    attributes = cast("dict[str, Any]", getattr(twin, "__dict__", {}))
    frozen = {
        name: value
        for name, value in attributes.items()
        if type(value) is np.ndarray and not value.flags.writeable
    }
    attributes.update({name: value.copy() for name, value in frozen.items()})
    return bool(frozen)
