"""How often replay names decoder, kernel and shape rule of each side rightly.

Each pipeline is made with the real library (Pillow, TensorFlow, OpenCV) from the same files, and
compared with one fixed twin, Keras's ``image_dataset_from_directory``. Right is a part whose name
stands among those that are said to fit, where these are equal or nearly so; anything else is
printed. Of the twin, the parts are judged in every pair again.

    python benchmarks/replay.py --photos FOLDER [--only kernels,policies,drafts,modes] [--every]
"""

from __future__ import annotations

import argparse
import io
import itertools
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import tensorflow as tf
from PIL import Image, ImageOps

from twinfeed import as_feed
from twinfeed._core.trace import Trace
from twinfeed.diff._replay._recipe import Named, Recipe
from twinfeed.diff._replay._told import told
from twinfeed.diff._twins import Twins
from twinfeed.observe import Budget, observe

SIDE = 96
FILES = 32
NEARLY = 0.6  # levels that names may be apart and still be an answer
ACCURATE, FAST = "accurate DCT (Pillow, OpenCV)", "fast DCT (TensorFlow's default)"
HALF = "DCT scaled to a half"
DRAFT = "DCT scaled by Pillow's draft to the new size"
Resize = Callable[[np.ndarray, tuple[int, int]], np.ndarray]


