"""Examples that are trained on and validated on.

## What it does
Holds what reached `fit` against what reached its validation, by name or by content over all
epochs that were read, and counts the examples that both have. Copies that differ in a single
value are not counted, so the number is a lower bound. Where none is the same, pictures of the
validation are counted that look like a few of the training and like no others: copies that were
changed a little before the split, or frames of one film; and windows over a series that hold a
piece of those trained on, and rows of a table that lie on a line through two of the training, as
those do that were made to multiply a rare class. All of these are warnings.

## From what size
Exact: one whole epoch of each feed is enough, and one example that differs.

## Why it matters
A score on examples that were trained on measures memory. The usual ways: a shuffle in front of
`take` and `skip` draws another part in each epoch, two calls cut one set with different seeds,
one side shuffles before it cuts and the other does not, or copies were made before the split.

## Example
```python
mixed = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(400, seed=1)
train, held = mixed.skip(80).batch(32), mixed.take(80).batch(32)
a = fit_trace(train, validation_data=held, epochs=2)
b = fit_trace(train, validation_data=held, epochs=2, role="validation")
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels))
train, held = data.skip(80).shuffle(400).batch(32), data.take(80).batch(32)
a = fit_trace(train, validation_data=held, epochs=2)
b = fit_trace(train, validation_data=held, epochs=2, role="validation")
```

## Fix safety
Unsafe: the data change, and the score becomes that of unseen examples.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._pairing._copies import Copies
from twinfeed.diff._pairing._made_rows import MadeRows
from twinfeed.diff._pairing._overlaps import Overlaps, overlaps
from twinfeed.diff._reach import Enough
from twinfeed.diff._split import examples_of, made_from_trained, parts, redrawn_part, shared
from twinfeed.diff._twins import SideName, Twins
from twinfeed.stats.coarse import grid

_TWINS = 3  # mirrored pictures that are no accident
_TWIN_SHARE = 0.1  # of the pictures that look alike
_EQUAL = 0.004  # mean distance of two equal pictures, as a share of the range: a level of 255
_FEW = 0.01  # share of the validation below which copies in the data explain it as well


def look(twins: Twins) -> Iterator[Answer]:
    """Count the examples of the validation that were trained on."""
    found = parts(twins)
    if found is None:
        return
    name, held_name = found
    trained, held = twins.side(name), twins.side(held_name)
    common = len(shared(trained, held))
    held_examples = len(np.unique(examples_of(held)[0]))
    if common < _FEW * held_examples and (made := made_from_trained(twins)) is not None:
        yield _made(name, held_name, made)
        return
    if not common:
        overlapping = overlaps(trained, held)
        if twins.copies is not None:
            yield _alike(name, held_name, twins.copies)
        elif overlapping is not None:
            every = len(np.unique(held.rows.content)) == overlapping.of
            yield _overlapping(name, held_name, overlapping, every=every)
        else:
            yield from _mirrored(twins, name, held_name)
        return
    share = common / held_examples
    redrawn = redrawn_part(trained.plan) or redrawn_part(held.plan)
    why = (
        f": {redrawn[0].where} draws a new order in each epoch, from which {redrawn[1].where}"
        " takes another part"
        if redrawn
        else ""
    )
    yield MEASURE.finding(
        f"{common:,} of the {held_examples:,} examples that {held_name} validates on are among"
        f" those that {name} trains on ({share:.1%}){why}",
        evidence={
            "side_that_trains": name,
            "shared_examples": common,
            "validation_examples": held_examples,
            "share": round(share, 4),
        },
        fix=Fix(
            "Split before anything is shuffled",
            "data.take(n) and data.skip(n).shuffle(...), or shuffle(...,"
            " reshuffle_each_iteration=False) with one seed in front of both",
            Safety.UNSAFE,
        ),
        size=min(1.0, 0.6 + 0.4 * share),
        severity=Severity.WARNING if share < _FEW else None,
    )


def _alike(name: SideName, held_name: SideName, found: Copies) -> Answer:
    """Pictures of the validation that look like some of the training and like no others."""
    return _from_one(
        f"{found.found:,} of the {found.of:,} pictures that {held_name} validates on look like a few"
        f" that {name} trains on and like no others: copies that were changed a little, or frames"
        " of one film",
        {"side_that_trains": name, "alike": found.found, "validation_examples": found.of},
        "Split by what was photographed, before anything is augmented",
        "GroupShuffleSplit(...) by file, person or film; write changed copies of the training"
        " part only",
    )


def _overlapping(name: SideName, held_name: SideName, found: Overlaps, *, every: bool) -> Answer:
    """Windows of the validation that hold a piece of those of the training."""
    the = "the " if every else ""
    return _from_one(
        f"{found.found:,} of {the}{found.of:,} windows that {held_name} validates on hold a piece of"
        f" windows that {name} trains on: the series was cut into windows before it was split",
        {"side_that_trains": name, "overlapping": found.found, "validation_examples": found.of},
        "Split the series in time, or by what was measured, before windows are cut",
        "series[:n] and series[n:] first, then windows over each",
    )


def _made(name: SideName, held_name: SideName, found: MadeRows) -> Answer:
    """Rows of the validation that were drawn between rows of the training."""
    return _from_one(
        f"{found.found:,} of the {found.of:,} rows that {held_name} validates on lie on a line through"
        f" two that {name} trains on, to the last digits: rows were made from others, as SMOTE does,"
        " before the split",
        {"side_that_trains": name, "rows_made": found.found, "validation_examples": found.of},
        "Split first, and make rows of the training part only",
        "train_test_split(x, y) first, then SMOTE().fit_resample(x_train, y_train)",
    )


def _from_one(said: str, evidence: dict[str, int | str], title: str, code: str) -> Answer:
    """Examples of both parts that are no copies, and were made from the same thing."""
    return MEASURE.finding(
        said,
        evidence=dict(evidence),
        fix=Fix(title, code, Safety.UNSAFE),
        size=0.9,
        severity=Severity.WARNING,
    )


def _mirrored(twins: Twins, name: SideName, held_name: SideName) -> Iterator[Answer]:
    """Pictures of the validation that are those of the training, mirrored or turned."""
    mains = twins.left.main, twins.right.main
    if mains[0] is None or mains[1] is None or not (mains[0].is_image and mains[1].is_image):
        return
    at = twins.kept_pairs
    found = 0
    rows: list[list[int]] = [side.tolist() for side in at]
    for i, j in zip(*rows, strict=True):
        kept: list[Array] = [twins.left.kept.values[i], twins.right.kept.values[j]]
        found += _same_turned(
            grid(kept[0][np.newaxis], mains[0])[0].astype(np.float64),
            grid(kept[1][np.newaxis], mains[1])[0].astype(np.float64),
        )
    if found < _TWINS or found < _TWIN_SHARE * len(at[0]):
        return
    yield MEASURE.finding(
        f"{found:,} of the {len(at[0]):,} pictures that {held_name} validates on and that look like"
        f" one of {name} are that one, mirrored or turned",
        evidence={"side_that_trains": name, "twins": found, "pairs_compared": len(at[0])},
        fix=Fix(
            "Split before anything is augmented",
            "train_test_split(files) first; write mirrored and turned copies of the training part only",
            Safety.UNSAFE,
        ),
        size=0.8,
    )


def _same_turned(left: Array, right: Array) -> bool:
    """Whether two pictures of shape ``(height, width, channels)`` are one, some way round."""
    for view in (left, left.swapaxes(0, 1)):
        for turned in (view, view[::-1], view[:, ::-1], view[::-1, ::-1]):
            if turned.shape == right.shape:
                apart = np.abs(turned - right).mean()
                if apart <= _EQUAL * max(float(np.ptp(right)), 1e-12):
                    return True
    return False


MEASURE = Measure(
    code="BAT208",
    name="examples-in-both-parts",
    severity=Severity.ERROR,
    tags=("split-leak",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Enough.EPOCH,
    prior_cost="Barz and Denzler 2020 (ciFAIR): copies of training pictures in the CIFAR tests flatter"
    " accuracy by 9 to 14 % of itself",
)
