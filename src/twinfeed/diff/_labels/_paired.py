"""The labels of examples that both feeds have, as far as the pairs can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._labels._form import LabelForm, label_form
from twinfeed.diff._pairing._pairs import Pairs
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, SideName, Twins
from twinfeed.diff._views._warp import SIDE, standardise

_CROSSWISE = 0.25  # of the pairs, up to which near copies may be paired the wrong way round
_CROSSWISE_DRAWN = 0.5  # the same of copies that are drawn, and found where drawn alike
_MOSTLY = 0.5  # share of pairs with equal contents from which the others are left aside
_ALIKE = 0.1  # correlation by which examples of one name must beat examples of two names
_ODD, _ODD_STILL = 0.02, 0.005  # share of pairs told by likeness that may be wrong unseen
_FEW, _ODD_OF_FEW = 0.3, 0.1  # the same, of examples of which hardly any were recognised
_CERTAIN = 0.999  # confidence from which pairs of still pictures are beyond doubt
_WORDS = 4  # of an input, from which as many labels are taken for one of each
_MOST = 2000  # pairs whose pictures are held against each other


@dataclass(frozen=True, slots=True)
class PairedLabels:
    """Labels of the same examples on both sides.

    Attributes:
        left: A's: class numbers or values, or hashes of labels of another form.
        right: B's.
        rows: Their rows in both traces.
        classes: Whether they are class numbers.
        numbers: Whether they are values on a scale.
        of_two_forms: Whether those of one side look like class numbers, as ages do.
        exact: Whether names or equal contents made the pairs, so that none is wrong.
        noise: Share of the pairs that are expected to be wrong, 0 to 1.
        odd: Share that may be wrong beyond that and says nothing.
    """

    left: Array
    right: Array
    rows: tuple[Array, Array]
    classes: bool
    numbers: bool
    of_two_forms: bool
    exact: bool
    noise: float
    odd: float

    def __len__(self) -> int:
        return len(self.left)


@remembered
def paired_labels(twins: Twins) -> PairedLabels | None:
    """Labels side by side, or ``None`` where forms or pairs allow no comparison."""
    forms = label_form(twins.left), label_form(twins.right)
    columns = _columns(twins, forms)
    if columns is None or not len(twins.pairs):
        return None
    pairs = twins.pairs
    equal = twins.left.rows.content[pairs.left] == twins.right.rows.content[pairs.right]
    single = _single(twins.left, pairs.left_rows, pairs.left)
    single &= _single(twins.right, pairs.right_rows, pairs.right)
    sure = equal & single
    named = pairs.method == "id"
    if not named and any(_contradicts_itself(trace) for trace in (twins.left, twins.right)):
        return None
    # Augmentation moves a mask with its image, and a window its next words, so these are held
    # together on equal inputs only.
    follows = "picture" in {form.form for form in forms} or _word_for_word(twins, forms)
    if sure.sum() >= _MOSTLY * len(pairs) or follows:
        chosen, exact = sure, True
    elif equal.sum() >= _MOSTLY * len(pairs) and not named:
        return None
    else:
        if named and not _look_alike(twins, pairs):
            return None
        # Of copies, the n-th may have another label than the n-th of the other side.
        chosen, exact = np.ones(len(pairs), bool) if named else single, named
    rows = pairs.left[chosen], pairs.right[chosen]
    left, right = columns[0][rows[0]], columns[1][rows[1]]
    known = (
        ~(np.isnan(left) | np.isnan(right)) if left.dtype.kind == "f" else np.ones(len(left), bool)
    )
    if not exact:
        known &= ~_crosswise(left, right)
    elif not named and not all(twins.is_still(name) for name in SIDES):
        # Of copies, either may be the one that was drawn as the other side's first.
        known &= ~_crosswise(left, right, most=_CROSSWISE_DRAWN)
    if not known.any():
        return None
    return PairedLabels(
        left[known],
        right[known],
        (rows[0][known], rows[1][known]),
        classes=all(form.is_class for form in forms),
        numbers="numbers" in {form.form for form in forms} and left.dtype.kind == "f",
        of_two_forms=forms[0].form != forms[1].form and not all(form.is_class for form in forms),
        exact=exact,
        noise=0.0 if exact else _noise(twins, columns),
        odd=0.0 if exact else _odd(twins),
    )


def _word_for_word(twins: Twins, forms: tuple[LabelForm, LabelForm]) -> bool:
    """Whether inputs are sequences of whole numbers and labels have one for each of theirs."""
    mains = twins.left.main, twins.right.main
    return all(
        main is not None
        and len(main.shape) == 1
        and main.shape == form.shape
        and (main.shape[0] or _WORDS) >= _WORDS
        and "int" in main.dtype
        and "int" in form.dtype
        for main, form in zip(mains, forms, strict=True)
    )


def _crosswise(left: Array, right: Array, most: float = _CROSSWISE) -> Array:
    """A few pairs that have each other's labels, where each label is that of one example only.

    Two pictures that are nearly the same may be paired the wrong way round; of labels that were
    mixed up, hardly two change places. Where many do, two lists stand in another order.
    """
    none = np.zeros(len(left), bool)
    if not len(left) or len(np.unique(left)) < len(left):
        return none
    at = {label: index for index, label in enumerate(left.tolist())}
    there = np.array([at.get(label, -1) for label in right.tolist()], int)
    found = (left != right) & (there >= 0) & (right[there] == left)
    return found if found.mean() <= most else none


def _columns(twins: Twins, forms: tuple[LabelForm, LabelForm]) -> tuple[Array, Array] | None:
    left, right = forms
    rows = twins.left.rows, twins.right.rows
    if left.is_class and right.is_class:
        return rows[0].label, rows[1].label
    if left.shape == right.shape and left.shape in {(), (1,)} and _on_a_scale(left, right):
        return rows[0].label, rows[1].label
    if (left.form, left.shape) != (right.form, right.shape) or left.form == "none":
        return None
    return (rows[0].label_key, rows[1].label_key) if left.dtype == right.dtype else None


def _on_a_scale(left: LabelForm, right: LabelForm) -> bool:
    """Whether both are values: whole ones, such as ages, look like classes until they are scaled."""
    forms = {left.form, right.form}
    return "numbers" in forms and forms <= {"numbers", "class index"}


def _single(trace: Trace, of: Array, rows: Array) -> Array:
    """Whether a row's content occurs once: copies of an example may bear several labels."""
    contents, counts = np.unique(trace.rows.content[of], return_counts=True)
    return counts[np.searchsorted(contents, trace.rows.content[rows])] == 1


