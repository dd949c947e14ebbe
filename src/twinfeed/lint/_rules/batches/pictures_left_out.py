"""Pictures that lie in the folder and that the loader does not read.

## What it does
Looks into the folder of `flow_from_directory`, `image_dataset_from_directory` or a list of picture files for
pictures in formats that are not read there: WebP and TIFF by `image_dataset_from_directory`, WebP and GIF
by `flow_from_directory`, HEIC by all of them.

## Why it matters
The loader says how many files it found and nothing about the others. A class that was collected with a
phone or from the web loses most of its examples, and another loader trains on another set.

## Example
```python
import pathlib
from PIL import Image
for name in ("cat", "dog"):
    place = pathlib.Path(folder, "bad", name)
    place.mkdir(parents=True)
    for end in (".png", ".webp"):
        Image.new("RGB", (16, 16)).save(place / ("a" + end))
ds = tf.keras.utils.image_dataset_from_directory(folder + "/bad", image_size=(16, 16), verbose=False)
```

Use instead:
```python
import pathlib
from PIL import Image
for name in ("cat", "dog"):
    place = pathlib.Path(folder, "good", name)
    place.mkdir(parents=True)
    for end in (".png", ".jpg"):
        Image.new("RGB", (16, 16)).save(place / ("a" + end))
ds = tf.keras.utils.image_dataset_from_directory(folder + "/good", image_size=(16, 16), verbose=False)
```

## Fix safety
Unsafe: the feed gets more examples, which is the point.
"""

from collections import Counter
from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed.lint._folders import Folder, folders, suffix, told
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject

_MANY = 0.05  # share of the pictures above which it is more than a note


def check(subject: Subject) -> Iterator[Answer]:
    """Find pictures in formats that the loader leaves out."""
    for folder in folders(subject):
        counts = Counter(suffix(path) for path in folder.pictures())
        left = Counter({end: n for end, n in counts.items() if end not in folder.formats})
        total, missing = sum(counts.values()), sum(left.values())
        if not missing or missing == total or _reads_more(subject, folder, total - missing):
            continue
        yield RULE.finding(
            subject,
            f"of the {total:,} pictures in the folder {missing:,} are in formats that are not read"
            f" here: {told(left)}",
            step=folder.step,
            strength=Strength.MEASURED,
            evidence={"pictures": total, "left_out": missing},
            fix=Fix(
                "Convert them", 'Image.open(path).convert("RGB").save(name + ".png")', Safety.UNSAFE
            ),
            size=min(1.0, 0.3 + missing / total),
            severity=Severity.WARNING if missing >= _MANY * total else None,
        )


def _reads_more(subject: Subject, folder: Folder, readable: int) -> bool:
    """Whether the feeds of the run name more files than a loader would, so that the user chose them."""
    named = folder.step.examples_in or 0
    for other in subject.others:
        named += sum(one.step.examples_in or 0 for one in folders(other) if one.path == folder.path)
    return named > readable and subject.plan is not None and subject.plan.library == "tf.data"


RULE = Rule(
    code="BAT112",
    name="pictures-left-out",
    severity=Severity.NOTE,
    tags=("file-set-mismatch",),
    since="0.2",
    check=check,
    page=__doc__,
)
