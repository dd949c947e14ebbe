"""Examples whose label has another value in the other feed.

## What it does
Counts paired examples with another label, and says what became of it where that has a shape:
a number added to every class, classes merged, values scaled; masks on equal images are held
against each other as a whole, by how often each class is there, which shows classes under other
numbers, and by their largest values where their dtypes differ. Pairs
found by likeness alone may be wrong: they have to differ more often than that, and the answer is
undecided where they may. Where pictures are moved, and their masks with them, the mask is
followed: it has to move as its picture does, within one feed from epoch to epoch or against the
feed that moves nothing.

A permutation is said by `different-class-order`, labels that agree by chance only by
`labels-shuffled-against-inputs`.

## From what size
From 200 examples of each feed on, it is found in nine runs of ten whether one label in ten is
another where examples are paired by likeness. Below that the answer is undecided and says how
many it takes.

## Why it matters
Off by one (a background class at 0, classes from 1) puts the last class outside a one-hot
vector and gives NaN or zeros; a mask that is flipped or turned by draws of its own marks
what its picture does not show; masks that went through a resize, a palette or a division by 255
hold values that are no classes; a share of wrong labels bounds the accuracy.

## Example
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = a.map(lambda x, y: (x, y + 1))
```

Use instead:
```python
a = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
b = a.map(lambda x, y: (x, y + 0))
```

## Fix safety
Unsafe: labels change; that is the point.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.finding import Evidence, Fix, Safety, Severity
from twinfeed._core.trace import Trace
from twinfeed.diff._fixes._rewrite import built_by, on_labels
from twinfeed.diff._labels._curves import Curve
from twinfeed.diff._labels._followed import followed, parted_side
from twinfeed.diff._labels._form import label_form
from twinfeed.diff._labels._moved import moved_on
from twinfeed.diff._labels._renumbered import renumbered
from twinfeed.diff._labels._story import Story, faulty_side, label_story
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._reach import Reach, labels_in_doubt
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.diff._values._value_range import ValueRange, value_range

_SOME = 0.01  # share of values between classes that is no accident
_BIN = 1.125  # widest bin of the histogram, as a factor
_ROUND = 1e-5
_SMALL = 8  # values above which bins may be wider than one
_ONE_DRAW = (
    (
        "tf.data",
        "tf.image.stateless_random_flip_left_right(x, seed) and (y, seed), with one seed for both",
    ),
    ("ImageDataGenerator", "flow(..., seed=1) with the same seed for images and masks"),
)
_SHOWN = 6  # classes that are listed
_TIMES = 2  # between the largest values of masks that are scaled otherwise


def look(twins: Twins) -> Iterator[Answer]:
    """Say how the labels differ, unless another measure has a name for it."""
    found = label_story(twins)
    parted = parted_side(twins)
    if parted is not None and (found is None or found.kind != "shuffled"):
        yield _parted(twins, parted)
        return
    if found is None:
        yield from _masks_of_two_types(twins)
        return
    apart = found.pairs - found.agree
    if found.kind == "shifted":
        yield _finding(
            found,
            f"B's class is A's {'plus' if found.shift > 0 else 'less'} {abs(found.shift)} in"
            f" {apart:,} of {found.pairs:,} paired examples",
            {"shift": found.shift},
            _shifted_back(twins, found.shift),
            0.8,
        )
    elif found.kind == "merged":
        yield _finding(
            found,
            f"classes of one side are merged on the other: {apart:,} of {found.pairs:,} paired"
            " examples have another number",
            {},
            Fix("Give both feeds the same classes", "one list of classes for both feeds"),
            0.8,
        )
    elif found.kind == "line":
        factor, offset = found.line
        yield _finding(
            found,
            f"B's labels are A's times {factor:.4g} plus {offset:.4g} ({found.pairs:,} paired"
            " examples)",
            {"factor": factor, "offset": offset},
            Fix(
                "Scale the labels of both alike",
                on_labels(twins.right, f"(y - {offset:.4g}) / {factor:.4g}"),
                Safety.UNSAFE,
            ),
            0.7,
        )
    elif found.kind == "bent" and found.curve is not None:
        yield _bent(found, found.curve)
    elif found.kind == "differ":
        yield from _some(twins, found, apart)
    elif found.kind == "in doubt":
        yield MEASURE.undecided(
            f"whether labels differ: {apart:,} of {found.pairs:,} paired examples"
            f" ({apart / found.pairs:.1%}) have another label in B, and about {found.noise:.1%} of the"
            " pairs, which were told by likeness, may be wrong",
            "names, such as paths or a tfds_id, or the same examples without augmentation",
        )


def _bent(found: Story, curve: Curve) -> Answer:
    other = "B" if curve.side == "A" else "A"
    scaled = (curve.factor, curve.offset) != (1.0, 0.0)
    then = f", times {curve.factor:.4g} plus {curve.offset:.4g}" if scaled else ""
    return _finding(
        found,
        f"{curve.side}'s labels are {curve.says} of {other}'s{then} ({found.pairs:,} paired examples)",
        {"curve": curve.says, "side": curve.side, "factor": curve.factor, "offset": curve.offset},
        Fix(f"Take {curve.says} of the labels on both sides, or on neither", "y in one unit"),
        0.8,
    )


def _parted(twins: Twins, name: SideName) -> Answer:
    """Masks of one side that are moved by draws of their own."""
    other: SideName = "B" if name == "A" else "A"
    found, beside = followed(twins)[name], followed(twins)[other]
    return MEASURE.finding(
        f"{name}'s masks are moved apart from their pictures in {found.apart:,} of"
        f" {found.seen:,} views, so that they mark what is not there;"
        f" {other}'s in {beside.apart:,} of {beside.seen:,}",
        evidence={
            "faulty_side": name,
            "views": found.seen,
            "views_apart": found.apart,
            "apart_share_low": found.low,
            "apart_share_high": found.high,
        },
        fix=Fix(
            "Move each mask by the draw of its picture",
            next(
                (code for library, code in _ONE_DRAW if built_by(twins.side(name), library)),
                "one call that draws once for both, e.g. transform(image=x, mask=y)",
            ),
            Safety.UNSAFE,
        ),
        size=1.0,
    )


def _some(twins: Twins, found: Story, apart: int) -> Iterator[Answer]:
    side, numbers = faulty_side(twins)
    share = apart / found.pairs
    yield _finding(
        found,
        f"{apart:,} of {found.pairs:,} paired examples ({share:.1%}) have another label in B"
        f"{_masks(twins)}{_renumbered(twins)}{moved_on(twins)}",
        {"faulty_side": side, **numbers},
        Fix("Find where the labels of the same example part", "x and y taken from one record"),
        min(0.9, 0.3 + share),
    )


def _masks(twins: Twins) -> str:
    ranges = _mask_ranges(twins)
    return f": values from {ranges[0]} in A, from {ranges[1]} in B" if ranges else ""


def _renumbered(twins: Twins) -> str:
    """Which class is which, where each of A's masks is exactly as frequent as another of B's."""
    mapping = renumbered(twins) or {}
    moved = [f"{a}->{b}" for a, b in mapping.items() if a != b]
    if not moved:
        return ""
    more = ", ..." if len(moved) > _SHOWN else ""
    return f"; by how often each is there, classes bear other numbers: {', '.join(moved[:_SHOWN])}{more}"


def _mask_ranges(twins: Twins) -> tuple[ValueRange, ValueRange] | None:
    """Both ranges, where they differ."""
    if any(label_form(side).form != "picture" for side in (twins.left, twins.right)):
        return None
    left, right = (
        value_range(side.stats_of(side.spec.part("y")[0].path))
        for side in (twins.left, twins.right)
    )
    if left is None or right is None or (left.low, left.high) == (right.low, right.high):
        return None
    return left, right


def _masks_of_two_types(twins: Twins) -> Iterator[Answer]:
    """Masks of another dtype cannot be held against each other, but their values can."""
    ranges = _mask_ranges(twins)
    forms = label_form(twins.left), label_form(twins.right)
    yield from _between_classes(twins)
    if ranges is None or forms[0].dtype == forms[1].dtype:
        return
    if forms[0].shape != forms[1].shape:
        return  # a plane for each class is another form of the same mask
    left, right = ranges
    # Parts of two sets rarely hold the same rare class; other values are of another size.
    if max(left.high, right.high) < _TIMES * min(left.high, right.high):
        return
    yield MEASURE.finding(
        f"A's masks hold values from {left} ({forms[0].dtype}), B's from {right}"
        f" ({forms[1].dtype})",
        evidence={
            "a_low": left.low,
            "a_high": left.high,
            "b_low": right.low,
            "b_high": right.high,
            "a_examples": left.examples,
            "b_examples": right.examples,
        },
        fix=Fix(
            "Leave masks as class numbers on both sides",
            "scale x only; keep y an integer; resize masks with nearest",
        ),
        size=0.8,
    )


def _between_classes(twins: Twins) -> Iterator[Answer]:
    """Masks with values between two classes on one side only: a resize made means of them."""
    if any(label_form(side).form != "picture" for side in (twins.left, twins.right)):
        return
    share = {name: _fractions(twins.side(name)) for name in SIDES}
    for name, other in EACH_WAY:
        if share[name] < _SOME or share[other]:
            continue
        yield MEASURE.finding(
            f"{share[name]:.0%} of the values of {name}'s masks lie between two whole numbers, none"
            f" of {other}'s do",
            evidence={"side": name, "values_between_share": share[name]},
            fix=Fix(
                f"Resize the masks of {name} with nearest",
                'tf.image.resize(y, size, method="nearest"), or interpolation="nearest" for masks'
                " in ImageDataGenerator and in torchvision",
                Safety.UNSAFE,
            ),
            size=0.8,
        )


def _fractions(trace: Trace) -> float:
    """Share of the mask's values in bins of the histogram that hold no whole number."""
    found = trace.stats_of(trace.spec.part("y")[0].path)
    if found is None or not found.histogram:
        return 0.0
    low, count = np.array(found.histogram).T
    # An edge may lie a rounding above the number that fills its bin.
    near = (low > 0) & (np.ceil(low * (1 - _ROUND)) >= low * _BIN)
    # Bins of large values are wider than one, those of values below nothing are left alone.
    return float(count[near & (low < _SMALL)].sum() / count.sum())