def pil(method: str) -> Resize:
    """Pillow's, from height and width."""
    kind = Image.Resampling[method]

    def resize(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        flat = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
        made = np.asarray(Image.fromarray(flat).resize(size[::-1], kind))
        return made if made.ndim == 3 else made[..., None]

    return resize


def tensorflow(method: str, *, antialias: bool = False) -> Resize:
    """TensorFlow's."""
    return lambda pixels, size: tf.image.resize(pixels, size, method, antialias=antialias).numpy()


def opencv(method: int) -> Resize:
    """OpenCV's."""

    def resize(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        made = cv2.resize(pixels, size[::-1], interpolation=method)
        return made if made.ndim == 3 else made[..., None]

    return resize


KERNELS: dict[str, Resize] = {
    "pil-nearest": pil("NEAREST"),
    "tf-nearest": tensorflow("nearest"),
    "tf-bilinear": tensorflow("bilinear"),
    "tf-bilinear-antialias": tensorflow("bilinear", antialias=True),
    "pil-bilinear": pil("BILINEAR"),
    "pil-bicubic": pil("BICUBIC"),
    "pil-lanczos": pil("LANCZOS"),
    "pil-box": pil("BOX"),
    "pil-hamming": pil("HAMMING"),
    "cv2-nearest": opencv(cv2.INTER_NEAREST),
    "cv2-linear": opencv(cv2.INTER_LINEAR),
    "cv2-area": opencv(cv2.INTER_AREA),
    "cv2-cubic": opencv(cv2.INTER_CUBIC),
    "tf-area": tensorflow("area"),
    "tf-bicubic": tensorflow("bicubic"),
    "tf-bicubic-antialias": tensorflow("bicubic", antialias=True),
    "tf-lanczos3-antialias": tensorflow("lanczos3", antialias=True),
}


def stretched(pixels: np.ndarray, resize: Resize) -> np.ndarray:
    """To the new shape, whatever the old one."""
    return resize(pixels, (SIDE, SIDE))


def cropped(pixels: np.ndarray, resize: Resize) -> np.ndarray:
    """The largest square in the middle, as Keras's ``smart_resize`` takes it."""
    short = min(pixels.shape[:2])
    top, left = (int((length - short) / 2) for length in pixels.shape[:2])
    return resize(pixels[top : top + short, left : left + short], (SIDE, SIDE))


def padded(pixels: np.ndarray, resize: Resize) -> np.ndarray:
    """Resized to fit with black around it, as ``tf.image.resize_with_pad``."""
    height, width = pixels.shape[:2]
    ratio = max(height / SIDE, width / SIDE)
    made = resize(pixels, (int(height / ratio), int(width / ratio)))
    top, left = ((SIDE - length) // 2 for length in made.shape[:2])
    whole = np.zeros((SIDE, SIDE, made.shape[-1]), made.dtype)
    whole[top : top + made.shape[0], left : left + made.shape[1]] = made
    return whole


def shorter(factor: float) -> Callable[[np.ndarray, Resize], np.ndarray]:
    """The shorter side, then the middle, as torchvision's ``Resize`` and ``CenterCrop``."""

    def rule(pixels: np.ndarray, resize: Resize) -> np.ndarray:
        height, width = pixels.shape[:2]
        goal, short = round(SIDE * factor), min(height, width)
        made = resize(pixels, (int(goal * height / short), int(goal * width / short)))
        top, left = (round((length - SIDE) / 2) for length in made.shape[:2])
        return made[top : top + SIDE, left : left + SIDE]

    return rule


POLICIES = {
    "stretched": stretched,
    "cropped to the new shape, then resized": cropped,
    "resized to fit and padded": padded,
    "shorter side resized, then the middle cut out": shorter(1.0),
    "shorter side resized to 256/224, then the middle cut out": shorter(256 / 224),
}
DECODERS: dict[str, Callable[[bytes], np.ndarray]] = {
    ACCURATE: lambda data: np.asarray(Image.open(io.BytesIO(data)).convert("RGB")),
    FAST: lambda data: tf.io.decode_jpeg(data, channels=3).numpy(),
    HALF: lambda data: cv2.cvtColor(
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_COLOR_2), cv2.COLOR_BGR2RGB
    ),
}
Read = Callable[[bytes], np.ndarray]


def drafted(data: bytes) -> np.ndarray:
    """As small as Pillow may decode it for the new size."""
    image = Image.open(io.BytesIO(data))
    image.draft("RGB", (SIDE, SIDE))
    return np.asarray(image)


def opened(data: bytes) -> Any:
    """Pillow's image."""
    return Image.open(io.BytesIO(data))


def over(colour: str) -> Read:
    """What is transparent laid over a colour."""

    def read(data: bytes) -> np.ndarray:
        image = opened(data).convert("RGBA")
        below = Image.new("RGBA", image.size, colour)
        return np.asarray(Image.alpha_composite(below, image).convert("RGB"))

    return read


def rgb(data: bytes) -> np.ndarray:
    """Three channels."""
    return np.asarray(opened(data).convert("RGB"))


MODES: dict[str, tuple[str, Read]] = {
    "turned": ("exif", lambda data: np.asarray(ImageOps.exif_transpose(opened(data)))),
    "as stored": ("exif", rgb),
    "L": ("plain", lambda data: np.asarray(opened(data).convert("L"))[..., None]),
    "L, OpenCV": (
        "plain",
        lambda data: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)[..., None],
    ),
    "luma": ("plain", lambda data: tf.image.rgb_to_grayscale(rgb(data)).numpy()),
    "mean": ("plain", lambda data: rgb(data).mean(axis=-1, keepdims=True, dtype=np.float32)),
    "RGB": ("alpha", rgb),
    "black": ("alpha", over("black")),
    "white": ("alpha", over("white")),
}


@dataclass(frozen=True)
class Files:
    """A folder of photos, and the trace of the fixed twin that reads it."""

    folder: Path
    twin: Trace

    @staticmethod
    def of(folder: Path) -> Files:
        """Read it with Keras."""
        made = keras.utils.image_dataset_from_directory(
            folder, image_size=(SIDE, SIDE), shuffle=False, verbose=False
        )
        return Files(folder, seen(made))

    def read(self, read: Read, policy: str, kernel: str) -> Trace:
        """Arrays made of it."""
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        made = [POLICIES[policy](read(path.read_bytes()), KERNELS[kernel]) for path in paths]
        return seen((np.stack(made), np.arange(len(made)) % 2))


def seen(feed: Any) -> Trace:
    """A trace without timing to speak of."""
    return observe(as_feed(feed), budget=Budget(timing_s=0.01))


def written(root: Path, photos: Sequence[bytes]) -> dict[str, Files]:
    """The photos as they are, half of them small, with EXIF tags for some, and as PNG cut out."""
    found: dict[str, Files] = {}
    y, x = np.mgrid[-1:1:160j, -1:1:200j]
    for name in ("plain", "mixed", "exif", "alpha"):
        for number, data in enumerate(photos):
            home = root / name / str(number % 2)
            home.mkdir(parents=True, exist_ok=True)
            target = home / f"{number:03}"
            if name == "plain":
                target.with_suffix(".jpg").write_bytes(data)
            elif name == "mixed":
                photo = opened(data)
                if number % 2:  # too small for a draft
                    photo.thumbnail((2 * SIDE - 10, 2 * SIDE - 10))
                photo.save(target.with_suffix(".jpg"), quality=95)
            elif name == "exif":
                tag = Image.Exif()
                tag[274] = (1, 6, 3, 8)[number % 4]
                opened(data).save(target.with_suffix(".jpg"), exif=tag, quality=95)
            else:
                image = opened(data).convert("RGB").resize((200, 160))
                mask = ((x**2 + y**2 < 1) * 255).astype(np.uint8)
                image.putalpha(Image.fromarray(mask))
                image.save(target.with_suffix(".png"))
        found[name] = Files.of(root / name)
    return found


class Tally:
    """Right of how many, per part and side."""

    def __init__(self) -> None:
        self.right: Counter[str] = Counter()
        self.of: Counter[str] = Counter()

    def add(self, part: str, true: str, said: Named | None, about: str) -> None:
        """Count an answer; print it where it is wrong."""
        good = said is not None and true in said.among and said.apart_levels <= NEARLY
        self.right[part] += good
        self.of[part] += 1
        if not good:
            print(f"  {about}: {part} is {true!r}, said {said}", flush=True)

    def told(self, files: Files, trace: Trace, true: dict[str, str], about: str) -> None:
        """Count what is said of a pair; ``true`` of B alone."""
        found = told(Twins(files.twin, trace))
        twin = {"policy": "stretched", "kernel": "tf-bilinear"}
        if files.folder.name in {"plain", "mixed"}:
            twin["decoder"] = FAST
        for side, parts in (("A", twin), ("B", true)):
            recipe = found[side].recipe
            for part, name in parts.items():
                said = _part(recipe, part)
                rest = "" if recipe else f" (no recipe, {found[side].left_levels} levels left)"
                self.add(f"{side} {part}", name, said, about + rest)

    def table(self) -> None:
        """Print it."""
        print(f"\n{'side, part':20} {'right':>6} {'of':>6} {'share':>7}")
        for part in sorted(self.of):
            right, of = self.right[part], self.of[part]
            print(f"{part:20} {right:6} {of:6} {right / of:7.1%}")
        right, of = self.right.total(), self.of.total()
        print(f"{'all':20} {right:6} {of:6} {right / of:7.1%}")


def _part(recipe: Recipe | None, part: str) -> Named | None:
    if recipe is None:
        return None
    if part == "turn":
        said = {True: "turned", False: "as stored", None: "unknown"}[recipe.orientation_applied]
        return Named(best=said, among=(said,))
    return getattr(recipe, part)


def pipelines(only: Sequence[str], *, every: bool) -> list[tuple[str, str, str]]:
    """Decoder, policy and kernel of each; all with all, or each kernel and each rule."""
    if every:
        return list(itertools.product(DECODERS, POLICIES, KERNELS))
    found: list[tuple[str, str, str]] = []
    if "kernels" in only:
        found += itertools.product(DECODERS, ["stretched"], KERNELS)
    if "policies" in only:
        few = ("pil-nearest", "tf-bilinear", "pil-bilinear", "cv2-area", "tf-bicubic")
        found += itertools.product((ACCURATE, FAST), list(POLICIES)[1:], few)
    if "drafts" in only:
        found += itertools.product((DRAFT,), ("stretched",), KERNELS)
    return found


def photos_in(folder: Path) -> list[bytes]:
    """JPEG files of some size, evenly chosen."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".jpg", ".jpeg"})
    large = [path for path in paths if min(Image.open(path).size) >= 1.5 * SIDE]
    picks = np.linspace(0, len(large) - 1, min(FILES, len(large))).astype(int)
    return [large[at].read_bytes() for at in picks.tolist()]


def main() -> None:
    """Print what is named wrongly, then the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=Path, required=True, help="a folder of JPEG files")
    parser.add_argument("--only", default="kernels,policies,drafts,modes")
    parser.add_argument("--every", action="store_true", help="all with all: some minutes")
    options = parser.parse_args()
    only, tally, begin = options.only.split(","), Tally(), time.process_time()
    with tempfile.TemporaryDirectory() as temporary:
        files = written(Path(temporary), photos_in(options.photos))
        for decoder, policy, kernel in pipelines(only, every=options.every):
            here = files["mixed" if decoder == DRAFT else "plain"]
            trace = here.read(DECODERS.get(decoder, drafted), policy, kernel)
            true = {"policy": policy, "kernel": kernel, "decoder": decoder}
            tally.told(here, trace, true, f"{decoder[:8]}, {policy[:24]}, {kernel}")
        for name, (kind, read) in MODES.items() if "modes" in only else ():
            trace = files[kind].read(read, "stretched", "pil-bilinear")
            # Pillow rounds no fractions, so that its bilinear is TensorFlow's.
            kernel = "tf-bilinear-antialias" if name == "mean" else "pil-bilinear"
            true = {"policy": "stretched", "kernel": kernel}
            true |= {"turn": name} if kind == "exif" else {"mode": name.partition(",")[0]}
            tally.told(files[kind], trace, true, name)
    tally.table()
    print(f"{time.process_time() - begin:.0f} CPU s")


if __name__ == "__main__":
    main()
