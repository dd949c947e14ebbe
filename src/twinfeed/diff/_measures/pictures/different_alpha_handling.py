"""What is transparent in the files has another colour in each feed.

## What it does
Replays files that have an alpha channel or a transparent colour with the alpha dropped, laid
over black and laid over white, and names the one that gives each side's pictures. Without
files it looks for one colour in one feed that is another colour in the other, where all other
points follow one line: what was padded with another value shows so too.

## From what size
From 20 examples of each feed on, it is found in nine runs of ten whether a tenth of each
picture is black in one feed and white in the other. Below that the answer is undecided and says
how many it takes.

## Why it matters
Logos, icons and cut-out products: dropping alpha brings back whatever colour the editor left
under it, often black or noise; a browser shows white. The ground is then the strongest thing in
the picture, and it differs between training and use.

## Example
```python
def read(ground):
    for path in sorted(clear.rglob("*.png")):
        picture = Image.open(path)
        shown = picture.convert("RGB")
        if ground:
            shown = Image.alpha_composite(Image.new("RGBA", picture.size, ground), picture)
            shown = shown.convert("RGB")
        yield np.asarray(shown.resize((40, 40), Image.Resampling.BILINEAR))
a = folder_trace(clear, np.stack(list(read(None))))
b = folder_trace(clear, np.stack(list(read("white"))))
```

Use instead:
```python
def read(ground):
    for path in sorted(clear.rglob("*.png")):
        picture = Image.open(path)
        shown = picture.convert("RGB")
        if ground:
            shown = Image.alpha_composite(Image.new("RGBA", picture.size, ground), picture)
            shown = shown.convert("RGB")
        yield np.asarray(shown.resize((40, 40), Image.Resampling.BILINEAR))
a = folder_trace(clear, np.stack(list(read("white"))))
b = folder_trace(clear, np.stack(list(read("white"))))
```

## Fix safety
Unsafe: the pictures change; that is the point.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity
from twinfeed.diff._measure import Answer, Measure
from twinfeed.diff._picture_steps import apart, in_levels, kept_step, replayed
from twinfeed.diff._reach import Reach, pictures_differ
from twinfeed.diff._twins import Twins

_WORDS = {
    "RGB": "dropped",
    "black": "laid over black",
    "white": "laid over white",
}


def look(twins: Twins) -> Iterator[Answer]:
    """Name what became of transparency on both sides."""
    found = replayed(twins, "channels")
    if found is None:
        yield from _without_files(twins)
        return
    kept, left, right = found
    if not left.mode.excludes(right.mode) or not {left.mode.best, right.mode.best} <= set(_WORDS):
        return
    levels = apart(kept)
    yield MEASURE.finding(
        f"transparency is {_WORDS[left.mode.best]} in A and {_WORDS[right.mode.best]} in"
        f" B{in_levels(levels)}: {left.transparent} of {left.pictures} replayed files have it",
        evidence={
            "a_transparency": _WORDS[left.mode.best],
            "b_transparency": _WORDS[right.mode.best],
            "apart_levels": levels,
            "files_with_transparency": left.transparent,
            "files_replayed": left.pictures,
            "share_of_difference": kept.share,
        },
        fix=Fix(
            "Lay what is transparent over one colour on both sides",
            'Image.alpha_composite(Image.new("RGBA", image.size, "white"),'
            ' image.convert("RGBA")).convert("RGB") before the resize',
            Safety.UNSAFE,
        ),
        size=0.55,
    )


def _without_files(twins: Twins) -> Iterator[Answer]:
    """Name the two colours where no file tells what they stand for."""
    kept = kept_step(twins, "background")
    if kept is None:
        return
    facts = kept.facts
    yield MEASURE.finding(
        f"{float(facts['points_share'] or 0):.1%} of the points are {facts['a_colour']} in A and"
        f" {facts['b_colour']} in B, in {facts['pictures_with_it']} of {facts['pictures']} paired"
        " pictures whose other points follow one line: what is transparent, or what was padded,"
        " has another colour",
        evidence={**facts, "share_of_difference": kept.share},
        fix=Fix(
            "Fill what is transparent, or padded, with one colour on both sides",
            'Image.new("RGBA", image.size, "white") below alpha_composite; constant_values or fill'
            " of the padding",
            Safety.UNSAFE,
        ),
        size=0.55,
    )


MEASURE = Measure(
    code="PIX211",
    name="different-alpha-handling",
    severity=Severity.WARNING,
    tags=("channel-mismatch", "train-eval-serve-skew"),
    since="0.1",
    look=look,
    page=__doc__,
    reach=Reach(
        examples=20,
        size="a tenth of each picture is black in one feed and white in the other",
        open=pictures_differ,
    ),
)
