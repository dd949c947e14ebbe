"""Some photos lie on their side in one feed, and stand upright in the other.

## What it does
Looks for pictures that fit their partner only when they are turned by a quarter or, some of
them, by a half; where the source files can be replayed, whether each side turns the files whose EXIF tag asks for it.

## From what size
From 60 examples of each feed on, it is found in nine runs of ten whether one photo in five lies
on its side. Below that the answer is undecided and says how many it takes.

## Why it matters
Phones store photos as the sensor saw them and note in the EXIF tag how to turn them. OpenCV,
viewers and most annotation tools follow it; `tf.io.decode_jpeg`, Pillow and Keras's loaders do
not. So boxes and labels drawn on upright photos meet turned ones, or a model trained on one kind
is used on the other.

## Example
```python
def read(turn):
    for path in sorted(jpegs.rglob("*.jpg")):
        picture = Image.open(path)
        picture = ImageOps.exif_transpose(picture) if turn else picture
        yield np.asarray(picture.resize((40, 40), Image.Resampling.BILINEAR))
a = folder_trace(jpegs, np.stack(list(read(True))))
b = folder_trace(jpegs, np.stack(list(read(False))))
```

Use instead:
```python
def read(turn):
    for path in sorted(jpegs.rglob("*.jpg")):
        picture = Image.open(path)
        picture = ImageOps.exif_transpose(picture) if turn else picture
        yield np.asarray(picture.resize((40, 40), Image.Resampling.BILINEAR))
a = folder_trace(jpegs, np.stack(list(read(True))))
b = folder_trace(jpegs, np.stack(list(read(True))))
```

## Fix safety
Unsafe: the pictures change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import kept_step
from twinfeed.diff._reach import Reach, pictures_differ
from twinfeed.diff._replay._told import both
from twinfeed.diff._twins import Twins

_LEAST = 3  # pictures upside down that are no accident
_NEARLY_ALL = 0.95
_FIX = Fix(
    "Turn both sides alike, once, ahead of everything else",
    "PIL.ImageOps.exif_transpose(image) before the resize; or store the files turned and without"
    " the tag",
    Safety.UNSAFE,
)


def look(twins: Twins) -> Iterator[Answer]:
    """Say which side turns, where files tell; else how many are turned."""
    recipes = both(twins)
    if recipes is not None:
        left, right = recipes
        if None in {left.orientation_applied, right.orientation_applied}:
            return
        if left.orientation_applied == right.orientation_applied:
            return
        name, other = ("A", "B") if left.orientation_applied else ("B", "A")
        yield MEASURE.finding(
            f"{name} turns photos as their EXIF tag says, {other} does not: {left.turned} of"
            f" {left.pictures} replayed files have such a tag",
            evidence={
                "side_that_turns": name,
                "files_with_a_turn": left.turned,
                "files_replayed": left.pictures,
            },
            fix=_FIX,
            size=0.6,
        )
        return
    kept = kept_step(twins, "orientation")
    # All of them turned one way is no tag but a reader's habit.
    if kept is None or kept.facts.get("way_of_nearly_all"):
        return
    quarter, half, turned, pairs = (
        int(kept.facts[f"pictures{name}"] or 0)
        for name in ("_turned_a_quarter", "_turned_by_half", "_turned", "")
    )
    # Mirrored ones are no tag, and all of them upside down are a reader's habit.
    some = half if half >= _LEAST and half == turned < _NEARLY_ALL * pairs else 0
    if not quarter and not some:
        return
    ways = [f"{count} by {by}" for count, by in ((quarter, "a quarter"), (half, "a half")) if count]
    yield MEASURE.finding(
        f"of {pairs} paired pictures some fit only when they are turned, {' and '.join(ways)}",
        evidence={
            "pictures_turned_a_quarter": quarter,
            "pictures_turned_by_half": half,
            "pictures_turned_or_mirrored": turned,
            "pairs": pairs,
            "share_of_difference": kept.share,
        },
        fix=_FIX,
        size=0.6,
    )


MEASURE = Measure(
    code="PIX205",
    name="ignored-exif-orientation",
    severity=Severity.WARNING,
    tags=("exif-orientation-ignored", "train-eval-serve-skew"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=60,
        size="one photo in five lies on its side",
        open=pictures_differ,
    ),
)
