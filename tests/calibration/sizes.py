"""Differences of the size that a page names, in feeds that show nothing but their batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from keras.src.legacy.preprocessing.image import ImageDataGenerator

from tests.calibration.augmenting import Change, moved
from tests.calibration.material import Data, draw
from tests.calibration.pipelines import Pipeline
from tests.calibration.trial import Outcome, outcome
from twinfeed.diff import CATALOGUE

BATCH = 8


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


PLAIN = Recipe()
FLIPPED = Recipe(change=_flip(0.5))
Made: TypeAlias = Recipe | Written | Generated
SIZES: dict[str, tuple[Made, Made]] = {
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
    "BAT210": (
        Recipe(part=lambda y: np.arange(0, len(y), 2)),
        Recipe(part=lambda y: np.flatnonzero(y <= y.max() // 2)[1::2]),
    ),
    "ORD201": (PLAIN, Recipe(order="sorted")),
    "ORD202": (PLAIN, Recipe(order="near")),
    "ORD203": (PLAIN, Recipe(order="batches")),
    "ORD204": (PLAIN, Recipe(order="once")),
    "ORD206": (Recipe(order="sorted"), Recipe(order="later")),
    "LBL202": (PLAIN, Recipe(labels=lambda y, _: y.max() - y)),
    "LBL204": (PLAIN, Recipe(labels=lambda y, r: r.permutation(y))),
    "LBL205": (PLAIN, Recipe(change=_flip(0.5), labels=_other)),
}
"""By the code that must name it: a feed, and the same with the difference."""


def sized(random: np.random.Generator, code: str, examples: int) -> Outcome:
    """Compare two feeds of so many examples that differ by what the page of a cause names."""
    kind = str(random.choice(["digits", "textures"]))
    # Parts have fewer of them.
    data = draw(random, kind, 4 * examples if code == "BAT210" else examples)
    feeds = [one.build(data, int(random.integers(1 << 30))) for one in SIZES[code]]
    return outcome(*feeds)


def stated(code: str) -> int:
    """Examples from which on a page promises to find its cause."""
    reach = CATALOGUE[code].reach
    assert reach is not None, code
    return reach.examples


def below(code: str) -> int:
    """Examples far below that, among which each class still comes."""
    return max(12, stated(code) // 4)
