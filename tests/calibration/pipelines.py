"""A pipeline as a value, the faults that can be planted in it, and the codes that name them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import tensorflow as tf

from tests.calibration.chance import batch_size, chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """What a ``tf.data`` pipeline does, in the order of its fields.

    Attributes:
        take: Examples that are left out at the end.
        twice: Examples that come twice.
        wrong: Share of the labels that are shuffled among themselves, 0 to 1.
        scale: Factor on the values 0..255.
        offset: What is added after it.
        bgr: Channels reversed.
        half: Pictures shrunk to half their size.
        permuted: Class numbers rotated by one.
        one_hot: Labels as vectors.
        flip: Share mirrored at random, 0 to 1.
        bright: Brightness drawn from ``-bright..bright`` of the range.
        crop: Cut at random from a picture with a black border.
        as_bytes: Values stay uint8.
        frozen: A cache behind the random steps.
        shuffle: ``full``, ``short``, ``none``, ``once`` or ``batches``.
        buffer: Share of the examples that a short shuffle holds, 0 to 1.
        batch: Examples per batch.
        drop: Whether the last partial batch is dropped.
        prefetch: Whether batches are prefetched.
    """

    take: int = 0
    twice: int = 0
    scale: float = 1 / 255
    offset: float = 0.0
    bgr: bool = False
    half: bool = False
    permuted: bool = False
    wrong: float = 0.0
    one_hot: bool = False
    flip: float = 0.0
    bright: float = 0.0
    crop: bool = False
    as_bytes: bool = False
    frozen: bool = False
    shuffle: str = "full"
    buffer: float = 0.04
    batch: int = 32
    drop: bool = False
    prefetch: bool = True

    def build(self, images: np.ndarray, labels: np.ndarray, seed: int) -> Any:
        """The pipeline over uint8 ``images`` of shape ``(n, h, w, 3)`` sorted by ``labels``."""
        classes = int(labels.max()) + 1
        if self.take:
            images, labels = images[: -self.take], labels[: -self.take]
        if self.twice:
            images = np.concatenate([images, images[: self.twice]])
            labels = np.concatenate([labels, labels[: self.twice]])
        if self.wrong:
            drawn = np.random.default_rng(seed)
            rows = drawn.choice(len(labels), int(self.wrong * len(labels)), replace=False)
            labels = labels.copy()
            labels[rows] = drawn.permutation(labels[rows])
        if self.permuted:
            labels = (labels + 1) % classes
        data = tf.data.Dataset.from_tensor_slices((images, labels))
        count = len(images)
        if self.shuffle in {"full", "once"}:
            again = self.shuffle == "full"
            data = data.shuffle(count, seed=seed, reshuffle_each_iteration=again)
        elif self.shuffle == "short":
            data = data.shuffle(max(2, int(count * self.buffer)), seed=seed)
        data = data.map(lambda x, y: self._pixels(x, y, classes))
        if self.frozen:
            data = data.cache()
        data = data.batch(self.batch, drop_remainder=self.drop)
        if self.shuffle == "batches":
            data = data.shuffle(count, seed=seed)
        return data.prefetch(2) if self.prefetch else data

    def _pixels(self, x: Any, y: Any, classes: int) -> tuple[Any, Any]:
        if self.crop:
            x = tf.image.random_crop(tf.pad(x, [[2, 2], [2, 2], [0, 0]]), x.shape)
        if not self.as_bytes:
            x = tf.cast(x, tf.float32) * self.scale + self.offset
        if self.half:
            x = tf.nn.avg_pool(x[None], 2, 2, "VALID")[0]
        x = x[..., ::-1] if self.bgr else x
        if self.flip:
            x = tf.cond(tf.random.uniform([]) < self.flip, lambda: x[:, ::-1], lambda: x)
        if self.bright:
            span = self.bright * 255 * self.scale
            x = x + tf.random.uniform([], -span, span)
        return x, tf.one_hot(y, classes) if self.one_hot else y


@dataclass(frozen=True, slots=True)
class Fault:
    """A change of a pipeline and the codes any of which names it.

    Attributes:
        name: What it is called in a table.
        codes: Any of which names it.
        change: What it changes.
    """

    name: str
    codes: frozenset[str]
    change: dict[str, Any]

    def plant(self, pipeline: Pipeline) -> Pipeline:
        return replace(pipeline, **self.change)

    def beside(self, other: Fault) -> bool:
        """Whether both can be planted and told apart: they change nothing in common.

        Labels at random stay so whatever number stands for a class.
        """
        changed = {*self.change, *other.change}
        apart = len(changed) == len(self.change) + len(other.change)
        return apart and not {"wrong", "permuted"} <= changed


def _fault(name: str, codes: str, **change: Any) -> Fault:
    return Fault(name, frozenset(codes.split()), change)


SCALE = "VAL201 VAL202 VAL203"
FAULTS = (
    _fault("not scaled", SCALE, scale=1.0),
    _fault("centred", SCALE, scale=1 / 127.5, offset=-1.0),
    _fault("divided by 256", SCALE, scale=1 / 256),
    _fault("channels reversed", "GEO202", bgr=True),
    _fault("half size", "GEO201", half=True),
    _fault("one-hot labels", "LBL201", one_hot=True),
    _fault("other class numbers", "LBL202 LBL205", permuted=True),
    _fault("labels shuffled", "LBL204", wrong=1.0),
    _fault("a twentieth of labels", "LBL205", wrong=0.05),
    _fault("random flips", "AUG201", flip=0.5),
    _fault("rare flips", "AUG201", flip=0.1),
    _fault("random brightness", "AUG201", bright=0.2),
    _fault("faint brightness", "AUG201", bright=0.03),
    _fault("frozen flips", "AUG202", flip=0.5, frozen=True),
    _fault("not shuffled", "ORD201 ORD204", shuffle="none"),
    _fault("short buffer", "ORD202", shuffle="short"),
    _fault("third of a buffer", "ORD202", shuffle="short", buffer=0.33),
    _fault("batches shuffled", "ORD201 ORD203", shuffle="batches"),
    _fault("shuffled once", "ORD204", shuffle="once"),
    _fault("other batch size", "BAT201", batch=16),
    _fault("a tenth missing", "BAT205", take=60),
    _fault("one in 100 missing", "BAT205", take=6),
    _fault("a tenth twice", "BAT206", twice=60),
    _fault("one in 100 twice", "BAT206", twice=6),
    _fault("tail dropped", "BAT203", drop=True),
    _fault("no prefetch", "PIP202", prefetch=False),
)


def some_pipeline(random: np.random.Generator, count: int) -> Pipeline:
    """A pipeline without a planted fault, drawn at random for so many examples."""
    as_bytes = chance(random, 0.2)
    return Pipeline(
        scale=1.0 if as_bytes else float(random.choice([1.0, 1 / 255, 1 / 127.5])),
        as_bytes=as_bytes,
        one_hot=chance(random),
        flip=float(random.choice([0.0, 0.5])),
        bright=0.0 if as_bytes else float(random.choice([0.0, 0.2])),
        crop=chance(random, 0.3),
        frozen=chance(random, 0.1),
        shuffle=str(random.choice(["full", "full", "full", "short", "none", "once", "batches"])),
        batch=batch_size(random, count),
        drop=chance(random, 0.3),
        prefetch=chance(random, 0.7),
    )
