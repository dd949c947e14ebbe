"""Whether paired examples differ although no cause was named: what forbids the verdict "same"."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Finding, Severity, Undecided
from twinfeed._core.trace import Trace
from twinfeed.diff._ledger._account import account
from twinfeed.diff._measures.values.unexplained_difference import MEASURE
from twinfeed.diff._policy._recovered import policy
from twinfeed.diff._twins import SIDES, STILL_SHARE, SideName, Twins, kept_again
from twinfeed.diff._values._apart import LEVELS, apart, width_of
from twinfeed.stats.clusters import draws_as_one

DIFFER = "the feeds differ"
"""How the question begins where examples differ and nothing says why."""
UNNAMED = MEASURE.code
_CUT_OFF = 0.6  # levels, by which a mean moves where values are cut off to whole ones
_LAST_BITS = 1e-4  # levels, by which it moves where a factor is rounded otherwise
_SURELY = 6.0  # standard errors by which more draws lie on one side than a coin would give
_APART = 0.5  # of what two draws differ by, that the middle of the differences must be off
_TIMES = 3.0  # of what a side's own draws are off
_SURELY_MORE = 4.0  # standard errors by which one side must change more of its examples
_NEARLY_ALL = 0.9  # share of the examples that must be found again, for those changed to be counted
_LEAST_SHARE = 0.05  # of the examples, by which the sides must differ in those they change
_LEAST_PAIRS = 40
_MOST_UNEXPLAINED = 0.5  # share of the difference that notes may leave without a word
_OF_VALUES = {"PIX", "GEO", "VAL", "AUG"}
_SILENT = {"VAL204"}  # speaks of the type, not of what the values are


def unnamed(twins: Twins, findings: Iterable[Finding]) -> Iterator[Undecided]:
    """What is to be said where nothing else was: examples differ, and why is not known."""
    if _named(twins, list(findings)):
        return
    needs = "the files behind both feeds where this machine can read them, or more paired examples"
    # Of draws that never change either, two are not equal where both sides draw by one rule.
    stated = all(policy(twins, name).basis == "stated" for name in SIDES)
    if not (stated or _drawn(twins)):
        found = apart(twins)
        if found is not None and found.differing:
            yield MEASURE.undecided(
                f"{DIFFER} and the cause is not named:"
                f" {found.differing:,} of {found.pairs:,} paired examples are not equal, the most"
                f" different is example {found.row:,} of A, by {found.in_words}",
                needs,
            )
        return
    said = _draws_apart(twins) or _changed_apart(twins)
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
    width = max(map(width_of, (twins.left, twins.right)))
    table = any(
        trace.main is not None and not trace.main.is_image for trace in (twins.left, twins.right)
    )
    least = (_LAST_BITS if table else _CUT_OFF) / LEVELS * width
    for column, name in enumerate(_FEATURES):
        gap = sides[1][:, column] - sides[0][:, column]
        if not np.isfinite(gap).all() or not gap.any():
            continue
        middle = float(np.median(gap))
        usual = float(np.median(np.abs(gap - middle)))
        own = max(_own_shift(twins, side, column) for side in SIDES)
        alike = np.sqrt(len(gap) * max(draws_as_one(gap, each) for each in batches))
        one_way = abs(float(np.sign(gap).sum())) / alike
        if one_way > _SURELY and abs(middle) > max(least, _APART * usual, _TIMES * own):
            return (
                f"{name} of an example is {'larger' if middle > 0 else 'smaller'} in B in"
                f" {float((np.sign(gap) == np.sign(middle)).mean()):.0%} of {len(gap):,} pairs"
            )
    return None


def _changed_apart(twins: Twins) -> str | None:
    """Whether one side draws for more of its examples than the other, in words.

    Only where nearly all examples are found again: those that are not are changed the most.
    """
    if len(twins.pairs) < _NEARLY_ALL * len(twins.pairs.left_rows):
        return None
    sides = [_changed(twins, name) for name in SIDES]
    if any(len(changed) < _LEAST_PAIRS for changed, _ in sides):
        return None
    shares = [float(changed.mean()) for changed, _ in sides]
    doubt = sum(
        max(share * (1 - share), 1 / len(changed)) / len(changed) * alike
        for share, (changed, alike) in zip(shares, sides, strict=True)
    )
    gap = abs(shares[1] - shares[0])
    if gap < _LEAST_SHARE or gap <= _SURELY_MORE * float(np.sqrt(doubt)):
        return None
    return (
        f"from one draw to the next {shares[0]:.0%} of the examples change in A"
        f" and {shares[1]:.0%} in B"
    )


def _changed(twins: Twins, name: SideName) -> tuple[Array, float]:
    """Whether each example changed from one draw to the next, and how many of these are as one."""
    rows, parts, alike = twins.side(name).rows, [np.zeros(0)], 1.0
    for again in (twins.epochs_of(name), twins.builds_of(name)):
        # What a fresh build draws again by its seed is no other draw.
        if again is None or again.found < _NEARLY_ALL or again.share_same >= STILL_SHARE:
            continue
        fairly = again.fairly
        parts.append((~again.same[fairly]).astype(float))
        if parts[-1].std() > 0:
            both = (rows.batch[each[fairly]] for each in (again.pairs.left, again.pairs.right))
            alike = max(alike, *(draws_as_one(parts[-1], each) for each in both))
    return np.concatenate(parts), alike


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


def _own_shift(twins: Twins, name: SideName, column: int) -> float:
    """By how much a side's own draws of the same examples differ in the middle."""
    trace = twins.side(name)
    found = 0.0
    for again in (twins.epochs_of(name), twins.builds_of(name)):
        if again is None:
            continue
        first, second = kept_again(trace, again)
        if len(first):
            gap = (_features(trace, second) - _features(trace, first))[:, column]
            found = max(found, abs(float(np.median(gap))))
    return found