def _shifted_back(twins: Twins, shift: int) -> Fix:
    # Classes are counted from 0: the side with the larger numbers is the one to change.
    trace, name = (twins.right, "B") if shift > 0 else (twins.left, "A")
    code = on_labels(trace, f"y - {abs(shift)}")
    if built_by(trace, "ImageDataGenerator"):
        # Each folder is a class to it, hidden ones too; they sort first.
        code = "classes=[...] in flow_from_directory(...), so that no stray folder counts as one"
    return Fix(f"Count {name}'s classes as the other side does", code, Safety.UNSAFE)


def _finding(found: Story, said: str, more: Evidence, fix: Fix, size: float) -> Answer:
    return MEASURE.finding(
        said,
        evidence={
            "pairs": found.pairs,
            "pairs_that_differ": found.pairs - found.agree,
            "differ_share_low": 1 - found.high,
            "differ_share_high": 1 - found.low,
            "chance_share": 1 - found.chance,
            "pairs_are_exact": found.exact,
            **more,
        },
        fix=fix,
        size=size,
    )


MEASURE = Measure(
    code="LBL205",
    name="label-values-differ",
    severity=Severity.WARNING,
    tags=(
        "class-index-mismatch",
        "label-file-misalignment",
        "label-spec-mismatch",
        "mask-value-corruption",
        "pair-desync",
        "train-eval-serve-skew",
    ),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=200,
        size="one label in ten is another where examples are paired by likeness",
        open=labels_in_doubt,
    ),
)