def _contradicts_itself(trace: Trace) -> bool:
    """Whether copies bear several labels in a part: the other part may hold the other copy."""
    if not trace.epochs or trace.epochs[0].ended:
        return False
    first = trace.rows.epoch == 0
    content, label = trace.rows.content[first], trace.rows.label_key[first]
    both = np.unique(np.stack([content, label.astype(content.dtype)], axis=1), axis=0)
    return len(both) > len(np.unique(content))


def _look_alike(twins: Twins, pairs: Pairs) -> bool:
    """Whether the same name stands for the same example: numbers may count two orders."""
    views = twins.left.rows.signature[pairs.left], twins.right.rows.signature[pairs.right]
    if views[0].shape[1] != views[1].shape[1] or not views[0].shape[1]:
        return True
    picks = np.linspace(0, len(pairs) - 1, min(len(pairs), _MOST), dtype=int)
    left, right = standardise(views[0][picks]), standardise(views[1][picks])
    if len(picks) < 3:
        return True
    return _likeness(left, right) > _likeness(left, np.roll(right, 1, axis=0)) + _ALIKE


def _likeness(left: Array, right: Array) -> float:
    """The median correlation of rows, the better of both ways round for pictures."""
    straight = (left * right).sum(axis=1)
    if left.shape[1] == SIDE**2:
        mirrored = right.reshape(-1, SIDE, SIDE)[:, :, ::-1].reshape(len(right), -1)
        straight = np.maximum(straight, (left * mirrored).sum(axis=1))
    return float(np.median(straight))


def _noise(twins: Twins, columns: tuple[Array, Array]) -> float:
    """Share of wrong pairs: as pairing itself has it, and as labels show it within each feed."""
    shares = [1 - twins.pairs.confidence]
    for column, name in zip(columns, SIDES, strict=True):
        again = twins.epochs_of(name)
        if again is not None and len(again.same) and not again.same.all():
            moved = ~again.same
            first, second = column[again.pairs.left[moved]], column[again.pairs.right[moved]]
            shares.append(float((first != second).mean()))
    return max(shares)


def _odd(twins: Twins) -> float:
    """Where nothing is drawn and each pair is far nearer than any other, next to none is wrong.

    Where hardly any are recognised, what hides the others makes strangers alike too.
    """
    pairs = twins.pairs
    if len(pairs) < _FEW * min(len(pairs.left_rows), len(pairs.right_rows)):
        return _ODD_OF_FEW
    still = all(twins.is_plain(name) for name in SIDES)
    return _ODD_STILL if still and pairs.confidence > _CERTAIN else _ODD


def relabelled(twins: Twins, name: SideName) -> tuple[int, int]:
    """Examples that one feed gives unchanged in two epochs, and those of them with another label."""
    again = twins.epochs_of(name)
    if again is None or not len(again.same):
        return 0, 0
    rows = twins.side(name).rows
    first, second = again.pairs.left[again.same], again.pairs.right[again.same]
    single = _single(twins.side(name), again.pairs.left_rows, first)
    changed = rows.label_key[first[single]] != rows.label_key[second[single]]
    return int(single.sum()), int(changed.sum())
