"""Two parts of one set of files that were drawn by different rules.

## What it does
Where both sides are recognised by name, by content or by the files of one folder on this machine, and
were read to their ends, counts the examples in common. Some, but less than half of the smaller side,
mean two parts of one set. So do more of them where each side lacks some of every class that the other has, as two draws of 80 % do,
or a training part and a validation part that were drawn with two seeds. Where no example is in common and both plans state the folder
that they read, two folders are named; where none is and windows hold the same steps of one series,
it says whether the steps were mixed or the windows cut at other places.

## From what size
From 20 examples of each feed on, it is found in nine runs of ten whether two parts of one set
have a third of their examples in common. Below that the answer is undecided and says how many
it takes.

## Why it matters
`validation_split` of the older readers takes the first files of each class in order of their
names, `image_dataset_from_directory` draws with its seed, and arrays give their last rows. Scores
on two such parts are not comparable, and a part in order of names may be one patient or one day.

## Example
```python
order = np.random.default_rng(0).permutation(len(images))[:100]
data = tf.data.Dataset.from_tensor_slices
a = data((images[:100], labels[:100])).batch(20)
b = data((images[order], labels[order])).batch(20)
```

Use instead:
```python
order = np.random.default_rng(0).permutation(len(images))[:100]
data = tf.data.Dataset.from_tensor_slices
a = data((images[order], labels[order])).batch(20)
b = data((images[order], labels[order])).batch(20)
```

## Fix safety
Unsafe: the data change.
"""

from collections.abc import Iterator
from pathlib import PurePath

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed._core.trace import Trace
from twinfeed.diff._labels._form import label_form
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._pairing._one_series import one_series
from twinfeed.diff._reach import Reach, parts_of_one_set
from twinfeed.diff._split import parts
from twinfeed.diff._streams._order import is_whole
from twinfeed.diff._twins import SIDES, Twins
from twinfeed.diff._two_parts import two_parts

_OTHER_SIZE = 1.1  # times, from which an epoch of another length is what parts bring with them
_LEAST = 20  # examples of each side, of which one in common would be known


def look(twins: Twins) -> Iterator[Answer]:
    """Find two sides that have some of their examples in common, and not all."""
    found = two_parts(twins)
    if found is None:
        yield from _other_files(twins)
        yield from _other_windows(twins)
        return
    if any(label_form(side).form == "mixed one-hot" for side in (twins.left, twins.right)):
        return  # mixed with another one, an example is no longer the same
    few = 2 * found.common < min(found.left, found.right)
    only = "only " if few else ""
    sizes = max(found.left, found.right) > _OTHER_SIZE * min(found.left, found.right)
    yield MEASURE.finding(
        f"{only}{found.common:,} of A's {found.left:,} and B's {found.right:,} examples are the same:"
        " they are two parts of one set, drawn by different rules",
        evidence={
            "examples_in_common": found.common,
            "a_examples": found.left,
            "b_examples": found.right,
            "told_by": found.told_by,
        },
        fix=Fix(
            "Draw both parts by one rule",
            "one list of files, mixed once with a seed and split once, for both feeds",
            Safety.UNSAFE,
        ),
        # Which examples there are comes before the order in which they do.
        size=0.97 if few else 0.85 if sizes else 0.75,
    )


def _other_files(twins: Twins) -> Iterator[Answer]:
    """Find two sides without a common example that state other folders to read."""
    folders = [_folder(twins.side(name)) for name in SIDES]
    pairs = twins.pairs
    if None in folders or folders[0] == folders[1] or parts(twins) or len(pairs):
        return
    counts = len(pairs.left_rows), len(pairs.right_rows)
    if min(counts) < _LEAST or not all(is_whole(twins.side(name), 0) for name in SIDES):
        return
    yield MEASURE.finding(
        f"A reads {folders[0]} and B {folders[1]}, and none of A's {counts[0]:,} and B's {counts[1]:,}"
        " examples was recognised in the other",
        strength=Strength.READ,
        evidence={
            "examples_in_common": 0,
            "a_examples": counts[0],
            "b_examples": counts[1],
            "a_directory": folders[0],
            "b_directory": folders[1],
        },
        fix=Fix(
            "Read one folder in both feeds",
            f"directory={folders[0]!r}",
            Safety.UNSAFE,
        ),
        size=0.97,
    )


def _other_windows(twins: Twins) -> Iterator[Answer]:
    """Find windows of which none is in common, over steps that are."""
    pairs = twins.pairs
    counts = len(pairs.left_rows), len(pairs.right_rows)
    if len(pairs) or min(counts) < _LEAST:
        return
    found = one_series(twins.left, twins.right)
    if found is None:
        return
    told = (
        f"none of A's {counts[0]:,} and B's {counts[1]:,} windows is in the other, and"
        f" {found.share:.0%} of the steps in them are"
    )
    side = None if found.rougher is None else SIDES[found.rougher]
    where = f"{side}'s series was" if side else "one side's series was"
    yield MEASURE.finding(
        f"{told}: {where} mixed before it was cut into windows"
        if found.mixed
        else f"{told}: they are cut from one series at other places",
        evidence={
            "examples_in_common": 0,
            "a_examples": counts[0],
            "b_examples": counts[1],
            "steps_in_common_share": round(found.share, 4),
            "mixed_side": side if found.mixed else None,
        },
        fix=Fix(
            "Cut windows out of the series as it was measured, and mix the windows"
            if found.mixed
            else "Cut both feeds' windows at the same places",
            "windows over series[:n] first, then shuffle(...)"
            if found.mixed
            else "one start, step and stride for both feeds",
            Safety.UNSAFE,
        ),
        size=0.97,
    )


def _folder(trace: Trace) -> str | None:
    """The folder that a feed's plan names as its source."""
    named = (
        [step.settings.get("directory") for step in trace.plan.of_kind("source")]
        if trace.plan
        else []
    )
    return next((str(PurePath(one)) for one in named if isinstance(one, str) and one), None)


MEASURE = Measure(
    code="BAT213",
    name="little-in-common",
    severity=Severity.WARNING,
    tags=("split-not-random", "file-set-mismatch"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=20,
        size="two parts of one set have a third of their examples in common",
        open=parts_of_one_set,
    ),
)
