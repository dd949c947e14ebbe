"""Pictures of one feed are mirrored, stand on their head, or lie on their side: all, or always the same.

## What it does
Registers each kept view of one side against the same example of the other, where at least one
of the two does nothing at random, and counts the mirrored ones, and those with rows and columns
exchanged (as the files of EMNIST are). It speaks where nearly all are, and where some are that are
mirrored in every epoch and every build of the feed. A share that is drawn anew is an
augmentation, of which `different-flips` speaks.

Where both sides draw their pictures anew, it asks which half of each is the lighter, and whether it
is so on the other side as well.

## From what size
From 12 examples of each feed on, it is found in nine runs of ten whether all pictures of one
feed are mirrored. Below that the answer is undecided and says how many it takes.

## Why it matters
A network that learned from mirrored pictures reads mirrored ones: text, digits, hands and
traffic signs mean something else then, and photos upside down are as good as unseen. It happens
where rows are read from the bottom up (BMP files, OpenGL, NumPy slices such as `x[::-1]` that
were meant for channels) or where one reader applies the orientation tag of a camera.

## Example
```python
data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
a = data
b = data.map(lambda x, y: (tf.image.flip_left_right(x), y))
```

Use instead:
```python
data = tf.data.Dataset.from_tensor_slices((images, labels)).batch(32)
a, b = data, data
```

## Fix safety
Unsafe: the pictures change; that is the point.
"""

from collections.abc import Iterator

import numpy as np

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._fixes._rewrite import on_inputs
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import kept_step
from twinfeed.diff._policy._spread import LEAST_VIEWS
from twinfeed.diff._policy._way_round import way_round
from twinfeed.diff._reach import Reach, values_differ
from twinfeed.diff._split import parts
from twinfeed.diff._twins import EACH_WAY, Twins

_NEARLY_ALL = 0.95
_LEAST, _SOME = 5, 0.05  # pictures, and share of them, that are mirrored by no accident
_WAYS = {
    (True, False): "mirrored left to right",
    (False, True): "upside down",
    (True, True): "turned by half a turn",
}


def look(twins: Twins) -> Iterator[Answer]:
    """Count the mirrored views of a side against the other side's pictures."""
    if parts(twins) is not None:
        return  # then they are copies made before the split
    for name, _ in reversed(EACH_WAY):
        views = twins.views[name]
        if not twins.basis[name].kind.startswith("other") or len(views) < LEAST_VIEWS:
            continue
        # Pictures that look like their mirror image cannot be told; most of the others must agree.
        upright = ~views.transposed
        across, down = views.flip_x & upright, views.flip_y & upright
        shares = float(across.mean()), float(down.mean())
        way = shares[0] >= _NEARLY_ALL, shares[1] >= _NEARLY_ALL
        if not any(way):
            continue
        both = np.logical_and.reduce(
            [flip for flip, all_ in zip((across, down), way, strict=True) if all_]
        )
        yield MEASURE.finding(
            f"B's pictures are A's {_WAYS[way]}: {both.sum():,} of {len(views):,} paired examples"
            " fit only so",
            evidence={
                "mirrored_across_share": shares[0],
                "mirrored_down_share": shares[1],
                "views": len(views),
                "basis": twins.basis[name].kind,
            },
            fix=Fix("Read both the same way round", _turned(twins, *way), Safety.UNSAFE),
            size=0.75,
        )
        return
    kept = kept_step(twins, "orientation")
    way = kept.facts.get("way_of_nearly_all") if kept else None
    if kept and isinstance(way, str) and kept.facts["pictures_turned_a_quarter"]:
        pairs = kept.facts["pictures"]
        yield MEASURE.finding(
            f"B's pictures are A's {way}: nearly all of {pairs:,} paired examples fit only so",
            evidence={"way": way, "pairs": pairs, "share_of_difference": kept.share},
            fix=Fix(
                "Read both the same way round",
                on_inputs(twins.right, _exchanged(twins)),
                Safety.UNSAFE,
            ),
            size=0.75,
        )
        return
    yield from _behind_draws(twins)
    yield from _some(twins)


def _behind_draws(twins: Twins) -> Iterator[Answer]:
    """The same of two sides that both draw, by the lighter halves of their pictures."""
    found = way_round(twins)
    if found is None:
        return
    yield MEASURE.finding(
        f"B's pictures are A's {found.said}: so lie the lighter halves of {found.share:.0%} of"
        f" {found.pairs:,} paired examples that both draw anew",
        evidence={"way": found.said, "pairs": found.pairs, "pairs_that_lie_so_share": found.share},
        fix=Fix(
            "Read both the same way round",
            "the same axes flipped or transposed in both, ahead of the augmentation",
            Safety.UNSAFE,
        ),
        size=0.75,
    )


def _some(twins: Twins) -> Iterator[Answer]:
    """Some pictures mirrored, the same ones in every epoch: a draw that was kept."""
    kept = kept_step(twins, "orientation")
    if not (twins.is_plain("A") and twins.is_plain("B")):
        return
    if kept is None or kept.facts.get("pictures_turned_a_quarter"):
        return
    pictures = int(kept.facts.get("pictures") or 0)
    for axis, words in (("across", "left to right"), ("down", "top to bottom")):
        count = int(kept.facts.get(f"pictures_mirrored_{axis}") or 0)
        if count >= max(_LEAST, _SOME * pictures):
            yield MEASURE.finding(
                f"{count} of {pictures} paired pictures are mirrored {words} in one feed and not in"
                " the other, the same ones in every epoch that was seen",
                evidence={
                    f"mirrored_{axis}": count,
                    "pairs": pictures,
                    "share_of_difference": kept.share,
                },
                fix=Fix(
                    "Mirror in both feeds or in neither, and anew in every epoch",
                    "put the random flip behind any cache, or take it out of the step that made the"
                    " pictures",
                    Safety.UNSAFE,
                ),
                size=0.7,
            )


def _exchanged(twins: Twins) -> str:
    first = twins.right.main is not None and twins.right.main.channels_first
    return f"tf.transpose(x, {(0, 1, 3, 2) if first else (0, 2, 1, 3)})"


def _turned(twins: Twins, across: bool, down: bool) -> str:  # noqa: FBT001 - two alike, in one order
    axes = f"{'::-1' if down else ':'}, {'::-1' if across else ':'}"
    first = twins.right.main is not None and twins.right.main.channels_first
    return on_inputs(twins.right, f"x[:, :, {axes}]" if first else f"x[:, {axes}]")


MEASURE = Measure(
    code="GEO206",
    name="different-orientation",
    severity=Severity.WARNING,
    tags=("geometry-policy-mismatch", "train-eval-serve-skew"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=12,
        size="all pictures of one feed are mirrored",
        open=values_differ,
    ),
)
