"""Differences of the size that a page names, in feeds that show nothing but their batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import tensorflow as tf
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from tests.calibration import of_pictures
from tests.calibration.augmenting import Change, erased, moved
from tests.calibration.material import Data, draw, jpeg_folder
from tests.calibration.pipelines import Pipeline
from tests.calibration.trial import Outcome, outcome
from tests.diff.conftest import fit_trace
from twinfeed.diff import CATALOGUE
from twinfeed.diff._reach import Reach

BATCH = 8
Reader: TypeAlias = Callable[[Path], Any]
"""From a folder of JPEG files to a feed of its pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A feed of which the plan is hidden: a function that yields batches.

    Attributes:
        change: Changes one picture in 0..255 anew each time.
        order: ``mixed``, ``once``, ``sorted``, ``later``: sorted, from the second batch on and
            round; ``batches`` or ``near``.
        labels: What becomes of the class numbers.
        again: Which draws are the same ones: none, those of a ``batch``, or those at the same
            ``place`` of all batches of an epoch.
        part: Which examples of those that both feeds are drawn from; all by default.
        batch: Examples per batch.
    """

    change: Change | None = None
    order: str = "mixed"
    labels: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None
    again: str = ""
    part: Callable[[np.ndarray], np.ndarray] | None = None
    batch: int = BATCH

    def build(self, data: Data, seed: int) -> Any:
        images, labels = data
        drawn = np.random.default_rng(seed)
        if self.part:
            rows = self.part(labels)
            images, labels = images[rows], labels[rows]
        if self.labels:
            labels = self.labels(labels, drawn)
        count, kept = len(images), drawn.permutation(len(images))

        def batches() -> Iterator[Any]:
            order = self._order(count, kept, drawn)
            epoch = int(drawn.integers(1 << 30))
            for low in range(0, count, self.batch):
                picks = order[low : low + self.batch]
                made: list[np.ndarray] = []
                by_place = np.random.default_rng(epoch)
                for row in picks.tolist():
                    x = images[row].astype(np.float32)
                    random = np.random.default_rng((epoch, low)) if self.again == "batch" else drawn
                    if self.change:
                        x = self.change(x, by_place if self.again == "place" else random)
                    made.append(np.asarray(x, np.float32) / 255)
                yield np.stack(made), labels[picks]

        return batches

    def _order(self, count: int, kept: np.ndarray, drawn: np.random.Generator) -> np.ndarray:
        if self.order == "sorted":
            return np.arange(count)
        if self.order == "later":
            return np.roll(np.arange(count), -self.batch)
        if self.order == "once":
            return kept
        if self.order == "batches":
            parts = [kept[low : low + self.batch] for low in range(0, count, self.batch)]
            return np.concatenate([parts[at] for at in drawn.permutation(len(parts))])
        if self.order == "near":
            return np.argsort(np.arange(count) + drawn.uniform(0, count / 10, count))
        return drawn.permutation(count)


def _flip(share: float) -> Change:
    return lambda x, r: x[:, ::-1] if r.random() < share else x


def _bright(most: float) -> Change:
    return lambda x, r: np.clip(x + 255 * r.uniform(-most, most), 0, 255)


def _strong(most: float) -> Change:
    def change(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
        grey = x @ np.array([0.299, 0.587, 0.114])
        return np.clip(
            grey[..., None] + r.uniform(1 - most, 1 + most) * (x - grey[..., None]), 0, 255
        )

    return change


def _shift(most: float) -> Change:
    def change(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
        return moved(
            x, shift=(float(r.uniform(-most, most)), float(r.uniform(-most, most))), mode="nearest"
        )

    return change


def _dimmed(x: np.ndarray) -> np.ndarray:
    return x * np.random.uniform(0.5, 1.0)  # noqa: NPY002 - as such functions are written


def _other(labels: np.ndarray, drawn: np.random.Generator) -> np.ndarray:
    """One label in ten moved to the next class."""
    rows = drawn.choice(len(labels), max(1, len(labels) // 10), replace=False)
    moved = labels.copy()
    moved[rows] = (moved[rows] + 1) % (labels.max() + 1)
    return moved


def _zoom(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
    return moved(x, zoom=(float(r.uniform(0.8, 1.2)),) * 2, mode="nearest")


@dataclass(frozen=True, slots=True)
class Written:
    """A pipeline of ``tf.data``, for what only a plan tells apart."""

    pipeline: Pipeline

    def build(self, data: Data, seed: int) -> Any:
        return self.pipeline.build(*data, seed=seed)


@dataclass(frozen=True, slots=True)
class Generated:
    """An ``ImageDataGenerator``, for what its arguments state."""

    function: Callable[[np.ndarray], np.ndarray] | None = None

    def build(self, data: Data, seed: int) -> Any:
        made = ImageDataGenerator(rotation_range=10, preprocessing_function=self.function)
        return made.flow(*data, batch_size=BATCH, seed=seed)


@dataclass(frozen=True, slots=True)
class Seeded:
    """A ``tf.data`` pipeline that mirrors by a seed that begins anew in each epoch."""

    def build(self, data: Data, seed: int) -> Any:
        made = tf.data.Dataset.from_tensor_slices(data).batch(BATCH)
        flip = tf.image.stateless_random_flip_left_right
        return made.map(lambda x, y: (flip(x, seed=(seed, 2)), y))


@dataclass(frozen=True, slots=True)
class Predicted:
    """What reaches ``predict``."""

    mixed: bool = False

    def build(self, data: Data, seed: int) -> Any:
        made = tf.data.Dataset.from_tensor_slices(data[0])
        made = made.shuffle(len(data[0]), seed=seed) if self.mixed else made
        return fit_trace(made.batch(BATCH), method="predict")


@dataclass(frozen=True, slots=True)
class Validated:
    """What reaches the validation of a training in two epochs, of each of which it is a half."""

    goes_on: bool = False

    def build(self, data: Data, seed: int) -> Any:
        images, labels = data
        # Keras gives the first two batches of a generator again.
        steps, each = 10, max(1, len(images) // 20)
        held = [
            (images[at : at + each], labels[at : at + each]) for at in range(0, len(images), each)
        ]
        known = {"epochs": 2, "validation_steps": steps, "role": "validation"}
        whole = tf.data.Dataset.from_tensor_slices(data).batch(each)
        return fit_trace(
            whole, validation_data=(one for one in held) if self.goes_on else whole, **known
        )


def _reader(*, method: str = "bilinear", antialias: bool = True, dct: str = "") -> Reader:
    def read(folder: Path) -> Any:
        def make(path: Any) -> Any:
            picture = tf.io.decode_jpeg(tf.io.read_file(path), channels=3, dct_method=dct)
            return tf.image.resize(picture, (64, 64), method=method, antialias=antialias)

        return tf.data.Dataset.list_files(f"{folder}/*/*.jpg", shuffle=False).map(make).batch(BATCH)

    return read


PLAIN = Recipe()
FLIPPED = Recipe(change=_flip(0.5))
Made: TypeAlias = Recipe | Written | Generated | Seeded | Predicted | Validated
OF_EXAMPLES: dict[str, tuple[Made, Made]] = {
    "AUG201": (PLAIN, Recipe(change=_flip(1 / 3))),
    "AUG202": (Written(Pipeline(flip=0.5)), Written(Pipeline(flip=0.5, frozen=True))),
    "AUG204": (PLAIN, FLIPPED),
    "AUG205": (PLAIN, Recipe(change=_zoom)),
    "AUG206": (PLAIN, Recipe(change=_bright(0.2))),
    "AUG209": (PLAIN, Recipe(change=_shift(0.1))),
    "AUG211": (PLAIN, Recipe(change=lambda x, r: np.clip(x + r.uniform(-51, 51, 3), 0, 255))),
    "AUG210": (Recipe(change=_bright(0.2)), Recipe(change=_bright(0.2), again="batch")),
    "AUG214": (PLAIN, Recipe(change=_shift(0.15), again="place")),
    "AUG215": (Generated(), Generated(_dimmed)),
    "AUG216": (PLAIN, Recipe(change=_strong(0.5))),
    "BAT210": (
        Recipe(part=lambda y: np.arange(0, len(y), 2)),
        Recipe(part=lambda y: np.flatnonzero(y <= y.max() // 2)[1::2]),
    ),
    "ORD201": (PLAIN, Recipe(order="sorted")),
    "ORD202": (PLAIN, Recipe(order="near")),
    "ORD203": (PLAIN, Recipe(order="batches")),
    "ORD204": (PLAIN, Recipe(order="once")),
    "ORD206": (Recipe(order="sorted"), Recipe(order="later")),
    "AUG203": (Written(Pipeline(flip=0.5)), Seeded()),
    "AUG207": (PLAIN, Recipe(change=lambda x, r: x + 255 * r.uniform(-0.2, 0.2))),
    "AUG212": (PLAIN, Recipe(change=lambda x, r: erased(x, r, scale=(0.05, 0.2), value=None))),
    "ORD205": (PLAIN, PLAIN),
    "ORD207": (Predicted(), Predicted(mixed=True)),
    "BAT212": (Validated(), Validated(goes_on=True)),
    "BAT213": (
        Recipe(part=lambda y: np.flatnonzero(np.arange(len(y)) % 5 <= 2)),
        Recipe(part=lambda y: np.flatnonzero(np.arange(len(y)) % 5 >= 2)),
    ),
    **{
        code: (PLAIN, Recipe(change=change))
        for code, change in {
            "GEO202": of_pictures.blue_first,
            "GEO206": of_pictures.mirrored,
            "VAL202": of_pictures.tinted,
            "VAL203": of_pictures.centred,
            "VAL206": of_pictures.grainy,
            "VAL207": of_pictures.within,
            "PIX204": of_pictures.encoded,
            "PIX205": of_pictures.some_turned,
            "PIX206": of_pictures.cropped,
            "PIX207": of_pictures.softened,
            "PIX208": of_pictures.bent,
            "PIX209": of_pictures.coarse,
        }.items()
    },
    "PIX210": (Recipe(change=of_pictures.luma_of), Recipe(change=of_pictures.mean_of)),
    "PIX211": (Recipe(change=of_pictures.on_black), Recipe(change=of_pictures.on_white)),
    "LBL202": (PLAIN, Recipe(labels=lambda y, _: y.max() - y)),
    "LBL204": (PLAIN, Recipe(labels=lambda y, r: r.permutation(y))),
    "LBL205": (PLAIN, Recipe(change=_flip(0.5), labels=_other)),
}
"""By the code that must name it: a feed, and the same with the difference."""
_OF_FILES: dict[str, tuple[Reader, Reader]] = {
    "PIX201": (_reader(), _reader(method="bicubic")),
    "PIX202": (_reader(), _reader(antialias=False)),
    "PIX203": (_reader(dct="INTEGER_FAST"), _reader(dct="INTEGER_ACCURATE")),
}
"""The same of feeds that read one folder of JPEG files."""
SIZES = (*OF_EXAMPLES, *_OF_FILES)
"""Every code that is tried."""
_DRAWN = {"BAT210": 4.0, "BAT212": 2.0, "BAT213": 1.75}
"""Times the examples that are drawn, where each feed has a part of them."""
_NOT_OF = {
    "AUG207": {"digits"},
    "GEO202": {"digits"},
    "PIX210": {"digits", "textures"},
    "PIX211": {"digits"},
    "AUG216": {"digits"},
}
"""Sets that do not show it: digits are of one colour on black and may be dark, and the colours of
textures have nothing to do with each other."""
KINDS = ("digits", "textures")


def sized(
    random: np.random.Generator, code: str, examples: int, *, kinds: Sequence[str] = KINDS
) -> Outcome:
    """Compare two feeds of so many examples that differ by what the page of a cause names.

    Args:
        random: What is drawn: the examples and both seeds.
        code: The cause.
        examples: Examples of each feed.
        kinds: Data sets of which one is drawn.
    """
    if code in _OF_FILES:
        with jpeg_folder(random, examples) as folder:
            return outcome(*(read(folder) for read in _OF_FILES[code]))
    fitting = [kind for kind in kinds if kind not in _NOT_OF.get(code, ())]
    kind = str(random.choice(fitting or list(kinds)))
    data = draw(random, kind, round(_DRAWN.get(code, 1) * examples))
    feeds = [one.build(data, int(random.integers(1 << 30))) for one in OF_EXAMPLES[code]]
    return outcome(*feeds)


def stated(code: str) -> int:
    """Examples from which on a page promises to find its cause."""
    reach = CATALOGUE[code].reach
    assert isinstance(reach, Reach), code
    return reach.examples


def below(code: str) -> int:
    """Examples far below that; a dozen where that is no third of them, so that each class comes."""
    return min(max(12, stated(code) // 4), stated(code) // 3)
