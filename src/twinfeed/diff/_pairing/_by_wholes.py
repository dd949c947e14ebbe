"""Pairs told by examples that were kept whole: what is equal in them, at its place or at another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Rows, Trace
from twinfeed.diff._pairing._by_lines import same_scaled
from twinfeed.diff._pairing._by_order import same_order
from twinfeed.diff._pairing._by_parts import same_parts
from twinfeed.diff._pairing._by_points import same_points
from twinfeed.diff._pairing._by_ranks import same_ranks
from twinfeed.diff._pairing._by_values import same_values
from twinfeed.diff._pairing._by_words import same_counts, same_runs
from twinfeed.diff._pairing._pairs import Pairs, common
from twinfeed.stats.channel_lines import ChannelLines, channel_lines

_TELLING = 16  # pairs that tell how values were scaled
_POINTS = 4096  # points of each that are asked, evenly spread
_FOLLOWED = 0.05  # share of the variance that a scale may leave, and another resize with it
_OVERLAP = 0.25  # share of the examples in pairs, where none is the same, that strangers may make
_TO_THE_BIT = 1e-7  # share of the variance that rounding leaves of a scale


def by_parts(left: Trace, right: Trace, found: Pairs) -> Pairs:
    """The pairs found, and of the others those of which a part stayed the same."""
    images = [trace.main is not None and trace.main.is_image for trace in (left, right)]
    if left.main is None or right.main is None or images[0] != images[1] or found.method == "id":
        return found
    if not any(images) and {left.role, right.role} == {"fit", "validation"}:
        return found  # rows of one customer in two parts share much, and are two examples
    places = [
        np.flatnonzero(np.isin(trace.kept.row, np.setdiff1d(rows, paired)))
        for trace, rows, paired in (
            (left, found.left_rows, found.left),
            (right, found.right_rows, found.right),
        )
    ]
    sides = [
        [trace.kept.values[at] for at in alone.tolist()]
        for trace, alone in zip((left, right), places, strict=True)
    ]
    if all(images):
        mains = left.main, right.main
        shown = [_channels_last(side, main) for side, main in zip(sides, mains, strict=True)]
        line = _line_of(left, right, found) if all(sides) else None
        if line is not None:
            shown[0] = [line.gain * picture + line.offset for picture in shown[0]]
        exactly = line is not None and float(line.left_over.max()) < _TO_THE_BIT
        at_left, at_right, doubt = same_points(*shown, exactly=exactly)
    else:
        at_left, at_right = same_parts(*sides)
        doubt = np.zeros(len(at_left))
        if not len(found) and len(at_left) < _OVERLAP * min(map(len, sides)):
            return found  # windows over one series share rows with a few strangers
    if not len(at_left):
        return found
    wrong = 0.5 * float(np.square(doubt).sum())
    more = left.kept.row[places[0][at_left]], right.kept.row[places[1][at_right]]
    return found.also(*more, "parts", wrong=wrong)


def by_runs(left: Trace, right: Trace, found: Pairs) -> Pairs:
    """The pairs found, and of the others those sentences that have runs of words in common."""
    mains = left.main, right.main
    if found.method == "id" or any(main is None or main.is_image for main in mains):
        return found
    if {left.role, right.role} == {"fit", "validation"}:
        return found  # letters of one writer share much, and are two examples
    kept, values = _whole(left, right, found)
    places = [
        np.flatnonzero(~np.isin(rows, paired))
        for rows, paired in zip(kept, (found.left, found.right), strict=True)
    ]
    mine, theirs = same_runs(
        [values[0][at] for at in places[0].tolist()], [values[1][at] for at in places[1].tolist()]
    )
    if not len(mine):
        return found
    return found.also(kept[0][places[0][mine]], kept[1][places[1][theirs]], "parts")


def by_scale(left: Trace, right: Trace, found: Pairs) -> Pairs:
    """The pairs found, or more of them where each column of a table was scaled."""
    kept, values = _whole(left, right, found)
    pairs = same_scaled(*values)
    if pairs is None:
        return found
    a, b = _with_copies(left.rows, right.rows, (kept[0][pairs[0]], kept[1][pairs[1]]), found)
    if len(a) <= len(found):
        return found
    return replace(found, left=a, right=b, method="likeness", confidence=1.0)


def by_values(left: Trace, right: Trace, found: Pairs) -> Pairs | None:
    """By what whole examples hold, wherever it stands in them."""
    kept, values = _whole(left, right, found)
    pairs = same_values(*values)
    if pairs is None:
        return None
    a, b = kept[0][pairs[0]], kept[1][pairs[1]]
    order = np.argsort(a, kind="stable")
    return Pairs(a[order], b[order], "values", 1.0, found.left_rows, found.right_rows)


def by_ranks(left: Trace, right: Trace, found: Pairs) -> Pairs | None:
    """By ranks that whole rows have in their columns, how often numbers are there, or their order."""
    kept, values = _whole(left, right, found)
    pairs = same_ranks(*values) or same_counts(*values) or same_order(*values)
    if pairs is None:
        return None
    a, b = _with_copies(left.rows, right.rows, (kept[0][pairs[0]], kept[1][pairs[1]]), found)
    return replace(found, left=a, right=b, method="likeness", confidence=1.0)


def _whole(
    left: Trace, right: Trace, found: Pairs
) -> tuple[tuple[Array, Array], tuple[list[Array], list[Array]]]:
    """The rows of two passes that were kept whole, and their examples."""
    at = [
        np.flatnonzero(np.isin(trace.kept.row, rows))
        for trace, rows in ((left, found.left_rows), (right, found.right_rows))
    ]
    mine, theirs = (
        [trace.kept.values[place] for place in places.tolist()]
        for trace, places in zip((left, right), at, strict=True)
    )
    return (left.kept.row[at[0]], right.kept.row[at[1]]), (mine, theirs)


def _with_copies(
    left: Rows, right: Rows, pairs: tuple[Array, Array], found: Pairs
) -> tuple[Array, Array]:
    """All rows that hold what pairs do, of which one copy was kept: the n-th with the n-th."""
    keys = [rows.content[of] for rows, of in ((left, found.left_rows), (right, found.right_rows))]
    mine, theirs = left.content[pairs[0]], right.content[pairs[1]]
    known = np.isin(keys[0], mine), np.isin(keys[1], theirs)
    order = np.argsort(theirs)
    same = mine[order[np.searchsorted(theirs[order], keys[1][known[1]])]]
    a, b = common(keys[0][known[0]], same)
    return found.left_rows[known[0]][a], found.right_rows[known[1]][b]


def _channels_last(pictures: Sequence[Array], main: LeafSpec) -> list[Array]:
    axis = 0 if main.channels_first else -1
    return [np.moveaxis(picture, axis, -1) for picture in pictures]


def _line_of(left: Trace, right: Trace, found: Pairs) -> ChannelLines | None:
    """The line from A's values to B's that pictures found so far follow; ``None`` without one."""
    if left.main is None or right.main is None:
        return None
    both = np.isin(found.left, left.kept.row) & np.isin(found.right, right.kept.row)
    points: list[Array] = []
    for trace, rows, main in (
        (left, found.left[both][:_TELLING], left.main),
        (right, found.right[both][:_TELLING], right.main),
    ):
        at: list[int] = np.searchsorted(trace.kept.row, rows).tolist()
        pictures = _channels_last([trace.kept.values[one] for one in at], main)
        if len({picture.shape for picture in pictures}) != 1:
            return None
        flat = np.stack([picture.reshape(-1, picture.shape[-1]) for picture in pictures])
        some = flat[:, :: max(1, flat.shape[1] // _POINTS)]
        points.append(some.reshape(-1, flat.shape[-1]).astype(np.float64))
    if points[0].shape != points[1].shape or not all(np.isfinite(side).all() for side in points):
        return None
    line = channel_lines(*points)
    return line if line is not None and float(line.left_over.max()) < _FOLLOWED else None
