"""Two epochs of one feed, paired by what both were paired with in another feed.

Two draws of one picture are apart by both draws, a draw and its original by one: where the other
feed changes less, more are found, and it has been searched already.
"""

from __future__ import annotations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._pairing._likeness import flips_tell
from twinfeed.diff._pairing._pair import ENOUGH_AGAIN
from twinfeed.diff._pairing._pairs import Pairs, common

_FEW = 100  # changed examples that are quickly looked for in their own feed
_KNOWN = 0.7  # share of examples found in the other feed: most of the draws are found there too


def draws(trace: Trace, first: int, second: int) -> Array:
    """Rows of an epoch to pair with another feed, in the order read.

    All whose pictures are there, and others that the first epoch did not show alike.
    """
    rows = trace.rows_of(second)
    shown = np.isin(rows, trace.shown)
    others = rows[_changed(trace, first, rows) & ~shown]
    count = min(len(others), max(0, ENOUGH_AGAIN - int(shown.sum())))
    some = others[np.linspace(0, len(others) - 1, count).astype(int)]
    return np.sort(np.concatenate([rows[shown], some]))


def worth_it(trace: Trace, first: int, second: int, sides: Pairs) -> bool:
    """Whether two epochs are better paired through another feed.

    Args:
        trace: The feed.
        first: An epoch of it.
        second: Another one.
        sides: Its first epoch paired with that of the other feed.
    """
    shorter = min(len(sides.left_rows), len(sides.right_rows))
    if sides.method in {"values", "place"} or len(sides) < _KNOWN * shorter or trace.rows.id.all():
        return False
    if sides.method == "parts" and trace.main is not None and not trace.main.is_image:
        return (
            False  # the parts of a sentence are in its own draws as well, and coarse views are not
        )
    rows = trace.rows_of(second)
    changed = rows[_changed(trace, first, rows)]
    if len(changed) <= _FEW:
        return False
    views, some = trace.rows.signature, changed[:: max(1, len(changed) // _FEW)]
    return not flips_tell(views[trace.rows_of(first)], views[some])


def pair_through(trace: Trace, second: int, near: Pairs, far: Pairs) -> Pairs:
    """Pair two epochs of a feed.

    Args:
        trace: The feed.
        second: Its second epoch.
        near: Rows of its first epoch, left, with rows of another feed.
        far: The same of ``draws`` of the second epoch.
    """
    rows = near.left_rows, trace.rows_of(second)
    a, b = common(*(trace.rows.content[side] for side in rows))
    a, b = rows[0][a], rows[1][b]
    _, at_near, at_far = np.intersect1d(near.right, far.right, return_indices=True)
    left, right = near.left[at_near], far.left[at_far]
    free = ~np.isin(left, a) & ~np.isin(right, b)
    left, right = np.concatenate([a, left[free]]), np.concatenate([b, right[free]])
    order = np.argsort(left, kind="stable")
    unlike = rows[1][~np.isin(rows[1], b)]
    wrong = (1 - near.confidence * far.confidence) * int(free.sum())
    return Pairs(
        left[order],
        right[order],
        "likeness" if free.any() else "content",
        1 - wrong / max(1, len(left)),
        *rows,
        sought=max(float(np.isin(unlike, far.left_rows).mean()), 1e-3) if len(unlike) else 1.0,
    )


def _changed(trace: Trace, first: int, rows: Array) -> Array:
    """Which rows show what none of an epoch shows."""
    return ~np.isin(trace.rows.content[rows], trace.rows.content[trace.rows_of(first)])
