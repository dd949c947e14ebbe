"""Two parts of the data whose classes are not the same.

## What it does
Holds the labels that reached `fit` against those that reached its validation, or those of two
sides that have few examples in common, and tests whether one draw could have given both
(chi-square, five standard deviations). Sides with the same examples are left to other causes,
unless one has no end or gives some of them again: classes that are drawn more often there are told
by nothing else.

## From what size
From 100 examples of each feed on, it is found in nine runs of ten whether one of two parts
lacks half of the classes. Below that the answer is undecided and says how many it takes.

## Why it matters
`validation_split` takes the last rows of arrays before anything is shuffled, and the subsets of
the directory readers take the first files of each class. Rows sorted by class or by time then
give a validation of one class, or of one week, which the training never saw.

## Example
```python
a = fit_trace(images, labels, validation_split=0.2)
b = fit_trace(images, labels, validation_split=0.2, role="validation")
```

Use instead:
```python
order = np.random.default_rng(0).permutation(len(images))
images, labels = images[order], labels[order]
a = fit_trace(images, labels, validation_split=0.2)
b = fit_trace(images, labels, validation_split=0.2, role="validation")
```

## Fix safety
Unsafe: other examples are validated on.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._labels._form import label_form
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach
from twinfeed.diff._split import parts
from twinfeed.diff._streams._epochs import endless
from twinfeed.diff._streams._order import first_rows, label_mixing
from twinfeed.diff._streams._tails import same_data
from twinfeed.diff._twins import Twins

_SURE = 5.0  # standard normal deviations, by Wilson and Hilferty's cube root of chi-square
_LEAST_EXAMPLES = 20
_SAME = 0.5  # share of the examples in common from which both sides are the same data
_TOGETHER = 4.0  # standard deviations of neighbours that share a class, as ORD201 takes them
_SURELY, _NEARLY_ALL = 0.9, 0.9  # of the pairs; of the different examples of the side with fewer
_OFTEN = 0.1  # share of the examples by which classes drawn more often must differ in all
_MOST_CLASSES = 0.2  # classes as a share of the examples above which counts are too thin


def look(twins: Twins) -> Iterator[Answer]:
    """Compare the classes of both parts."""
    if not _may_be_parts(twins):
        return
    found = parts(twins) or ("A", "B")
    trained, held = (twins.side(name) for name in found)
    if not (_shows_its_classes(trained) and _shows_its_classes(held)):
        return
    labels = [_labels(side) for side in (trained, held)]
    # A few examples that come again and again tell nothing of their classes.
    if min(*map(len, labels), _different(trained), _different(held)) < _LEAST_EXAMPLES:
        return
    classes = np.unique(np.concatenate(labels))
    if len(classes) < 2 or len(classes) > _MOST_CLASSES * len(labels[1]) + 2:
        return
    counts = np.array([[np.count_nonzero(side == each) for each in classes] for side in labels])
    deviations = _deviations(counts)
    if deviations < _SURE:
        return
    if parts(twins) is None and _same(twins):
        yield from _drawn_more_often(classes, counts, deviations)
        return
    unseen = int((counts[0] == 0).sum())
    absent = int((counts[1] == 0).sum())
    said = [
        f"{number} {'has' if number == 1 else 'have'} no example in {where}"
        for number, where in ((absent, found[1]), (unseen, found[0]))
        if number
    ]
    yield MEASURE.finding(
        f"the {counts[1].sum():,} examples of {found[1]}{_role(held)} are of other classes than the"
        f" {counts[0].sum():,} of {found[0]}{_role(trained)}, by {deviations:.0f} standard deviations"
        + (f": of {len(classes)} classes {' and '.join(said)}" if said else ""),
        evidence={
            "classes": len(classes),
            f"classes_not_in_{found[1].lower()}": absent,
            f"classes_not_in_{found[0].lower()}": unseen,
            "standard_deviations": round(deviations, 1),
        },
        fix=Fix(
            "Mix the examples before they are split",
            "order = rng.permutation(len(x)); x, y = x[order], y[order]",
            Safety.UNSAFE,
        ),
        # What is in the parts comes before the order in which it does.
        size=0.98 if said else 0.6,
    )


def _drawn_more_often(classes: Array, counts: Array, deviations: float) -> Iterator[Answer]:
    """Find the same data with other shares of the classes, as weights of a sampler give them."""
    shares = counts / counts.sum(axis=1, keepdims=True)
    apart = np.abs(shares[0] - shares[1])
    if apart.sum() / 2 < _OFTEN:
        return
    most = int((apart**2 / shares.sum(axis=0)).argmax())  # of two classes the rarer one
    yield MEASURE.finding(
        f"class {classes[most]:g} makes {shares[0, most]:.0%} of the {counts[0].sum():,} examples read"
        f" of A and {shares[1, most]:.0%} of the {counts[1].sum():,} of B, though both draw from the"
        f" same ones ({deviations:.0f} standard deviations)",
        evidence={
            "class": float(classes[most]),
            "a_share": round(float(shares[0, most]), 4),
            "b_share": round(float(shares[1, most]), 4),
            "classes": len(classes),
            "standard_deviations": round(deviations, 1),
        },
        fix=Fix(
            "Draw the classes of both in the same shares",
            "sample_from_datasets(..., weights=...), rejection_resample or a weighted sampler in"
            " both feeds, or in neither",
            Safety.UNSAFE,
        ),
        size=0.92,  # what is drawn comes before the order in which it is, and how often
    )


def _may_be_parts(twins: Twins) -> bool:
    """Whether both sides have classes that nothing else compares."""
    if not all(label_form(trace).is_class for trace in (twins.left, twins.right)):
        return False
    again = any(endless(trace) or _gives_again(trace) for trace in (twins.left, twins.right))
    return parts(twins) is not None or again or not _same(twins)


def _gives_again(trace: Trace) -> bool:
    """Whether examples come more than once in an epoch, as those of a class drawn more often do."""
    return _different(trace) < (1 - _OFTEN) * len(first_rows(trace)[0])


def _same(twins: Twins) -> bool:
    """Whether both sides are known to hold the same data."""
    pairs, known = twins.pairs, min(_different(twins.left), _different(twins.right))
    if same_data(twins, share=_SAME):
        return True
    # What comes several times is one example, and pairs once.
    return pairs.confidence >= _SURELY and len(pairs) >= _NEARLY_ALL * known


def _labels(trace: Trace) -> Array:
    if not label_form(trace).is_class:
        return np.zeros(0)
    labels = trace.rows.label[first_rows(trace)[0]]
    return labels[~np.isnan(labels)]


def _different(trace: Trace) -> int:
    """Different examples of the first epoch."""
    return len(np.unique(trace.rows.content[first_rows(trace)[0]]))


def _shows_its_classes(trace: Trace) -> bool:
    """Whether what was read has the classes of the whole: all of it, or examples in mixed order.

    The first batches of an epoch that comes class by class hold few of them, and so does an epoch
    of which other batches are drawn each time.
    """
    mixing = label_mixing(trace)
    if mixing is None or mixing.z < _TOGETHER:
        return True
    epochs = [
        np.sort(trace.rows.label_key[trace.rows_of(index)])
        for index, epoch in enumerate(trace.epochs)
        if epoch.looked
    ]
    return first_rows(trace)[1] and all(np.array_equal(epochs[0], each) for each in epochs)


def _role(trace: Trace) -> str:
    return "" if trace.role == "feed" else f" ({trace.role})"


def _deviations(counts: Array) -> float:
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    square = float((np.square(counts - expected) / expected).sum())
    freedom = counts.shape[1] - 1
    spread = 2 / (9 * freedom)
    return float(((square / freedom) ** (1 / 3) - (1 - spread)) / np.sqrt(spread))


MEASURE = Measure(
    code="BAT210",
    name="parts-of-other-classes",
    severity=Severity.WARNING,
    tags=("split-not-random",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=100,
        size="one of two parts lacks half of the classes",
        open=_may_be_parts,
    ),
)
