"""How the labels of the same examples relate: the one decision that three measures speak about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._labels._curves import Curve, curve
from twinfeed.diff._labels._followed import parted_on_both
from twinfeed.diff._labels._paired import PairedLabels, paired_labels, relabelled
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, SideName, Twins
from twinfeed.diff._views._warp import standardise
from twinfeed.stats.intervals import wilson

Kind: TypeAlias = Literal[
    "same",
    "permuted",
    "shifted",
    "merged",
    "line",
    "bent",
    "shuffled",
    "differ",
    "in doubt",
    "too few",
]

_SURE = 7.0  # log odds against a clean table by chance, about 1 in 1,000
_SLACK = 0.02  # share of odd examples that leaves a table clean
_AT_CHANCE = 0.25  # share of the way from chance to full agreement that still counts as chance
_FEW = 20
_FEW_AGAIN = 8  # unchanged examples of two epochs that tell how often labels are drawn anew
_Z = 3.3  # deviations by which labels of pairs told by likeness must differ beyond their noise
_Z_DOUBT = 1.64  # the same, from which wrong pairs alone hardly explain it
_NEIGHBOURS = 5
_PROBED = 1500


@dataclass(frozen=True, slots=True)
class Story:
    """What became of A's labels in B.

    Attributes:
        kind: ``permuted``: each class is another one; ``shifted``: by the same number;
            ``merged``: several classes are one; ``line``: values scaled; ``bent``: a
            logarithm or root of the other's; ``shuffled``: agree as
            often as chance has it; ``differ``: some; ``in doubt``: some, which may be wrong pairs;
            ``too few``: cannot be told.
        pairs: Paired examples.
        agree: Those with the same label.
        low: Lower end of the 95 % interval of that share.
        high: Upper end.
        chance: Share expected of labels that have nothing to do with each other.
        mapping: A's class to B's, where classes move.
        shift: What is added to A's class, if ``shifted``.
        line: Factor and offset, if ``line``.
        exact: Whether no pair can be wrong.
        noise: Share of the pairs that are expected to be wrong, 0 to 1.
        curve: What one side's labels are of the other's, if ``bent``.
    """

    kind: Kind
    pairs: int
    agree: int
    low: float
    high: float
    chance: float
    mapping: dict[int, int] = field(default_factory=dict[int, int])
    shift: int = 0
    line: tuple[float, float] = (1.0, 0.0)
    exact: bool = True
    noise: float = 0.0
    curve: Curve | None = None


@remembered
def label_story(twins: Twins) -> Story | None:
    """Relate the labels of paired examples; ``None`` where they cannot be compared."""
    found = paired_labels(twins)
    if found is None:
        return None
    agree = int(np.count_nonzero(_equal(found)))
    low, high = wilson(agree, len(found))
    chance = _chance(found)
    kind, mapping, line = _kind(found, agree, chance)
    bent = curve(found.left, found.right) if kind == "differ" and found.numbers else None
    kind = "bent" if bent is not None else kind
    if kind in {"differ", "shuffled"} and _drawn_on_both(twins, len(found) - agree, len(found)):
        kind = "same"
    if found.of_two_forms and kind not in {"same", "line", "bent"}:
        return None  # class numbers and values that have nothing to do with each other
    shifts = {b - a for a, b in mapping.items()}
    return Story(
        kind="shifted" if kind == "permuted" and len(mapping) > 1 and len(shifts) == 1 else kind,
        pairs=len(found),
        agree=agree,
        low=low,
        high=high,
        chance=chance,
        mapping=mapping,
        shift=shifts.pop() if len(shifts) == 1 else 0,
        line=line,
        exact=found.exact,
        noise=found.noise,
        curve=bent,
    )


def _drawn_on_both(twins: Twins, wrong: int, pairs: int) -> bool:
    """Whether each side alone gives the same example another label as often as the two differ.

    A mask that is flipped apart from its picture, or a label that is drawn, differs from epoch to
    epoch in one feed already.
    """
    if parted_on_both(twins):
        return True
    own: list[float] = []
    for name in SIDES:
        seen, changed = relabelled(twins, name)
        if seen < _FEW_AGAIN or not changed:
            return False
        own.append(wilson(changed, seen)[1])
    return wilson(wrong, pairs)[0] <= min(own)


def _equal(found: PairedLabels) -> Array:
    if found.numbers:
        return np.isclose(found.left, found.right, rtol=1e-5, atol=1e-6)
    return found.left == found.right


def _kind(
    found: PairedLabels, agree: int, chance: float
) -> tuple[Kind, dict[int, int], tuple[float, float]]:
    nothing: dict[int, int] = {}
    unit = 1.0, 0.0
    wrong = len(found) - agree
    allowed = 0.0 if found.exact else 2 * found.noise + found.odd
    if not wrong or (not found.exact and wilson(wrong, len(found), z=_Z)[0] <= allowed):
        doubtful = len(found) >= _FEW and wilson(wrong, len(found), z=_Z_DOUBT)[0] > found.noise
        return "in doubt" if wrong > 1 and doubtful else "same", nothing, unit
    if not found.exact and len(found) < _FEW:
        return "too few", nothing, unit
    if found.classes:
        table = _table(found)
        if table is not None:
            return *table, unit
    if found.numbers:
        line = _line(found)
        if line is not None:
            return "line", nothing, line
    return ("shuffled" if _is_shuffled(found, agree, chance) else "differ"), nothing, unit


def _table(found: PairedLabels) -> tuple[Kind, dict[int, int]] | None:
    """A clean table of A's classes against B's, or ``None``."""
    left, at_left = np.unique(found.left, return_inverse=True)
    right, at_right = np.unique(found.right, return_inverse=True)
    counts = np.zeros((len(left), len(right)), int)
    np.add.at(counts, (at_left, at_right), 1)
    clean = (1 - 2 * found.noise - _SLACK) * len(found)
    forward, backward = counts.max(axis=1), counts.max(axis=0)
    # A table with one example per class is clean whatever the labels are.
    odds = (len(found) - max(counts.shape)) * np.log(max(2, min(counts.shape)))
    if max(forward.sum(), backward.sum()) < clean or odds < _SURE:
        return None
    targets = counts.argmax(axis=1)
    if len(set(targets.tolist())) < len(left) or backward.sum() < clean or forward.sum() < clean:
        # Under a table this clean, fewer classes on one side means that some became one.
        return ("merged", {}) if len(left) != len(right) else None
    if min(2 * forward / counts.sum(axis=1)) <= 1:
        return None
    mapping = {int(a): int(b) for a, b in zip(left, right[targets], strict=True)}
    return ("permuted", mapping) if any(a != b for a, b in mapping.items()) else None


def _line(found: PairedLabels) -> tuple[float, float] | None:
    x, y = found.left, found.right
    if len(x) < 5 or x.std() == 0 or y.std() == 0:
        return None
    gain, offset = map(float, np.polyfit(x, y, 1))
    offset = 0.0 if abs(offset) <= 1e-5 * y.std() else offset  # what rounding leaves
    left = np.abs(y - gain * x - offset)
    kept = float(np.count_nonzero(left <= 1e-4 * y.std())) / len(left)
    return (gain, offset) if kept >= 1 - 2 * found.noise - _SLACK else None


def _chance(found: PairedLabels) -> float:
    """Agreement of labels drawn independently from either side."""
    a, counts_a = np.unique(found.left, return_counts=True)
    b, counts_b = np.unique(found.right, return_counts=True)
    _, at_a, at_b = np.intersect1d(a, b, assume_unique=True, return_indices=True)
    return float((counts_a[at_a] * counts_b[at_b].astype(float)).sum() / len(found) ** 2)


def _is_shuffled(found: PairedLabels, agree: int, chance: float) -> bool:
    """As many agree as chance has it, and either side has each label about as often."""
    kinds = [len(np.unique(side)) for side in (found.left, found.right)]
    if len(found) < _FEW or min(kinds) < 2:
        return False
    labels, places = np.unique(np.concatenate([found.left, found.right]), return_inverse=True)
    counts = [np.bincount(side, minlength=len(labels)) for side in np.split(places, [len(found)])]
    apart = float(np.abs(counts[0] - counts[1]).sum()) / (2 * len(found))
    # Counts scatter by their roots; of labels that hardly repeat, nearly all must be on both sides.
    usual = float(np.sqrt(2 * (counts[0] + counts[1])).sum()) / (2 * len(found))
    # Pictures are either the same ones or others: a part of them may have gone astray.
    usual = usual if found.classes else 0.2
    high = wilson(agree, len(found))[1]
    alike = apart <= 0.02 + min(usual, 0.2) or (found.classes and _unrelated(found))
    if found.numbers and _in_step(found):
        return False  # as the values of a series some steps later are
    return high < chance + _AT_CHANCE * (1 - chance) and alike


def _in_step(found: PairedLabels) -> bool:
    """Whether values on a scale rise and fall together, as those of other examples do not."""
    ranks = [np.unique(side, return_inverse=True)[1] for side in (found.left, found.right)]
    left, right = standardise(np.stack(ranks).astype(float))
    return abs(float(left @ right)) > max(_AT_CHANCE, _Z / float(np.sqrt(len(found))))


def _unrelated(found: PairedLabels) -> bool:
    """Whether a class of A says nothing of the class in B, by the table of both."""
    _, left = np.unique(found.left, return_inverse=True)
    _, right = np.unique(found.right, return_inverse=True)
    shape = int(left.max()) + 1, int(right.max()) + 1
    table = np.zeros(shape)
    np.add.at(table, (left, right), 1)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / len(found)
    freedom = (shape[0] - 1) * (shape[1] - 1)
    # Cramer's V, less what chance alone gives.
    beyond = float((np.square(table - expected) / expected).sum()) - freedom
    most = len(found) * (min(shape) - 1)
    return freedom < len(found) / 4 and beyond <= _AT_CHANCE**2 * most


@remembered
def faulty_side(twins: Twins) -> tuple[SideName | None, dict[str, float | int]]:
    """The side whose labels do not belong to its inputs, and what tells so.

    A side that gives one example two labels is it; else the one whose neighbours in the coarse
    view agree less on the label.
    """
    numbers: dict[str, float | int] = {}
    for name in SIDES:
        seen, changed = relabelled(twins, name)
        if seen >= _FEW and changed > 0.2 * seen:
            numbers = {"seen_in_two_epochs": seen, "relabelled_in_second_epoch": changed}
            return name, numbers
    found = paired_labels(twins)
    views = twins.left.rows.signature
    if found is None or views.shape[1] < 2 or len(found) < 5 * _NEIGHBOURS:
        return None, numbers
    picks = np.linspace(0, len(found) - 1, min(len(found), _PROBED), dtype=int)
    unit = standardise(views[found.rows[0][picks]])
    likeness = unit @ unit.T
    np.fill_diagonal(likeness, -2)
    near = np.argpartition(-likeness, _NEIGHBOURS, axis=1)[:, :_NEIGHBOURS]
    agree = [
        (labels[near] == labels[:, None]).mean(axis=1)
        for labels in (found.left[picks], found.right[picks])
    ]
    gap = agree[0] - agree[1]
    numbers = {
        "a_neighbours_agree_share": float(agree[0].mean()),
        "b_neighbours_agree_share": float(agree[1].mean()),
        "neighbours": _NEIGHBOURS,
        "probed_examples": len(picks),
    }
    clear = abs(gap.mean()) > max(0.05, 4 * gap.std() / np.sqrt(len(gap)))
    return (("B" if gap.mean() > 0 else "A") if clear else None), numbers
