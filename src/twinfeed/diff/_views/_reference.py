"""What a side's views are held against to see what was done to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace

Kind: TypeAlias = Literal["plain", "other plain", "other", "both", "epochs", "none"]
SIDE = 48  # of the grey pictures that are registered, at most
MOST = 400  # views registered per side; enough for 1 % on a bound, in about a second


@dataclass(frozen=True, slots=True)
class Basis:
    """Views of one side and what each is held against.

    Attributes:
        kind: ``plain``: the same feed without augmentation; ``other plain``: the other
            feed without; ``other``: the other feed, which does not augment; ``both``: the
            other feed, which does; ``epochs``: the same examples in the next epoch, so that only
            change shows; ``none``.
        reference: Grey pictures, float64, shape ``(views, side, side)``.
        view: Grey pictures of the same shape.
        batch: A number for the batch each view came in, shape ``(views,)``.
        before: The same of its reference, where that was drawn as well.
        example: A number for the example each view shows, shape ``(views,)``.
        row: The row of each view in the ledger of its feed, shape ``(views,)``.
        wholes: The pictures as they came or as small copies, reference before view, channels last.
        small: The same, ``shrunk`` to the side of the grey ones.
    """

    kind: Kind
    reference: Array
    view: Array
    batch: Array
    before: Array
    example: Array
    row: Array
    wholes: tuple[tuple[Array, Array], ...]
    small: tuple[tuple[Array, Array], ...]

    def __len__(self) -> int:
        return len(self.view)


def references(
    trace: Trace,
    other: Trace,
    pairs: tuple[Array, Array],
    *,
    again: tuple[Array, Array] | None,
    other_is_plain: bool,
    drawn: Array,
) -> Basis:
    """Hold a side's views against the best reference that the two traces have.

    Args:
        trace: The side.
        other: The other side.
        pairs: Rows of this and of the other side that hold the same example.
        again: Rows of the first and the second epoch of this side that do.
        other_is_plain: Whether nothing random shows in the other side's examples.
        drawn: Rows of this side whose pictures are there, less those drawn again as they were.
    """
    if not _shows_pictures(trace):
        return _nothing()
    if len(trace.plain):
        return _against_plain(trace, drawn, trace.rows.id[drawn], trace, "plain")
    if _shows_pictures(other):
        mine, theirs = pairs
        if len(other.plain):
            return _against_plain(trace, mine, other.rows.id[theirs], other, "other plain")
        if other_is_plain:
            return laid_over(trace, mine, other, theirs, "other")
    if again is None:
        return _nothing()
    return laid_over(trace, again[1], trace, again[0], "epochs")


def _shows_pictures(trace: Trace) -> bool:
    if trace.main is None or not trace.main.is_image or not len(trace.kept.row):
        return False
    return trace.kept.values[0].ndim == len(("height", "width", "channels"))


def _against_plain(trace: Trace, rows: Array, names: Array, owner: Trace, kind: Kind) -> Basis:
    """Views of ``trace`` against the examples without augmentation that ``owner`` keeps."""
    known = {key: index for index, key in enumerate(owner.plain_shown.tolist())}
    shown = _index(trace)
    found = [
        (known[key], shown[row])
        for row, key in zip(rows.tolist(), names.tolist(), strict=True)
        if key in known and row in shown
    ]
    few = owner.shows_plain_small

    def reference(at: int) -> Array:
        return owner.plain_small.picture(at) if few else _last(owner.plain[at], owner.main)

    return _basis(kind, trace, reference, found)


def laid_over(trace: Trace, mine: Array, other: Trace, theirs: Array, kind: Kind) -> Basis:
    """Examples shown in rows of one trace against those in rows of another.

    Args:
        trace: The feed of the views.
        mine: Its rows.
        other: The feed of the references.
        theirs: Its rows, of the same examples.
        kind: What the references are.
    """
    here, there = _index(trace), _index(other)
    found = [
        (there[b], here[a])
        for a, b in zip(mine.tolist(), theirs.tolist(), strict=True)
        if a in here and b in there
    ]
    made = _basis(kind, trace, lambda at: _picture(other, at), found)
    drawn = kind in {"epochs", "both"} and len(made)
    return replace(made, before=_batches(other, made.example.tolist())) if drawn else made


def _index(trace: Trace) -> dict[int, int]:
    """Where each of these rows stands."""
    return {row: index for index, row in enumerate(trace.shown.tolist())}


def _picture(trace: Trace, at: int) -> Array:
    """What one of these rows shows, channels last."""
    whole = not len(trace.small.row)
    return _last(trace.kept.values[at], trace.main) if whole else trace.small.picture(at)


def _batches(trace: Trace, shown: list[int]) -> Array:
    """A number for the batch of each example shown, unlike for batches of other epochs."""
    rows = trace.shown[shown]
    return (
        trace.rows.epoch[rows] * (int(trace.rows.batch.max(initial=0)) + 1) + trace.rows.batch[rows]
    )


def _spread(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """At most ``MOST`` of the pairs: every view of some examples, so that draws can be compared."""
    if len(found) <= MOST:
        return found
    examples = sorted({at for at, _ in found})
    share = MOST / len(found)
    count = max(1, int(share * len(examples)))
    picks: list[int] = np.linspace(0, len(examples) - 1, count).astype(int).tolist()
    chosen = {examples[i] for i in picks}
    return [pair for pair in found if pair[0] in chosen][:MOST]


def _last(image: Array, main: LeafSpec | None) -> Array:
    """A picture with its channels as the last axis; a view."""
    return np.moveaxis(image, 0, -1) if main is not None and main.channels_first else image


def _nothing() -> Basis:
    none = np.zeros((0, 1, 1)), np.zeros(0, int)
    nobody = none[1]
    return Basis("none", none[0], none[0], nobody, nobody, nobody, nobody, (), ())


def _basis(
    kind: Kind,
    trace: Trace,
    reference: Callable[[int], Array],
    found: list[tuple[int, int]],
) -> Basis:
    chosen = _spread(found)
    wholes = tuple((reference(at), _picture(trace, index)) for at, index in chosen)
    side = min((min(image.shape[:2]) for pair in wholes for image in pair), default=0)
    if side < 4:
        return _nothing()
    side = min(side, SIDE)
    small = tuple((shrunk(below, side), shrunk(view, side)) for below, view in wholes)
    return Basis(
        kind,
        np.stack([_grey(below) for below, _ in small]),
        np.stack([_grey(view) for _, view in small]),
        _batches(trace, [index for _, index in chosen]),
        np.zeros(0, int),
        np.array([at for at, _ in chosen]),
        trace.shown[[index for _, index in chosen]],
        wholes,
        small,
    )


def shrunk(image: Array, side: int) -> Array:
    """The mean of each of ``side`` x ``side`` even areas per channel, exact also for odd ratios.

    Args:
        image: Channels last, shape ``(height, width, channels)``.
        side: Areas per axis.

    Returns:
        float32, or float64 where that holds the image's values and float32 does not.
    """
    height, width, channels = image.shape
    made = image.astype(np.result_type(image.dtype, np.float32), copy=False)
    if (height, width) == (side, side):
        return made
    down, across = (area(length, side).astype(made.dtype) for length in (height, width))
    rows = down @ made.reshape(height, width * channels)
    return np.asarray(np.matmul(across, rows.reshape(side, width, channels)))


def _grey(image: Array) -> Array:
    """A picture, channels last, with its channels averaged away, float64."""
    channels = image.shape[-1]  # numpy takes five times as long for sums of three
    return np.asarray(image.astype(np.float64, copy=False) @ np.ones(channels) / channels)


@lru_cache(maxsize=16)
def area(length: int, side: int) -> Array:
    """The means over even parts of an axis as a matrix, float64, shape ``(side, length)``."""
    edges = np.arange(side + 1) * length / side
    cells = np.arange(length)
    overlap = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
    weights = overlap.clip(min=0)
    return weights / weights.sum(axis=1, keepdims=True)
