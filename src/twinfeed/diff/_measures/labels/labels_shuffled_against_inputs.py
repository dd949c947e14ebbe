"""Each input stands beside the label of another one.

## What it does
Holds the labels of paired examples against each other: they agree as often as labels drawn by
chance would, although both feeds have each label equally often. The faulty side is the one
that gives an example another label in the next epoch, or else the one on which an example's
five nearest neighbours, seen as small grey pictures, agree less often on the label. Where all
labels stand the same number of places from their inputs, as behind an index that is off, the
number is said.

## From what size
From 100 examples of each feed on, it is found in nine runs of ten whether the labels of one
feed are those of other examples. Below that the answer is undecided and says how many it takes.

## Why it matters
The network can only learn by heart; validation stays at chance. The usual places: two listings
of files in different orders that are zipped, `list_files` that shuffles anew for each branch,
arrays shuffled apart, a table sorted after the paths were taken from it.

## Example
```python
files = tf.data.Dataset.from_tensor_slices(np.arange(len(images)))
x = files.shuffle(400, seed=1).map(lambda i: tf.gather(images, i))
y = files.shuffle(400, seed=2).map(lambda i: tf.gather(labels, i))
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = tf.data.Dataset.zip((x, y)).batch(32)
```

Use instead:
```python
files = tf.data.Dataset.from_tensor_slices(np.arange(len(images))).shuffle(400, seed=1)
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = files.map(lambda i: (tf.gather(images, i), tf.gather(labels, i))).batch(32)
```

## Fix safety
Show: where inputs and labels part is in the user's own code.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Severity
from twinfeed.diff._fixes._rewrite import built_by
from twinfeed.diff._labels._moved import moved_on
from twinfeed.diff._labels._story import faulty_side, label_story
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach, labels_differ
from twinfeed.diff._twins import SideName, Twins

_CODE = (
    (
        "tf.data",
        "one .map(...) that returns (image, label) from one path; list_files(shuffle=False)",
    ),
    ("ImageDataGenerator", "flow_from_dataframe(...) with path and label in one row"),
    ("arrays", "one permutation for both: order = rng.permutation(len(x)); x[order], y[order]"),
)


def look(twins: Twins) -> Iterator[Answer]:
    """Say so where the labels of the same examples agree by chance only."""
    found = label_story(twins)
    if found is None:
        return
    if found.kind == "too few":
        yield MEASURE.undecided(
            f"{found.pairs - found.agree} of {found.pairs} paired examples have another label;"
            " whether labels or pairs are at fault cannot be told from so few",
            "more examples of each feed, with names or unchanged contents",
        )
    if found.kind != "shuffled":
        return
    side, numbers = faulty_side(twins)
    yield MEASURE.finding(
        f"labels agree for {found.agree:,} of {found.pairs:,} paired examples"
        f" ({found.agree / found.pairs:.1%}, by chance {found.chance:.1%})"
        f"{moved_on(twins) or _blame(side, numbers)}",
        evidence={
            "agree_share": found.agree / found.pairs,
            "agree_share_low": found.low,
            "agree_share_high": found.high,
            "chance_share": found.chance,
            "pairs": found.pairs,
            "pairs_are_exact": found.exact,
            "faulty_side": side,
            **numbers,
        },
        fix=Fix("Read each label together with its input", _code(twins, side)),
        size=1.0,
    )


def _blame(side: SideName | None, numbers: dict[str, float | int]) -> str:
    if side is None:
        return ""
    if "relabelled_in_second_epoch" in numbers:
        return (
            f"; {side} gives {numbers['relabelled_in_second_epoch']:,} of"
            f" {numbers['seen_in_two_epochs']:,} examples another label in its second epoch"
        )
    a, b = numbers["a_neighbours_agree_share"], numbers["b_neighbours_agree_share"]
    return (
        f"; neighbours agree in {a:.0%} on A's labels and in {b:.0%} on B's, so {side}'s are wrong"
    )


def _code(twins: Twins, side: SideName | None) -> str:
    trace = twins.side(side or "B")
    return next(
        (code for library, code in _CODE if built_by(trace, library)),
        "x and y taken from one record, not from two lists",
    )


MEASURE = Measure(
    code="LBL204",
    name="labels-shuffled-against-inputs",
    severity=Severity.ERROR,
    tags=("label-file-misalignment", "pair-desync"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=100,
        size="the labels of one feed are those of other examples",
        open=labels_differ,
    ),
)
