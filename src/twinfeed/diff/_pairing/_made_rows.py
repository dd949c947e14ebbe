"""Rows of a validation that were drawn between rows that are trained on: multiplied before the split.

Three rows of measured numbers never lie on one line by chance. Rows that were made from two others,
as SMOTE makes them of a rare class, lie on the line of those two, to the last digits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace

_COLUMNS = 4  # columns that must change along a line: in fewer, three rows may lie on one by chance
_CHANGES = 0.02  # of the length of a step, that counts as a change of a column
_NEAREST = 24  # rows among which two on a line with a third are looked for
_ANGLE, _WIDEST = 1e-4, 1e-3  # sine between two steps of one line, and what rounding may make of it
_STEP = 1e-3  # of the distance of strangers, below which a row is the other one, rounded
_LOOSE = 10  # times the sine, within which hardly more may lie: near a plane or a bend ten times as many do
_MORE = 0.3
_ROUNDING = 8 * float(np.finfo(np.float32).eps)
_SHARE, _LEAST = 0.1, 8  # of the validation, that must be so
_EVERYWHERE = 0.01  # share of rows on a line with any two, above which all of the data is a line
_MOST = 1536, 512  # rows of the training and of the validation
_BROKEN = 0.5  # share of numbers of a column that are no whole ones


@dataclass(frozen=True, slots=True)
class MadeRows:
    """How many rows of a validation were made from rows that are trained on.

    Attributes:
        found: Rows on a line with two that are trained on.
        of: Rows of the validation that were looked at.
    """

    found: int
    of: int


def made_rows(trained: Trace, held: Trace) -> MadeRows | None:
    """Count them among the rows kept whole; ``None`` where there are none, or no tables."""
    sides = [_rows(trace, most) for trace, most in zip((trained, held), _MOST, strict=True)]
    mine, theirs = sides
    if mine is None or theirs is None or mine.shape[1] != theirs.shape[1]:
        return None
    both = np.concatenate([mine, theirs])
    spread = both.std(axis=0)
    measured = ((both != np.rint(both)).mean(axis=0) >= _BROKEN) & (spread > 0)
    if int(measured.sum()) < _COLUMNS:
        return None
    mine, theirs = (side[:, measured] / spread[measured] for side in (mine, theirs))
    strangers = np.random.default_rng(0).integers(0, len(mine), (2, len(theirs), 2))
    apart = float(np.median(np.linalg.norm(mine[strangers[0, :, 0]] - theirs, axis=1)))
    scale = max(float(np.abs(both[:, measured] / spread[measured]).max()), 1.0)
    looked = [_on_a_line(row, _near(row, mine), apart, scale) for row in theirs]
    found, loosely = (sum(which) for which in zip(*looked, strict=True))
    if found < max(_LEAST, _SHARE * len(theirs)) or loosely > (1 + _MORE) * found:
        return None
    by_chance = sum(
        _on_a_line(row, mine[picks], apart, scale)[0]
        for row, picks in zip(theirs, strangers[1], strict=True)
    )
    return MadeRows(found, len(theirs)) if by_chance <= _EVERYWHERE * len(theirs) else None


def _near(row: Array, rows: Array) -> Array:
    """The rows that are nearest to one."""
    distance = ((rows - row) ** 2).sum(axis=1)
    return rows[np.argpartition(distance, min(_NEAREST, len(rows) - 1))[:_NEAREST]]


def _on_a_line(row: Array, rows: Array, apart: float, scale: float) -> tuple[bool, bool]:
    """Whether a row lies on a line with two others, along which several columns change, or nearly."""
    steps = rows - row
    lengths = np.linalg.norm(steps, axis=1)
    real = lengths > _STEP * apart
    steps, lengths = steps[real] / lengths[real, np.newaxis], lengths[real]
    changing = (np.abs(steps) > _CHANGES).sum(axis=1) >= _COLUMNS
    steps, lengths = steps[changing], lengths[changing]
    if len(steps) < 2:
        return False, False
    # The sine of a small angle is lost in its cosine: what one step leaves of another is not.
    cosine = steps @ steps.T
    rest = steps[:, np.newaxis] - cosine[..., np.newaxis] * steps[np.newaxis]
    sine = np.linalg.norm(rest, axis=2)
    rounding = _ROUNDING * scale / np.minimum(lengths[:, np.newaxis], lengths)
    apart_rows = np.linalg.norm(
        steps[:, np.newaxis] * lengths[:, np.newaxis, np.newaxis]
        - steps[np.newaxis] * lengths[np.newaxis, :, np.newaxis],
        axis=2,
    )
    upper = np.triu_indices(len(steps), 1)
    real_pairs = (apart_rows > _STEP * apart)[upper]
    most = np.clip(rounding, _ANGLE, _WIDEST)[upper]
    sines = sine[upper]
    return (
        bool((real_pairs & (sines < most)).any()),
        bool((real_pairs & (sines < _LOOSE * most)).any()),
    )


def _rows(trace: Trace, most: int) -> Array | None:
    """Different rows of a table; ``None`` for anything else, or too few of them."""
    main = trace.main
    if main is None or main.is_image or len(main.shape) != 1:
        return None
    every: Array = np.unique(trace.rows.content[trace.kept.row], return_index=True)[1]
    picks: Array = np.linspace(0, len(every) - 1, min(len(every), most)).astype(int)
    values: list[Array] = [trace.kept.values[at] for at in np.sort(every)[picks].tolist()]
    if len(values) < 4 * _LEAST or values[0].dtype.kind != "f":
        return None
    if len({one.shape for one in values}) != 1:
        return None
    stacked: Array = np.stack(values).astype(np.float64)
    return stacked if np.isfinite(stacked).all() else None
