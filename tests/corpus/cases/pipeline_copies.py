"""Reports about examples that come twice, in one epoch or in two parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import tensorflow as tf
import torch
from PIL import Image

from tests.corpus.case import Pair, case
from tests.corpus.fitting import predicted, traces_of
from tests.corpus.material import Material
from tests.corpus.stored import SIDE

BATCH = 10


@case(
    "torch-iterable-workers-30599",
    url="https://github.com/pytorch/pytorch/issues/30599",
    cause="each worker of the loader reads the whole stream, so every example comes twice",
    tags=("worker-duplication",),
    expect=("BAT206",),
    also=("BAT202",),
)
def stream_in_two_workers(material: Material) -> Pair:
    images, labels = material.images(SIDE), material.labels

    class Stream(torch.utils.data.IterableDataset[Any]):
        def __init__(self, workers: int) -> None:
            super().__init__()
            self.workers = workers

        def __iter__(self) -> Iterator[Any]:
            for number in range(len(images)):
                for _ in range(self.workers):  # as the loader takes them in turn
                    yield images[number], labels[number]

    loaders = [torch.utils.data.DataLoader(Stream(workers), BATCH) for workers in (2, 1)]
    return loaders[0], loaders[1]


@case(
    "deepfont-augmented-before-split",
    url="https://github.com/robinreni96/Font_Recognition-DeepFont/issues/2",
    cause="mirrored copies were made before the set was split, so twins stand on both sides",
    tags=("split-leak",),
    expect=("BAT208",),
)
def twins_on_both_sides(material: Material) -> Pair:
    images = np.concatenate([material.images(), material.images()[:, :, ::-1]])
    labels = np.tile(material.labels, 2)
    order = np.random.default_rng(0).permutation(len(images))
    train, held = (
        tf.data.Dataset.from_tensor_slices((images[rows], labels[rows])).batch(BATCH)
        for rows in (order[:192], order[192:])
    )
    roles = {trace.role: trace for trace in traces_of("fit", train, validation_data=held, epochs=2)}
    return roles["fit"], roles["validation"]


@case(
    "skorch-predicted-by-shuffled-loader",
    url="https://github.com/skorch-dev/skorch/issues/499",
    cause="the loader that predictions are made from shuffles, the labels do not",
    tags=("predict-shuffled-misaligned",),
    expect=("ORD207",),
)
def predicted_by_a_shuffled_loader(material: Material) -> Pair:
    data = torch.utils.data.TensorDataset(torch.from_numpy(material.images(SIDE)))
    mixed, plain = (
        torch.utils.data.DataLoader(data, BATCH, shuffle=shuffle) for shuffle in (True, False)
    )
    return predicted(mixed), predicted(plain)


class _Workers:
    """A loader of two workers, which make every other batch each, by a state that they copied."""

    def __init__(self, images: np.ndarray, labels: np.ndarray, *, alike: bool) -> None:
        self.images, self.labels, self.alike = images, labels, alike
        self.random = np.random.default_rng()

    def __len__(self) -> int:
        return len(self.images) // BATCH

    def __iter__(self) -> Iterator[Any]:
        seeds = [0, 0] if self.alike else self.random.integers(1 << 30, size=2)
        states = [np.random.RandomState(seed) for seed in seeds]
        order = self.random.permutation(len(self.images))
        for number in range(len(self)):
            rows = order[number * BATCH : (number + 1) * BATCH]
            angles = states[number % 2].uniform(-25, 25, BATCH)
            turned = [
                np.asarray(Image.fromarray(image).rotate(angle, Image.Resampling.BILINEAR))
                for image, angle in zip(self.images[rows], angles, strict=True)
            ]
            yield np.stack(turned), self.labels[rows]


@case(
    "monai-state-of-a-transform-copied",
    url="https://github.com/Project-MONAI/MONAI/issues/1068",
    cause="each worker copies the random state of a transform, so that all of them turn alike",
    tags=("worker-duplication", "seed-repeats-randomness"),
    expect=("AUG214",),
)
def turned_alike_by_workers(material: Material) -> Pair:
    images, labels = material.images(), material.labels
    return _Workers(images, labels, alike=True), _Workers(images, labels, alike=False)
