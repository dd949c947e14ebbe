"""The arrays of a trace in a ``.twin`` file, each checked before it is believed."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Rows, Small, no_small
from twinfeed.errors import TwinFileError

UNFIT = "its columns do not fit together"
Shapes: TypeAlias = tuple[tuple[int, ...], ...]
_WHOLE, _REAL = "iu", "biuf"
_COLUMNS = {
    "kept.row": (_WHOLE, 1),
    "kept.same": (_WHOLE, 1),
    "kept.values": (_REAL, 1),
    "small.row": (_WHOLE, 1),
    "small.same": (_WHOLE, 1),
    "small.values": ("u", 1),
    "small.span": ("f", 2),
    "plain_small.row": (_WHOLE, 1),
    "plain_small.same": (_WHOLE, 1),
    "plain_small.values": ("u", 1),
    "plain_small.span": ("f", 2),
    "plain.values": (_REAL, 1),
    "plain.id": (_WHOLE, 1),
    "rows.signature": ("u", 2),
    "rows.label_view": ("u", 2),
    **{f"rows.{name}": (_REAL, 1) for name in ("label", "label_peak", "label_sum")},
    **{f"ticks.{name}": (_REAL, 1) for name in ("wait_s", "step_s")},
}
"""Kinds of values and number of axes a column may have; one not listed holds whole numbers."""
_AXES = len(("height", "width", "channels"))


@dataclass(frozen=True, slots=True)
class Columns:
    """The arrays of one trace in a file."""

    path: object
    members: Mapping[str, bytes]
    prefix: str

    def array(self, name: str) -> Array:
        """One column."""
        data = self.members.get(f"{self.prefix}{name}.npy")
        if data is None:
            raise TwinFileError(self.path, f"it has no {name}")
        try:
            found = _read_npy(data)
        except (ValueError, EOFError) as error:
            raise TwinFileError(self.path, f"{name} cannot be read ({error})") from None
        kinds, axes = _COLUMNS.get(name, (_WHOLE, 1))
        if found.dtype.kind not in kinds or found.ndim != axes:
            what = f"{found.dtype} of shape {found.shape}"
            raise TwinFileError(self.path, f"{name} cannot be read (it is {what})")
        return found

    def rows(self) -> Rows:
        """The ledger."""
        names = {one.name for one in fields(Rows)}
        found = {name: self.array(f"rows.{name}") for name in names - {"label_view"}}
        # Files of before know a mask by its hash alone.
        known = f"{self.prefix}rows.label_view.npy" in self.members
        none = np.zeros((len(found["epoch"]), 0), np.uint8)
        return Rows(**found, label_view=self.array("rows.label_view") if known else none)

    def examples(self, name: str, shapes: Shapes, rows: int) -> tuple[Array, tuple[Array, ...]]:
        """The rows of examples that were kept, and their values."""
        row = self.array(f"{name}.row")
        # Files of before hold each example however often it came.
        once = f"{self.prefix}{name}.same.npy" in self.members
        same = self.array(f"{name}.same") if once else np.arange(len(row))
        fits = (
            len(row) == len(same)
            and (once or len(same) == len(shapes))
            and below(same, len(shapes))
            and below(row, rows)
        )
        if not fits:
            raise TwinFileError(self.path, UNFIT)
        written = cut(self.path, self.array(f"{name}.values"), shapes)
        at: list[int] = same.tolist()
        return row, tuple(written[index] for index in at)

    def copies(self, name: str, shapes: Shapes, rows: int) -> Small:
        """Small copies of examples, if the file has any."""
        if not shapes:
            return no_small()
        row, values = self.examples(name, shapes, rows)
        found = Small(row=row, values=values, span=self.array(f"{name}.span"))
        if found.span.shape != (len(row), 2) or any(one.ndim != _AXES for one in values):
            raise TwinFileError(self.path, UNFIT)
        return found


def below(index: Array, end: int) -> bool:
    """Whether all are indices into so many."""
    return not len(index) or (index.dtype.kind in "iu" and index.min() >= 0 and index.max() < end)


def cut(path: object, flat: Array, shapes: Shapes) -> tuple[Array, ...]:
    """The arrays of these shapes that stand in one after the other."""
    if any(axis < 0 for shape in shapes for axis in shape):
        raise TwinFileError(path, "a shape in it is negative")
    sizes = [int(np.prod(shape, dtype=object)) for shape in shapes]
    if sum(sizes) != flat.size:
        raise TwinFileError(path, "its examples are not of the sizes it states")
    ends = np.cumsum([0, *sizes])
    return tuple(
        flat[start : start + size].reshape(shape)
        for start, size, shape in zip(ends[:-1].tolist(), sizes, shapes, strict=True)
    )


def _read_npy(data: bytes) -> Array:
    """The array of a member; one that states more than it holds is not made room for.

    Raises:
        ValueError: If it is damaged or its header does not fit its length.
        EOFError: If it is cut short.
    """
    member = io.BytesIO(data)
    if np.lib.format.read_magic(member) != (1, 0):
        raise ValueError("its header is of another version")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(member)
    stated = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or stated != len(data) - member.tell():
        raise ValueError(f"it states {stated:,} bytes")
    if fortran or dtype.hasobject:
        return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    return np.frombuffer(data, dtype, offset=member.tell()).reshape(shape)  # without a copy
