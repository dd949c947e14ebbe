"""Photos whose EXIF tag asks for a turn that the loader does not make.

## What it does
Reads the first bytes of up to 256 JPEG files of a folder that Keras or TensorFlow decodes and looks for an
orientation tag other than "upright".

## Why it matters
Phones store photos as the sensor saw them. Viewers, OpenCV and annotation tools turn them by the tag;
`tf.io.decode_jpeg`, Pillow and Keras's loaders do not. The network sees these photos on their side, and boxes or
masks that were drawn on the turned photo do not fit.

## Example
```python
import pathlib
from PIL import Image
for name, turn in (("cat", 1), ("dog", 6)):
    place = pathlib.Path(folder, "bad", name)
    place.mkdir(parents=True)
    tags = Image.Exif()
    tags[0x0112] = turn
    Image.new("RGB", (16, 16)).save(place / "a.jpg", exif=tags)
ds = tf.keras.utils.image_dataset_from_directory(folder + "/bad", image_size=(16, 16), verbose=False)
```

Use instead:
```python
import pathlib
from PIL import Image, ImageOps
for name in ("cat", "dog"):
    place = pathlib.Path(folder, "good", name)
    place.mkdir(parents=True)
    ImageOps.exif_transpose(Image.new("RGB", (16, 16))).save(place / "a.jpg")
ds = tf.keras.utils.image_dataset_from_directory(folder + "/good", image_size=(16, 16), verbose=False)
```

## Fix safety
Unsafe: the pictures change, which is the point.
"""

from collections.abc import Iterator
from pathlib import Path

from twinfeed._core.exif import HEAD_BYTES, orientation
from twinfeed._core.finding import Fix, Safety, Severity, Strength
from twinfeed.lint._folders import folders, suffix
from twinfeed.lint._rule import Answer, Rule
from twinfeed.lint._subject import Subject

_MOST_READ = 256


def check(subject: Subject) -> Iterator[Answer]:
    """Find photos that are stored on their side."""
    for folder in folders(subject):
        paths = [path for path in folder.pictures() if suffix(path) in {".jpg", ".jpeg"}]
        looked = paths[:: max(1, len(paths) // _MOST_READ)][:_MOST_READ]
        turned = [path for path in looked if _turn(path) != 1]
        if not turned:
            continue
        yield RULE.finding(
            subject,
            f"of {len(looked):,} photos that were looked at {len(turned):,} have an EXIF tag that asks"
            " for a turn, and nothing here turns them",
            step=folder.step,
            strength=Strength.MEASURED,
            evidence={"turned": len(turned), "looked_at": len(looked), "photos": len(paths)},
            fix=Fix(
                "Turn the files once and store them without the tag",
                "PIL.ImageOps.exif_transpose(image).save(path)",
                Safety.UNSAFE,
            ),
            size=min(1.0, 0.3 + len(turned) / len(looked)),
        )


def _turn(path: str) -> int:
    try:
        with Path(path).open("rb") as file:
            return orientation(file.read(HEAD_BYTES))
    except OSError:
        return 1


RULE = Rule(
    code="PIX104",
    name="photos-on-their-side",
    severity=Severity.WARNING,
    tags=("exif-orientation-ignored",),
    since="0.2",
    check=check,
    page=__doc__,
)
