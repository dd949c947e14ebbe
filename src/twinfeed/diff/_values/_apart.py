"""How far paired whole examples are apart, value by value."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, Twins
from twinfeed.stats.coarse import channels_last

LEVELS = 255
_MOST_COLUMNS = 1024  # of a table, each with a range of its own
_WHOLE = ("int", "uint", "bool")
_ROUNDING = 1.5  # levels: one side rounded, the other cut off, or either in float16
_MOST = 512  # pairs looked at


@dataclass(frozen=True, slots=True)
class Apart:
    """How paired pictures or vectors differ.

    Attributes:
        differing: Pairs that differ by more than rounding.
        pairs: Pairs held against each other.
        row: Row of A of the most different pair.
        levels: Its root mean square difference, in 255ths of the range.
        table: Whether the examples are no pictures; ranges are then those of each column.
    """

    differing: int
    pairs: int
    row: int
    levels: float
    table: bool

    @property
    def in_words(self) -> str:
        """How far the most different pair is apart."""
        if self.table:
            return f"{self.levels / LEVELS:.2g} of the range"
        return f"{self.levels:.2g} levels of 255"


@remembered
def apart(twins: Twins) -> Apart | None:
    """Hold the paired whole examples against each other, value by value."""
    mains = twins.left.main, twins.right.main
    if mains[0] is None or mains[1] is None:
        return None
    lefts, rights = ([int(i) for i in side[:_MOST]] for side in twins.kept_pairs)
    table = not (mains[0].is_image or mains[1].is_image)
    width = (
        _widths(twins, lefts, rights) if table else max(map(width_of, (twins.left, twins.right)))
    )
    if not (np.asarray(width) > 0).all() or not np.isfinite(width).all():
        return None
    whole = all(main.dtype.startswith(_WHOLE) for main in mains if main)
    found: list[tuple[float, float]] = []
    rows: list[int] = []
    for i, j in zip(lefts, rights, strict=True):
        a = _comparable(twins.left.kept.values[i], mains[0])
        b = _comparable(twins.right.kept.values[j], mains[1])
        rows.append(int(twins.left.kept.row[i]))
        if a is None or b is None or a.shape != b.shape:
            found.append((0.0, 0.0))
            continue
        with np.errstate(invalid="ignore", over="ignore"):
            gap = np.abs(a - b)
        # The same missing value on both sides is no difference; an example may be one number.
        gap = np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0, gap)
        gap = np.nan_to_num(gap, nan=np.inf, posinf=np.inf) / width * LEVELS
        found.append((float(gap.max(initial=0)), float(np.sqrt(np.square(gap).mean()))))
    if not found:
        return None
    most, rms = np.array(found).T
    worst = int(rms.argmax())
    least = 0 if table and whole else _ROUNDING  # a number more or less names another thing
    differing = int((most > least).sum())
    return Apart(differing, len(found), rows[worst], float(rms[worst]), table)


def _widths(twins: Twins, lefts: list[int], rights: list[int]) -> Array | float:
    """The width of the range of each column of two tables; of all where they have no columns."""
    whole = max(map(width_of, (twins.left, twins.right)))
    examples = [
        twins.side(name).kept.values[at]
        for name, side in zip(SIDES, (lefts, rights), strict=True)
        for at in side
    ]
    if len({each.shape for each in examples}) != 1 or examples[0].dtype.kind not in "biuf":
        return whole
    if not 0 < examples[0].size <= _MOST_COLUMNS:
        return whole if examples[0].size else 0.0
    values = np.stack(examples).astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column without any number
        found = np.nanmax(values, axis=0) - np.nanmin(values, axis=0)
    return np.where(found > 0, found, whole)


def width_of(trace: Trace) -> float:
    """The width of a side's range."""
    assert trace.main is not None
    stats = trace.stats_of(trace.main.path)
    if stats is None or stats.low is None or stats.high is None:
        return 0.0
    return float(stats.high) - float(stats.low)


def _comparable(example: Array, main: LeafSpec) -> Array | None:
    if example.dtype.kind not in "biuf":
        return None
    whole = channels_last(example[None], main)[0] if main.is_image else example
    return whole.astype(np.float64)
