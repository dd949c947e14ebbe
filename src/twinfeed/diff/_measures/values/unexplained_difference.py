"""Pictures that differ in a way that no scale explains.

## What it does
Holds the paired pictures of two unaugmented feeds against each other, point by point. From
each picture and channel the best straight line is taken away, so that scale, offset,
normalisation and brightness, which have causes of their own, are gone; channels in another
order are put back. What is left is the root mean square of the rest, as a share of the
picture's own spread. Rows that begin some places further along in the other feed, as sequences
without their first token do, are called that. Where two examples hold the same values at other places, as pictures do that
were reshaped instead of transposed, it says so.

Up to 1 % is rounding; where one side cuts levels off after the point and the other rounds, so that
about half of the points are one level lower, that is said. Up to 4 %, about what another JPEG decoder or an antialiasing filter of
another library makes, it is a note. Beyond, it is a warning.

It speaks only where no step of the ledger pays that has a cause of its own: a resize kernel, a
decoder, a crop, a blur, a curve, fewer levels, a second JPEG encoding. So it is something else,
such as noise, an overlay, or a crop of its own for each picture.

Where draws stand between the pictures, it says whose are lighter, have more contrast or are more
colourful, and whether a curve leads from one side to the other; where none of one side is recognised in the other, what sets all of them
apart.

Of a table it names the columns that follow a curve, such as a logarithm, and looks at the others,
and says where stretches of rows that follow each other have a scale and an offset of their own;
of whole numbers, such as those of words, it says which stand for others.
Of inputs beside the pictures it asks whether the same examples give the same mean and spread, and
whether they stand beside the same pictures.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether the pictures of one
feed have grain of a fiftieth of the range. Below that the answer is undecided and says how many
it takes.

## Why it matters
A network learns whatever is in its pictures, also what no eye sees. Between two trainings a
difference of this size costs little, between training and deployment it can cost points.

## Example
```python
dirt = np.random.default_rng(0).integers(0, 20, images.shape)
a = tf.data.Dataset.from_tensor_slices((images / 255, labels)).batch(32)
b = tf.data.Dataset.from_tensor_slices(((images + dirt) / 255, labels)).batch(32)
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((images / 255, labels)).batch(32)
b = tf.data.Dataset.from_tensor_slices((images / 255, labels)).batch(32)
```

## Fix safety
Unsafe: the pictures change, and a model that was trained on the old ones sees others.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._fixes._rewrite import built_by
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import is_told, kept_step
from twinfeed.diff._policy._looks_apart import looks_apart
from twinfeed.diff._reach import Reach, pictures_differ
from twinfeed.diff._split import made_from_trained, parts
from twinfeed.diff._streams._identity import only_texts
from twinfeed.diff._streams._order import is_whole
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._bent_columns import bent_columns
from twinfeed.diff._values._channel_order import channel_order
from twinfeed.diff._values._colour_space import colour_space
from twinfeed.diff._values._cut_off import cut_off
from twinfeed.diff._values._other_inputs import other_inputs
from twinfeed.diff._values._overwritten_alike import overwritten_alike
from twinfeed.diff._values._own_ends import own_ends
from twinfeed.diff._values._own_places import own_places
from twinfeed.diff._values._rests import MOST, rests, rests_of_columns
from twinfeed.diff._values._rows_in_words import (
    FIX_OF_COLUMNS,
    Said,
    columns_bent,
    rows_moved_along,
    whole_numbers,
)
from twinfeed.diff._values._stretches import stretches
from twinfeed.diff._values._two_greys import two_greys
from twinfeed.diff._values._value_range import apart, value_range
from twinfeed.diff._values._wrapped_pairs import wrapped_pairs

_ROUNDING = 0.01  # share of a picture's spread that rounding to levels leaves
_DECODERS = 0.04  # share that another JPEG decoder or antialiasing filter leaves
_ANOTHER = 0.6  # share above which two pictures that were paired by likeness are no pair
_CLEARLY = 0.95  # of what strangers leave; below it a pair is more alike than strangers
_SAME_MEANS = 0.5  # correlation of the means of paired pictures that strangers do not have
_LEAST_PAIRS = 3
_LEAST_PAIRED = 0.2  # of the shorter feed: where looks find fewer, most of them are strangers
_LEAST_OF_PARTS = 0.5  # the same of a training and its validation, which hold different examples
_LEAST_SHARE = 0.1  # of the pairs; a few odd ones may be paired wrongly
_MOSTLY_EQUAL = 0.5  # share of pairs equal bit for bit, beside which others are hardly strangers
_FIX_OF_PARTS = Fix(
    "Scale every part by the same numbers",
    "scaler.fit(x_train) once, and scaler.transform(part) for each part",
    Safety.UNSAFE,
)
_TOLD = cut_off, wrapped_pairs, overwritten_alike, own_ends, own_places, colour_space
"""What has a cause of its own, and leaves no line between two pictures."""
_FIX_OF_LOOKS = Fix(
    "Prepare the values of both sides alike",
    "one preprocessing_function, one colour space and one contrast on both sides",
    Safety.UNSAFE,
)
_FIX_OF_AXES = Fix(
    "Move axes where they were reshaped",
    "x.transpose(0, 2, 3, 1), or np.moveaxis, in place of x.reshape(...)",
    Safety.UNSAFE,
)


def look(twins: Twins) -> Iterator[Answer]:
    """Compare paired pictures point by point where nothing random stands between them."""
    yield from _beside(twins)
    yield from _other_texts(twins)
    drawn = looks_apart(twins)
    if drawn is not None and drawn.names_nothing:
        yield MEASURE.finding(drawn.said, evidence=drawn.evidence, fix=_FIX_OF_LOOKS, size=0.4)
    if not (twins.is_plain("A") and twins.is_plain("B")) or _is_told_by_steps(twins):
        return
    order = channel_order(twins)
    if order is not None and order.along:
        yield _said(rows_moved_along(order))
        return
    if any(told(twins) for told in _TOLD):
        return
    table = twins.left.main is not None and not twins.left.main.is_image
    whole = whole_numbers(twins, table=table)
    if whole is not None:
        yield from map(_said, whole)
        return
    if bent_columns(twins):
        yield _said(columns_bent(bent_columns(twins)))
        if bent_columns(twins)[0].with_all:
            return
    left_over = rests_of_columns(twins) if table else rests(twins)
    # Names and places pair surely, unless they count two orders; likeness may pair strangers.
    surely = twins.pairs.method in {"id", "values", "parts", "place"} or _all_the_same(twins)
    surely = surely and not _strangers(twins, left_over)
    # What is left of a row is a share of the spread of all, so that of far ones it is above 1.
    most = (float("inf") if table else 1.0) if surely else _ANOTHER
    differing = left_over[(left_over > _ROUNDING) & (left_over <= most)]
    if (
        _mostly_strangers(twins)
        or len(differing) < max(_LEAST_PAIRS, _LEAST_SHARE * len(left_over))
        or _may_be_near_copies(twins, len(differing), len(left_over))
    ):
        return
    share = float(np.median(differing))
    moved = twins.pairs.method == "values"
    apart_by = stretches(twins) if table and not moved else 0
    yield MEASURE.finding(
        f"the {'values' if table else 'pictures'} of {len(differing):,} of {len(left_over):,} paired"
        f" examples differ by {share:.1%} of their spread, which no {'one ' if apart_by else ''}scale,"
        f" offset or {'column' if table else 'channel'} order explains"
        + (f": the same values stand {_where(twins)}" if moved else "")
        + (
            f": of those looked at, each of {apart_by} stretches that follow each other has its own, as"
            " where every file or part is scaled by what is in it"
            if apart_by
            else ""
        ),
        evidence={
            "left_over_share": share,
            "left_over_share_most": float(differing.max()),
            "pairs": len(left_over),
            "pairs_that_differ": len(differing),
            "same_values": moved,
            "stretches": apart_by,
        },
        fix=_FIX_OF_PARTS if apart_by else _fix(twins, table=table, moved=moved),
        size=min(0.8, 0.1 + share),
        severity=Severity.NOTE if share < _DECODERS else None,
    )


def _where(twins: Twins) -> str:
    """Where the values of an example stand in its partner."""
    lists: list[list[int]] = [side.tolist() for side in twins.kept_pairs]
    for i, j in zip(*lists, strict=True):
        pair: list[Array] = [twins.left.kept.values[i], twins.right.kept.values[j]]
        if not pair[0].ndim or not np.array_equal(pair[0][::-1], pair[1]):
            return "at other places"
    return "the other way round, the last one first" if lists[0] else "at other places"


def _said(found: Said) -> Answer:
    return MEASURE.finding(
        found.sentence,
        evidence=found.evidence,
        fix=found.fix,
        size=found.size,
        severity=found.severity,
    )


def _is_told_by_steps(twins: Twins) -> bool:
    greyed = kept_step(twins, "channels")
    weighed = greyed is not None and "weight_0" in greyed.facts
    return is_told(twins) or weighed or two_greys(twins) is not None


def _other_texts(twins: Twins) -> Iterator[Answer]:
    """Texts of the same examples that are not equal, of which no more is kept than a hash."""
    texts, pairs = all(map(only_texts, (twins.left, twins.right))), twins.pairs
    if not texts or pairs.method not in {"id", "place"} or twins.is_still("A") is False:
        return
    contents = twins.left.rows.content[pairs.left], twins.right.rows.content[pairs.right]
    differing = int((contents[0] != contents[1]).sum())
    if twins.is_still("B") is False or differing < max(_LEAST_PAIRS, _LEAST_SHARE * len(pairs)):
        return
    yield MEASURE.finding(
        f"the texts of {differing:,} of {len(pairs):,} examples paired by {pairs.method} are not the"
        " same",
        evidence={"pairs": len(pairs), "pairs_that_differ": differing},
        fix=Fix(
            "Read and clean the texts of both in one way: encoding, case, spaces and markup",
            "tf.strings.lower(tf.strings.strip(x)) in both feeds, or in neither",
            Safety.UNSAFE,
        ),
        size=min(0.8, 0.1 + differing / len(pairs)),
    )


def _beside(twins: Twins) -> Iterator[Answer]:
    """Inputs beside the pictures that are not the same for the same examples."""
    for found in other_inputs(twins):
        ranges = [value_range(trace.stats_of(found.path)) for trace in (twins.left, twins.right)]
        if found.how == "values" and ranges[0] and ranges[1] and apart(ranges[0], ranges[1]):
            continue  # another range says it
        moved = found.how == "rows"
        yield MEASURE.finding(
            found.said
            if moved
            else f"the same examples have other values of {found.path}: {found.said}",
            evidence={
                "input": found.path,
                "left_over_share": found.share,
                "pairs": found.pairs,
                "same_values": moved,
            },
            fix=Fix(
                f"Give each example its own {found.path}"
                if moved
                else f"Prepare {found.path} alike",
                "one table, joined by name and mixed together with the pictures"
                if moved
                else "one transformation, fitted once, on both sides",
                Safety.UNSAFE,
            ),
            size=min(0.85, 0.4 + 0.5 * found.share),
        )


def _all_the_same(twins: Twins) -> bool:
    """Whether all are paired and most are equal: then the others are the same examples, changed."""
    pairs = twins.pairs
    if not len(pairs.left_rows) == len(pairs.right_rows) == len(pairs):
        return False
    contents = twins.left.rows.content[pairs.left], twins.right.rows.content[pairs.right]
    return float((contents[0] == contents[1]).mean()) > _MOSTLY_EQUAL


def _may_be_near_copies(twins: Twins, differing: int, pairs: int) -> bool:
    """Whether what differs may be near copies, as frames of a burst are, of which each feed showed one.

    Of feeds that were read in part, the partner of an example may be in the rest.
    """
    if twins.pairs.method != "likeness" or differing >= _MOSTLY_EQUAL * pairs:
        return False
    sides = (twins.left, twins.pairs.left_rows), (twins.right, twins.pairs.right_rows)
    return not all(is_whole(trace, int(trace.rows.epoch[rows[0]])) for trace, rows in sides)


def _mostly_strangers(twins: Twins) -> bool:
    """Whether so few pairs were found by looks that most of them may be strangers."""
    pairs = twins.pairs
    shorter = min(len(pairs.left_rows), len(pairs.right_rows))
    if pairs.method not in {"likeness", "parts"}:
        return False
    if parts(twins) is None:
        return len(pairs) < _LEAST_PAIRED * shorter
    return len(pairs) < _LEAST_OF_PARTS * shorter or made_from_trained(twins) is not None


def _strangers(twins: Twins, left_over: Array) -> bool:
    """Whether what is paired is no more alike than pictures that are not.

    Numbers that count examples in two orders look like names. Pixels that were merely moved
    about leave a picture its mean, so equal means tell such pairs from strangers.
    """
    if not len(left_over) or float(np.median(left_over)) <= _ANOTHER:
        return False
    shifted = rests(twins, shift=1)
    if not len(shifted) or float(np.median(left_over)) < _CLEARLY * float(np.median(shifted)):
        return False
    left, right = (
        _means(trace.kept.values, at.tolist())
        for trace, at in zip((twins.left, twins.right), twins.kept_pairs, strict=True)
    )
    if min(np.ptp(left), np.ptp(right)) <= 0:
        return True
    return float(np.corrcoef(left, right)[0, 1]) < _SAME_MEANS


def _means(kept: Sequence[Array], at: list[int]) -> Array:
    """The mean of each of the first pictures; an infinite value in one is left out."""
    pictures = (kept[index] for index in at[:MOST])
    return np.array([float(np.mean(each[np.isfinite(each)], dtype=float)) for each in pictures])


def _fix(twins: Twins, *, table: bool, moved: bool) -> Fix:
    if table:
        return FIX_OF_COLUMNS
    if moved:
        return _FIX_OF_AXES
    if any(built_by(trace, "ImageDataGenerator") for trace in (twins.left, twins.right)):
        change = (
            "interpolation='bilinear' in flow_from_directory, whose default is 'nearest';"
            " Pillow's kernels then still smooth more than tf.image.resize(antialias=False)"
        )
    else:
        change = "one decoder, one crop, and one interpolation and antialias on both sides"
    return Fix("Decode, crop and resize both sides alike", change, Safety.UNSAFE)


MEASURE = Measure(
    code="VAL206",
    name="unexplained-difference",
    severity=Severity.WARNING,
    tags=("train-eval-serve-skew",),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="the pictures of one feed have grain of a fiftieth of the range",
        open=pictures_differ,
    ),
)
