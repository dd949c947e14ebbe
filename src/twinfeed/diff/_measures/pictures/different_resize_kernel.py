"""Both feeds resize the same files, with another kernel or another library's.

## What it does
Decodes the source files and resizes them with each kernel of a bank (Pillow's, TensorFlow 2's
and 1's, and OpenCV's), and names the one that gives each side's pictures. Scale and normalisation have no
say. Kernels that give the same pictures are named together; where the best one of the bank
leaves more than 3 levels of 255, none is named.

It needs the files: a folder that the plan names (`flow_from_directory`,
`image_dataset_from_directory`, `list_files`, `dir:`) and that is on this machine. Without them
`different-sharpness` compares the two sides only.

Where pictures are turned or mirrored at random behind the resize, none can be held against its
file. Then it reads both kernels from the arguments or the graph, and says what they make of the
files; it is silent where the files, or the shapes on the way, have the final size already.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether one feed shrinks its
files by a bicubic kernel and the other by a bilinear one. Below that the answer is undecided
and says how many it takes.

## Why it matters
`flow_from_directory` takes `nearest` by default, `image_dataset_from_directory` bilinear without
a wider filter, Pillow's bilinear widens. A network that learned one sees other edges in the
other. Up to about 1.5 levels in the mean, as much as another JPEG decoder makes, it is a note.

Where only one of the two kernels smooths as it shrinks, `shrunk-without-antialias` speaks.

## Example
```python
read = keras.utils.image_dataset_from_directory
a = read(jpegs, image_size=(40, 40), shuffle=False, verbose=False)
b = read(jpegs, image_size=(40, 40), shuffle=False, verbose=False, interpolation="bicubic")
```

Use instead:
```python
read = keras.utils.image_dataset_from_directory
a = read(jpegs, image_size=(40, 40), shuffle=False, verbose=False)
b = read(jpegs, image_size=(40, 40), shuffle=False, verbose=False)
```

## Fix safety
Unsafe: the pictures change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed.diff._ledger._account import account
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import (
    apart,
    in_levels,
    is_told,
    kernel_call,
    on_files,
    one_smooths,
    recipe_evidence,
    replayed,
    said_where,
    severity_of,
    size_of,
    stated_evidence,
)
from twinfeed.diff._reach import Reach, pictures_differ
from twinfeed.diff._replay._stated import TwoKernels, two_kernels
from twinfeed.diff._replay._told import told
from twinfeed.diff._twins import SIDES, Twins


def look(twins: Twins) -> Iterator[Answer]:
    """Name both kernels."""
    found = replayed(twins, "resize kernel")
    if found is None:
        stated = two_kernels(twins)
        yield from _not_named(twins) if stated is None else _stated(twins, stated)
        return
    kept, left, right = found
    if left.kernel is None or right.kernel is None:
        return
    if one_smooths(left, right):
        return
    levels = apart(kept)
    yield MEASURE.finding(
        f"A's pictures are resized by {left.kernel}, B's by {right.kernel}{in_levels(levels)},"
        f" in {left.pictures} and {right.pictures} replayed files",
        evidence={
            "apart_levels": levels,
            "share_of_difference": kept.share,
            **recipe_evidence(left, right),
        },
        fix=Fix(
            "Resize both sides with one kernel",
            kernel_call(twins, left.kernel),
            Safety.UNSAFE,
        ),
        size=size_of(levels),
        severity=severity_of(levels),
    )


def _stated(twins: Twins, found: TwoKernels) -> Iterator[Answer]:
    """Name the kernels that the plans state."""
    if found.one_smooths:
        return
    yield MEASURE.finding(
        f"A's pictures are resized by {found.left}, B's by {found.right}, as"
        f" {said_where(found)}{on_files(found)}",
        strength=Strength.READ,
        evidence=stated_evidence(found),
        fix=Fix("Resize both sides with one kernel", kernel_call(twins, found.left), Safety.UNSAFE),
        size=size_of(found.levels),
        severity=severity_of(found.levels),
    )


def _not_named(twins: Twins) -> Iterator[Answer]:
    """Say that files were replayed in vain, where pictures differ and nothing else explains it."""
    if account(twins) is None or is_told(twins):
        return
    for name in SIDES:
        side = told(twins)[name]
        if side.recipe is None and side.left_levels is not None:
            yield MEASURE.undecided(
                f"which decoder, shape rule and kernel made {name}'s pictures: the nearest of the"
                f" bank leaves {side.left_levels:.1f} levels of 255",
                f"a kernel of the bank in {name}, or {name} without what it does to its pictures"
                " behind the resize",
            )


MEASURE = Measure(
    code="PIX201",
    name="different-resize-kernel",
    severity=Severity.WARNING,
    tags=("resize-kernel-mismatch", "resize-backend-mismatch", "train-eval-serve-skew"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="one feed shrinks its files by a bicubic kernel and the other by a bilinear one",
        open=pictures_differ,
    ),
    prior_cost="SysNoise (Wang et al. 2023): another resize moves ImageNet accuracy by about 0.8 to 2 points",
)
