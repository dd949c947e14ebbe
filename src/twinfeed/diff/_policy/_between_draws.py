"""Whether draws come again, told from two draws of each example and nothing without augmentation.

From one epoch to the next an example moves by the difference of its two draws. Where the draw
belongs to the place in the stream, few draws explain all of these differences, as heights of places
explain all differences of height; where each example draws for itself, they explain few. Where
pictures are mirrored only, a move says that two draws are alike or not: going round from draw to
draw, such words contradict each other half of the time, and never where the draws are the places'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._policy._mirrors import contradicted, ways_round
from twinfeed.diff._twins import STILL_SHARE, SideName, Twins
from twinfeed.diff._views._register import register
from twinfeed.diff._views._warp import SIDE

_FIELDS: dict[str, tuple[tuple[str, ...], float]] = {
    "shift_y": (("flip_y",), 0.025),
    "shift_x": (("flip_x",), 0.025),
    "rotation_degrees": (("flip_x", "flip_y"), 3.0),
    "zoom_y": ((), 0.04),
    "zoom_x": ((), 0.04),
}
"""What adds up from draw to draw, what turns it round, and what registration may leave of it.

Zooms multiply: of them the logarithms add up.
"""
_FEW_TURNED = 0.025  # share of the moves that may be turned round, registered wrongly as a rule
_MOST = 400  # moves between two passes that are explained
_WHOLE = 600  # examples up to which all of them are, as it takes where each place has a draw
_LEAST = 60
_WORKERS = range(8, 0, -1)
_FREE = 24  # moves beyond the draws that explain them
_TAKEN_OUT = 0.2  # share of the moves that may be left aside, as registered wrongly
_OF_FREE = 0.25  # of those beyond the draws: without all of these, any draws explain the others
_STRAY = 6.0  # times what the middle one is apart: four deviations
_LEFT = 0.08  # of the power of the moves, that noise leaves unexplained
_CHANCE = 0.3  # of what exchanged places leave
_EXCHANGED = 6
_OF_BATCHES = 0.3  # share of the power of moves, below which those of a batch all move as one
_OPEN = 1e-6  # of a move: holds draws that nothing is known of
_MIRRORED = 0.1, 0.9  # share of the moves that mirror, outside of which they tell little


def explained_by_places(twins: Twins, name: SideName) -> tuple[int, float, float, int] | None:
    """Whether the draws of one side belong to places in the stream, which come again.

    Returns:
        How many workers share their draws, 1 where only epochs do; the share of the moves that
        stays unexplained, and that with places exchanged; and how many moves there are.
    """
    trace = twins.side(name)
    fine = _fine(twins, name)
    pairs, still = _moves(twins, name, fine)
    if len(pairs) < _LEAST or trace.rows.signature.shape[1] != SIDE**2:
        return None
    pairs, columns = _registered(twins, name, pairs, fine)
    if not len(pairs):
        return None  # frames that follow one another may be paired, and lie nowhere on each other
    place = _places(trace)
    for field, (mirrors, noise) in _FIELDS.items():
        moved = np.log(columns[field]) if field.startswith("zoom") else columns[field]
        turned = max((float(columns[mirror].mean()) for mirror in mirrors), default=0.0)
        if turned > _FEW_TURNED or float(moved.std()) < 2 * noise:
            continue
        if _by_few_batches(trace, pairs, moved):
            continue
        for workers, every in _hypotheses(trace, pairs, place):
            at = _spread(len(pairs), len(pairs) if workers == 1 else _MOST)
            ends, these = every[at], moved[at]
            left = _left(ends, these)
            if left is None or left > _LEFT:
                continue
            chance = _by_chance(ends, these, _left, left)
            if left < _CHANCE * chance:
                return workers, left, chance, len(these)
    # What stays as it is tells as much as what turns.
    mirrored = np.r_[columns["flip_x"], np.zeros(len(still), bool)]
    return _mirrored_by_places(trace, np.concatenate([pairs, still]), mirrored)


def _mirrored_by_places(
    trace: Trace, pairs: Array, mirrored: Array
) -> tuple[int, float, float, int] | None:
    """The same where pictures are mirrored."""
    if not len(pairs) or not _MIRRORED[0] < mirrored.mean() < _MIRRORED[1]:
        return None
    for workers, ends in _hypotheses(trace, pairs, _places(trace)):
        left = contradicted(ends, mirrored)
        chance = 0.0 if left is None else _by_chance(ends, mirrored, contradicted, left)
        if left is not None and left < _CHANCE * chance:
            return workers, left, chance, len(pairs)
    return None


def _by_chance(
    ends: Array, moved: Array, work_out: Callable[[Array, Array], float | None], left: float
) -> float:
    """The least that draws of exchanged places leave, or the first of it that ``left`` is not below."""
    random = np.random.default_rng(0)
    least = np.inf
    for _ in range(_EXCHANGED):
        exchanged = np.stack([ends[:, 0], random.permutation(ends[:, 1])], axis=1)
        one = work_out(exchanged, moved)
        least = least if one is None else min(least, one)
        if left >= _CHANCE * least:
            break
    return least if np.isfinite(least) else 0.0


def _fine(twins: Twins, name: SideName) -> Array:
    """Rows of two draws that were registered by their pictures, ``(views, 2)``, as the views go."""
    basis = twins.basis[name]
    if basis.kind != "epochs":
        return np.zeros((0, 2), int)
    rows = np.stack([twins.side(name).shown[basis.example], basis.row], axis=1)
    return cast("Array", rows[twins.views[name].index])


def _moves(twins: Twins, name: SideName, fine: Array) -> tuple[Array, Array]:
    """Rows that show one example in two epochs or builds: changed, and as it was; ``(moves, 2)``."""
    moving = still = np.zeros((0, 2), int)
    few = len(twins.side(name).rows_of(0)) <= _WHOLE
    for another in (twins.epochs_of, twins.builds_of):
        again = another(name)
        # What a fresh build draws again by its seed has not moved.
        if again is not None and again.share_same < STILL_SHARE:
            rows = np.stack([again.pairs.left, again.pairs.right], axis=1)
            moves = rows[~again.same]
            step = max(1, -(-len(moves) // (_WHOLE if few else _MOST)))
            moving = np.concatenate([moving, _some(moves, -(-len(moves) // step), fine)])
            still = np.concatenate([still, rows[again.same][::step]])
        if len(moving) >= _MOST // 2 and not few:
            break  # a build more would tell no more than this many do
    return moving, still


def _some(moves: Array, count: int, fine: Array) -> Array:
    """So many of them, those that were registered by their pictures first."""
    known = _among(moves, fine)
    at = [np.flatnonzero(known), np.flatnonzero(~known)]
    first = at[0][_spread(len(at[0]), count)]
    rest = at[1][_spread(len(at[1]), count - len(first))]
    return moves[np.sort(np.concatenate([first, rest]))]


def _spread(length: int, count: int) -> Array:
    """At most so many places of a length, evenly."""
    return np.linspace(0, length - 1, min(count, length)).astype(int)


def _among(pairs: Array, others: Array) -> Array:
    """Which pairs of rows are among others."""
    rows = int(max(pairs.max(initial=0), others.max(initial=0))) + 1
    mine, theirs = (each[:, 0] * rows + each[:, 1] for each in (pairs, others))
    return np.isin(mine, theirs)


def _registered(
    twins: Twins, name: SideName, pairs: Array, fine: Array
) -> tuple[Array, dict[str, Array]]:
    """Those of the pairs that could be registered, and how the second of each lies to the first.

    Views that were registered by their pictures are known already, and better than coarse ones.
    """
    views = twins.views[name]
    at = np.flatnonzero(_among(fine, pairs))
    rest = pairs[~_among(pairs, fine)]
    first, second = (
        twins.side(name).rows.signature[side].reshape(-1, SIDE, SIDE).astype(float)
        for side in rest.T
    )
    coarse = register(first, second)
    fields = {*_FIELDS, *(mirror for mirrors, _ in _FIELDS.values() for mirror in mirrors)}
    columns = {
        field: np.concatenate([getattr(views, field)[at], getattr(coarse, field)])
        for field in fields
    }
    return np.concatenate([fine[at], rest[coarse.index]]), columns


def _places(trace: Trace) -> Array:
    """The place of each row in its batch, shape ``(rows,)``."""
    rows = trace.rows
    new = np.r_[True, (np.diff(rows.batch) != 0) | (np.diff(rows.epoch) != 0)]
    starts = np.flatnonzero(new)
    return np.arange(len(rows)) - starts[np.cumsum(new) - 1]


def _by_few_batches(trace: Trace, pairs: Array, moved: Array) -> bool:
    """Whether each batch moves as one, and so few that some draws explain them by chance."""
    rows = trace.rows
    ends = np.concatenate([rows.epoch[pairs], rows.batch[pairs]], axis=1)
    _, group, count = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    group = group.reshape(-1)
    if len(count) >= _LEAST:
        return False
    means = np.bincount(group, weights=moved) / count
    within = float(np.square(moved - means[group]).sum())
    return within < _OF_BATCHES * float(np.square(moved - moved.mean()).sum())


def _hypotheses(trace: Trace, pairs: Array, place: Array) -> Iterator[tuple[int, Array]]:
    """Numbers of the draws behind both views of each move, for so many workers that share them."""
    for again in (True, False):
        for workers in _WORKERS:
            if workers == 1 and not again:
                continue
            rows = pairs.ravel()
            keys = np.stack(
                [
                    np.zeros(len(rows), int) if again else trace.rows.epoch[rows],
                    trace.rows.batch[rows] // workers,
                    place[rows],
                ]
            )
            _, draw = np.unique(keys, axis=1, return_inverse=True)
            yield workers, draw.reshape(pairs.shape)


def _left(ends: Array, moved: Array) -> float | None:
    """What draws at these ends leave of the moves, as a share per move that is free to differ."""
    count = int(ends.max()) + 1
    keep = other = ends[:, 0] != ends[:, 1]  # of what stays at its place, any draw explains all
    apart, free = np.zeros(len(moved)), 0
    most = min(_TAKEN_OUT, _OF_FREE * ways_round(ends[keep]) / len(moved))
    for _ in range(3):
        free = ways_round(ends[keep])
        if free < _FREE:
            return None
        draws = _draws(ends[keep], moved[keep], count)
        apart = np.abs(moved - (draws[ends[:, 1]] - draws[ends[:, 0]]))
        usual = np.quantile(apart[other], (0.5, 1 - most))
        last, keep = keep, other & (apart <= max(_STRAY * usual[0], usual[1]))
        if (last == keep).all():
            break
    return float(np.square(apart[keep]).sum()) / free / float(np.square(moved).mean())


def _draws(ends: Array, moved: Array, count: int) -> Array:
    """The draws that explain moves best, by least squares.

    What the moves leave open, such as a step that all draws have in common, is nearly nought.
    """
    # Of a graph's edges, the normal equations are its Laplacian: less than a third of the work.
    first, second = ends.T
    laplacian = np.zeros((count, count))
    for row, column, sign in ((0, 0, 1), (1, 1, 1), (0, 1, -1), (1, 0, -1)):
        np.add.at(laplacian, (ends[:, row], ends[:, column]), sign)
    laplacian[np.diag_indices(count)] += _OPEN
    sums = np.bincount(second, moved, count) - np.bincount(first, moved, count)
    return cast("Array", np.linalg.solve(laplacian, sums))
