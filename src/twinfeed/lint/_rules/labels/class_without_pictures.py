"""A folder without a picture that counts as a class.

## What it does
Looks for class folders of `flow_from_directory` and `image_dataset_from_directory` that hold no picture
that the loader reads. `flow_from_directory` takes hidden ones, too.

## Why it matters
A `.ipynb_checkpoints` beside the classes becomes class 0, and every other class moves by one: the
last layer has one output too many, and another loader, which leaves the folder out, numbers otherwise.

## Example
```python
import pathlib
from PIL import Image
for name in ("cat", "dog", ".ipynb_checkpoints"):
    place = pathlib.Path(folder, "bad", name)
    place.mkdir(parents=True)
    if not name.startswith("."):
        Image.new("RGB", (16, 16)).save(place / "a.png")
generator = tf.keras.preprocessing.image.ImageDataGenerator()
ds = generator.flow_from_directory(folder + "/bad", target_size=(16, 16), interpolation="bilinear")
```

Use instead:
```python
import pathlib
from PIL import Image
for name in ("cat", "dog"):
    place = pathlib.Path(folder, "good", name)
    place.mkdir(parents=True)
    Image.new("RGB", (16, 16)).save(place / "a.png")
generator = tf.keras.preprocessing.image.ImageDataGenerator()
ds = generator.flow_from_directory(folder + "/good", target_size=(16, 16), interpolation="bilinear")
```

## Fix safety
Unsafe: classes get other numbers, which is the point; a trained model knows the old ones.
"""

from collections.abc import Iterator

from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed.lint._folders import folders, suffix
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject

_MOST_CLASSES = 1_000


def check(subject: Subject) -> Iterator[Answer]:
    """Find classes of which there is no picture."""
    for folder in folders(subject):
        names = folder.classes()
        if not folder.makes_labels or not 2 <= len(names) <= _MOST_CLASSES:
            continue
        empty = [
            name
            for name in names
            if not any(suffix(path) in folder.formats for path in folder.pictures(name))
        ]
        # Where most are empty the pictures lie deeper, and the folders are no classes.
        if not empty or 2 * len(empty) > len(names):
            continue
        more = f" and {len(empty) - 1:,} more" if len(empty) > 1 else ""
        yield RULE.finding(
            subject,
            f"the class folder {empty[0]}{more} of {len(names):,} holds no picture and is class"
            f" {names.index(empty[0])} all the same",
            step=folder.step,
            strength=Strength.MEASURED,
            evidence={
                "classes": len(names),
                "empty": len(empty),
                "first_number": names.index(empty[0]),
            },
            fix=Fix(
                "Move the folder away, or name the classes",
                'classes=["cat", "dog"]' if folder.hidden else 'class_names=["cat", "dog"]',
                Safety.UNSAFE,
            ),
            size=0.6,
        )


RULE = Rule(
    code="LBL103",
    name="class-without-pictures",
    severity=Severity.WARNING,
    tags=("class-index-mismatch", "file-set-mismatch"),
    since="0.2",
    check=check,
    page=__doc__,
)
