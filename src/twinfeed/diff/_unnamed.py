"""Whether paired examples differ although no cause was named: what forbids the verdict "same"."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Finding, Severity, Undecided
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff._ledger._account import account
from twinfeed.diff._measures.values.unexplained_difference import MEASURE
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, STILL_SHARE, SideName, Twins, kept_index
from twinfeed.stats.coarse import channels_last

DIFFER = "the feeds differ"
"""How the question begins where examples differ and nothing says why."""
UNNAMED = MEASURE.code
_LEVELS = 255
_MOST_COLUMNS = 1024  # of a table, each with a range of its own
_WHOLE = ("int", "uint", "bool")
_ROUNDING = 1.5  # levels: one side rounded, the other cut off, or either in float16
_CUT_OFF = 0.6  # levels, by which a mean moves where values are cut off to whole ones
_LAST_BITS = 1e-4  # levels, by which it moves where a factor is rounded otherwise
_MOST = 512  # pairs looked at
_SURELY = 6.0  # standard errors by which more draws lie on one side than a coin would give
_APART = 0.5  # of what two draws differ by, that the middle of the differences must be off
_TIMES = 3.0  # of what a side's own draws are off
_LEAST_PAIRS = 40
_MOST_UNEXPLAINED = 0.5  # share of the difference that notes may leave without a word
_OF_VALUES = {"PIX", "GEO", "VAL", "AUG"}
_SILENT = {"VAL204"}  # speaks of the type, not of what the values are


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
            return f"{self.levels / _LEVELS:.2g} of the range"
        return f"{self.levels:.2g} levels of 255"


def unnamed(twins: Twins, findings: Iterable[Finding]) -> Iterator[Undecided]:
    """What is to be said where nothing else was: examples differ, and why is not known."""
    if _named(twins, list(findings)):
        return
    needs = "the files behind both feeds where this machine can read them, or more paired examples"
    if not _drawn(twins):
        found = apart(twins)
        if found is not None and found.differing:
            yield MEASURE.undecided(
                f"{DIFFER} and the cause is not named:"
                f" {found.differing:,} of {found.pairs:,} paired examples are not equal, the most"
                f" different is example {found.row:,} of A, by {found.in_words}",
                needs,
            )
        return
    said = _draws_apart(twins)
    if said is not None:
        yield MEASURE.undecided(
            f"{DIFFER} beyond their own chance and the cause is not named: {said}", needs
        )


def _named(twins: Twins, findings: Sequence[Finding]) -> bool:
    """Whether a finding speaks of what differs: any that is grave, or a note that explains it."""
    if any(found.severity is not Severity.NOTE for found in findings):
        return True
    notes = [f for f in findings if f.code[:3] in _OF_VALUES and f.code not in _SILENT]
    if not notes or any(found.code == MEASURE.code for found in notes):
        return bool(notes)
    known = account(twins)
    return known is None or known.ledger.unexplained <= _MOST_UNEXPLAINED


def _drawn(twins: Twins) -> bool:
    """Whether chance stands between the sides: one of them gives an example anew in each epoch."""
    return any(
        again is not None and len(again.same) and again.share_same < STILL_SHARE
        for name in SIDES
        for again in (twins.epochs_of(name), twins.builds_of(name))
    )


@remembered
def apart(twins: Twins) -> Apart | None:
    """Hold the paired whole examples against each other, value by value."""
    mains = twins.left.main, twins.right.main
    if mains[0] is None or mains[1] is None:
        return None
    lefts, rights = ([int(i) for i in side[:_MOST]] for side in twins.kept_pairs)
    table = not (mains[0].is_image or mains[1].is_image)
    width = _widths(twins, lefts, rights) if table else max(map(_width, _sides(twins)))
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
        gap = np.nan_to_num(gap, nan=np.inf, posinf=np.inf) / width * _LEVELS
        found.append((float(gap.max(initial=0)), float(np.sqrt(np.square(gap).mean()))))
    if not found:
        return None
    most, rms = np.array(found).T
    worst = int(rms.argmax())
    least = 0 if table and whole else _ROUNDING  # a number more or less names another thing
    differing = int((most > least).sum())
    return Apart(differing, len(found), rows[worst], float(rms[worst]), table)


def _sides(twins: Twins) -> tuple[Trace, Trace]:
    return twins.left, twins.right


def _widths(twins: Twins, lefts: list[int], rights: list[int]) -> Array | float:
    """The width of the range of each column of two tables; of all where they have no columns."""
    whole = max(map(_width, _sides(twins)))
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


def _width(trace: Trace) -> float:
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


def _draws_apart(twins: Twins) -> str | None:
    """Whether one side's draws of the same examples lie above the other's, in words.

    Where both sides draw from one policy, either draw of an example is above the other as often
    as not. Draws that a batch shares count as one.
    """
    left, right = twins.kept_pairs
    if len(left) < _LEAST_PAIRS:
        return None
    sides = _features(twins.left, left), _features(twins.right, right)
    batches = [
        trace.rows.batch[trace.kept.row[at]]
        for trace, at in zip((twins.left, twins.right), (left, right), strict=True)
    ]
    width = max(map(_width, _sides(twins)))
    table = any(trace.main is not None and not trace.main.is_image for trace in _sides(twins))
    least = (_LAST_BITS if table else _CUT_OFF) / _LEVELS * width
    for column, name in enumerate(_FEATURES):
        gap = sides[1][:, column] - sides[0][:, column]
        if not np.isfinite(gap).all() or not gap.any():
            continue
        middle = float(np.median(gap))
        usual = float(np.median(np.abs(gap - middle)))
        own = max(_own_shift(twins, side, column) for side in SIDES)
        alike = np.sqrt(len(gap) * max(_shared(gap, each) for each in batches))
        one_way = abs(float(np.sign(gap).sum())) / alike
        if one_way > _SURELY and abs(middle) > max(least, _APART * usual, _TIMES * own):
            return (
                f"{name} of an example is {'larger' if middle > 0 else 'smaller'} in B in"
                f" {float((np.sign(gap) == np.sign(middle)).mean()):.0%} of {len(gap):,} pairs"
            )
    return None


_FEATURES = ("the mean", "the spread")


def _features(trace: Trace, at: Array) -> Array:
    """Mean and spread of whole examples, shape ``(examples, 2)``."""
    chosen: list[int] = at.tolist()
    found = [
        (
            float(np.mean(trace.kept.values[i], dtype=float)),
            float(np.std(trace.kept.values[i], dtype=float)),
        )
        if trace.kept.values[i].dtype.kind in "biuf"
        else (np.nan, np.nan)
        for i in chosen
    ]
    return np.array(found).reshape(-1, len(_FEATURES))


def _shared(gap: Array, batch: Array) -> float:
    """How many draws count as one, because the examples of a batch go the same way; at least 1."""
    _, group, sizes = np.unique(batch, return_inverse=True, return_counts=True)
    means = np.bincount(group, gap) / sizes
    power = float(gap.var())
    if len(sizes) < 2 or not power > 0:
        return float(sizes.max())
    return max(1.0, float(np.square(means - gap.mean()).mean()) * float(sizes.mean()) / power)


def _own_shift(twins: Twins, name: SideName, column: int) -> float:
    """By how much a side's own draws of the same examples differ in the middle."""
    trace = twins.side(name)
    found = 0.0
    for again in (twins.epochs_of(name), twins.builds_of(name)):
        if again is None:
            continue
        first, second = (kept_index(trace, rows) for rows in (again.pairs.left, again.pairs.right))
        both = (first >= 0) & (second >= 0)
        if both.any():
            gap = (_features(trace, second[both]) - _features(trace, first[both]))[:, column]
            found = max(found, abs(float(np.median(gap))))
    return found
