"""What the leaves of a feed are: kind, dtype and shape."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast

import numpy as np

from twinfeed._core.batch import Array, Batch, SparseRow

LeafKind: TypeAlias = Literal["dense", "text", "ragged", "sparse", "opaque"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeafSpec:
    """One leaf of a feed's batches.

    Attributes:
        path: Where it stands in a batch, e.g. ``'y["mask"]'``.
        kind: ``dense`` arrays are measured value by value; ``text``, ``ragged`` and
            ``sparse`` ones by content; ``opaque`` ones are named and left alone.
        dtype: The numpy name of its values, e.g. ``"float32"``; ``"bytes"`` for text.
        shape: The shape of one example; ``None`` where it varies.
    """

    path: str
    kind: LeafKind
    dtype: str
    shape: tuple[int | None, ...]

    @property
    def is_image(self) -> bool:
        """Whether one example looks like an image: height, width and 1 to 4 channels."""
        if not self.is_countable or len(self.shape) != 3:
            return False
        height, width, channels = self.shape
        return channels in {1, 2, 3, 4} or (height in {1, 3, 4} and (width or 9) > 4)

    @property
    def is_countable(self) -> bool:
        """Whether its values can be ordered, counted and averaged; complex ones cannot."""
        return self.kind == "dense" and not self.dtype.startswith(("complex", "void"))

    @property
    def channels_first(self) -> bool:
        """Whether an image's first axis holds its channels."""
        return self.is_image and self.shape[-1] not in {1, 2, 3, 4}


@dataclass(frozen=True, slots=True)
class FeedSpec:
    """Every leaf of a feed's batches."""

    leaves: tuple[LeafSpec, ...]

    def part(self, name: Literal["x", "y", "weight"]) -> tuple[LeafSpec, ...]:
        """The leaves of one part of the batch."""
        return tuple(leaf for leaf in self.leaves if leaf.path.partition("[")[0] == name)

    @property
    def main(self) -> LeafSpec | None:
        """The input that pictures and pairing use: the first image, else the first countable input."""
        inputs = [leaf for leaf in self.part("x") if leaf.is_countable]
        return next((leaf for leaf in inputs if leaf.is_image), inputs[0] if inputs else None)


def spec_of(batch: Batch) -> FeedSpec:
    """The spec that one batch shows."""
    return FeedSpec(tuple(leaf_spec(path, array) for path, array in batch.leaves()))


def leaf_spec(path: str, array: Array) -> LeafSpec:
    """The spec of one leaf, from its first example where it is an object array."""
    if array.dtype != object:
        kind: LeafKind = "dense" if array.dtype.kind in "biufcV" else "opaque"
        return LeafSpec(path=path, kind=kind, dtype=array.dtype.name, shape=array.shape[1:])
    first = array.flat[0] if array.size else None
    if isinstance(first, bytes):
        return LeafSpec(path=path, kind="text", dtype="bytes", shape=array.shape[1:])
    if isinstance(first, SparseRow):
        return LeafSpec(path=path, kind="sparse", dtype=first.values.dtype.name, shape=first.shape)
    if isinstance(first, np.ndarray):
        row = cast("Array", first)
        shape = (None, *row.shape[1:])
        return LeafSpec(path=path, kind="ragged", dtype=row.dtype.name, shape=shape)
    return LeafSpec(path=path, kind="opaque", dtype=type(first).__name__, shape=())


def widen(old: FeedSpec, new: FeedSpec) -> FeedSpec:
    """The spec of both: axes that differ become ``None``; new leaves are added."""
    seen = {leaf.path: leaf for leaf in old.leaves}
    for leaf in new.leaves:
        known = seen.get(leaf.path)
        if known is None or known.kind == "opaque":
            seen[leaf.path] = leaf
        elif known.shape != leaf.shape and len(known.shape) == len(leaf.shape):
            axes = zip(known.shape, leaf.shape, strict=True)
            seen[leaf.path] = replace(known, shape=tuple(a if a == b else None for a, b in axes))
    return FeedSpec(tuple(seen.values()))
