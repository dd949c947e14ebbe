"""What a side's views are held against to see what was done to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace

Kind: TypeAlias = Literal["plain", "other plain", "other", "epochs", "none"]
MOST = 400  # views registered per side; enough for 1 % on a bound, in about a second


@dataclass(frozen=True, slots=True)
class Basis:
    """Views of one side and what each is held against.

    Attributes:
        kind: ``plain``: the same feed without augmentation; ``other plain``: the other
            feed without; ``other``: the other feed, which does not augment; ``epochs``: the
            same examples in the next epoch, so that only change shows; ``none``.
        reference: Grey pictures, float64, shape ``(views, side, side)``.
        view: Grey pictures of the same shape.
        batch: A number for the batch each view came in, shape ``(views,)``.
    """

    kind: Kind
    reference: Array
    view: Array
    batch: Array

    def __len__(self) -> int:
        return len(self.view)


def references(
    trace: Trace,
    other: Trace,
    pairs: tuple[Array, Array],
    *,
    again: tuple[Array, Array] | None,
    other_is_plain: bool,
) -> Basis:
    """Hold a side's views against the best reference that the two traces have.

    Args:
        trace: The side.
        other: The other side.
        pairs: Rows of this and of the other side that hold the same example.
        again: Rows of the first and the second epoch of this side that do.
        other_is_plain: Whether nothing random shows in the other side's examples.
    """
    if not _shows_pictures(trace):
        return _nothing()
    if len(trace.plain):
        return _against_plain(trace, trace.kept.row, trace.rows.id[trace.kept.row], trace, "plain")
    if _shows_pictures(other):
        mine, theirs = pairs
        if len(other.plain):
            return _against_plain(trace, mine, other.rows.id[theirs], other, "other plain")
        if other_is_plain:
            return _against_rows(trace, mine, other, theirs, "other")
    if again is None:
        return _nothing()
    return _against_rows(trace, again[1], trace, again[0], "epochs")


def _shows_pictures(trace: Trace) -> bool:
    return trace.main is not None and trace.main.is_image and bool(len(trace.kept.row))


def _against_plain(trace: Trace, rows: Array, names: Array, owner: Trace, kind: Kind) -> Basis:
    """Views of ``trace`` against the examples without augmentation that ``owner`` keeps."""
    known = {key: index for index, key in enumerate(owner.plain_id.tolist())}
    kept = {row: index for index, row in enumerate(trace.kept.row.tolist())}
    found = [
        (known[key], kept[row])
        for row, key in zip(rows.tolist(), names.tolist(), strict=True)
        if key in known and row in kept
    ]
    chosen = _spread(found)
    return _basis(
        kind,
        _pictures([owner.plain[at] for at, _ in chosen], owner.main),
        _pictures([trace.kept.values[index] for _, index in chosen], trace.main),
        _batches(trace, [index for _, index in chosen]),
    )


def _against_rows(trace: Trace, mine: Array, other: Trace, theirs: Array, kind: Kind) -> Basis:
    here = {int(row): index for index, row in enumerate(trace.kept.row.tolist())}
    there = {int(row): index for index, row in enumerate(other.kept.row.tolist())}
    found = [
        (there[b], here[a])
        for a, b in zip(mine.tolist(), theirs.tolist(), strict=True)
        if a in here and b in there
    ]
    chosen = _spread(found)
    return _basis(
        kind,
        _pictures([other.kept.values[at] for at, _ in chosen], other.main),
        _pictures([trace.kept.values[index] for _, index in chosen], trace.main),
        _batches(trace, [index for _, index in chosen]),
    )


def _batches(trace: Trace, kept: list[int]) -> Array:
    """A number for the batch of each kept example, unlike for batches of other epochs."""
    rows = trace.kept.row[kept]
    return (
        trace.rows.epoch[rows] * (int(trace.rows.batch.max(initial=0)) + 1) + trace.rows.batch[rows]
    )


def _spread(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """At most ``MOST`` of the pairs, evenly from first to last."""
    if len(found) <= MOST:
        return found
    return [found[i] for i in np.linspace(0, len(found) - 1, MOST).astype(int).tolist()]


def _pictures(images: list[Array], main: LeafSpec | None) -> list[Array]:
    """Grey pictures, channels averaged away."""
    axis = 0 if main is not None and main.channels_first else -1
    return [image.mean(axis=axis, dtype=np.float64) for image in images]


def _nothing() -> Basis:
    return Basis("none", np.zeros((0, 1, 1)), np.zeros((0, 1, 1)), np.zeros(0, int))


def _basis(kind: Kind, reference: list[Array], view: list[Array], batch: Array) -> Basis:
    side = min((min(image.shape) for image in (*reference, *view)), default=0)
    if not reference or side < 4:
        return _nothing()
    side = min(side, 48)
    return Basis(
        kind,
        np.stack([_shrink(image, side) for image in reference]),
        np.stack([_shrink(image, side) for image in view]),
        batch,
    )


def _shrink(image: Array, side: int) -> Array:
    """The mean of each of ``side`` x ``side`` even areas, exact also for odd ratios."""
    if image.shape == (side, side):
        return image
    return _area(image.shape[0], side) @ image @ _area(image.shape[1], side).T


def _area(length: int, side: int) -> Array:
    edges = np.arange(side + 1) * length / side
    cells = np.arange(length)
    overlap = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
    weights = overlap.clip(min=0)
    return weights / weights.sum(axis=1, keepdims=True)
