"""Class folders with numbers for names, which are numbered as text.

## What it does
Looks at the names of the class folders of `flow_from_directory` and `image_dataset_from_directory`.

## Why it matters
Folders are sorted as text: 1, 10, 11, 2. The class of folder 2 is then not number 2, nor the second, and
predictions that are read as numbers are wrong from the second class on.

## Example
```python
import pathlib
from PIL import Image
for name in ("1", "2", "10"):
    place = pathlib.Path(folder, "bad", name)
    place.mkdir(parents=True)
    Image.new("RGB", (16, 16)).save(place / "a.png")
generator = tf.keras.preprocessing.image.ImageDataGenerator()
ds = generator.flow_from_directory(folder + "/bad", target_size=(16, 16), interpolation="bilinear")
```

Use instead:
```python
import pathlib
from PIL import Image
for name in ("01", "02", "10"):
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
from twinfeed.lint._folders import folders
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject


def check(subject: Subject) -> Iterator[Answer]:
    """Find folders whose order as text is not that of their numbers."""
    for folder in folders(subject):
        step, names = folder.step, folder.classes()
        if not folder.makes_labels:
            continue
        if len(names) < 2 or not all(name.isdecimal() for name in names):
            continue
        by_number = sorted(names, key=int)
        if by_number == names:
            continue
        place = next(
            i
            for i, (text, number) in enumerate(zip(names, by_number, strict=True))
            if text != number
        )
        yield RULE.finding(
            subject,
            f"the folders are sorted as text: class {place} is folder {names[place]}, where by"
            f" number it would be {by_number[place]}",
            step=step,
            strength=Strength.MEASURED,
            evidence={"classes": len(names), "first_difference": place},
            fix=Fix(
                "Name the classes in the order that you mean",
                f"classes={by_number[:4]!r}".replace("'", '"'),
                Safety.UNSAFE,
            ),
            size=0.4,
        )


RULE = Rule(
    code="LBL102",
    name="numbers-in-text-order",
    severity=Severity.NOTE,
    tags=("class-index-mismatch",),
    since="0.2",
    check=check,
    page=__doc__,
)
