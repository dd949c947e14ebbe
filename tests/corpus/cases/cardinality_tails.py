"""Reports about the last batch: dropped, padded, or of one example."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import tensorflow as tf
from torch.utils.data import DataLoader

from tests.corpus.case import Pair, case
from tests.corpus.fitting import evaluated, predicted
from tests.corpus.material import Material
from tests.corpus.stored import SIDE


def chosen(material: Material, rows: np.ndarray, batch: int) -> Callable[[], Iterator[Any]]:
    """A loader of these rows in this order."""
    images, labels = material.images(SIDE), material.labels

    def walk() -> Iterator[Any]:
        for start in range(0, len(rows), batch):
            at = rows[start : start + batch]
            yield images[at], labels[at]

    return walk


def padded(count: int, ranks: int) -> np.ndarray:
    """What a distributed sampler deals: filled up from the start, so that ranks are even."""
    total = -(-count // ranks) * ranks
    dealt = np.resize(np.arange(count), total)
    return np.concatenate([dealt[rank::ranks] for rank in range(ranks)])


@case(
    "autoformer-drop-last-test",
    url="https://github.com/thuml/Autoformer/issues/104",
    cause="the test loader dropped its last batch, so the score depended on the batch size",
    tags=("partial-last-batch", "eval-covers-partial-set"),
    expect=("BAT203",),
)
def test_loader_drops(material: Material) -> Pair:
    rows = list(zip(material.images(SIDE), material.labels, strict=True))
    return DataLoader(rows, batch_size=32, drop_last=True), DataLoader(rows, batch_size=32)


@case(
    "bert-eval-drop-remainder",
    url="https://github.com/NVIDIA/DeepLearningExamples/issues/177",
    cause="the evaluation dropped the examples that did not fill a batch",
    tags=("partial-last-batch", "eval-covers-partial-set"),
    expect=("BAT203",),
)
def evaluation_drops(material: Material) -> Pair:
    data = tf.data.Dataset.from_tensor_slices((material.images(SIDE), material.labels))
    return evaluated(data.batch(16, drop_remainder=True)), evaluated(data.batch(16))


@case(
    "fastai-bn-batch-of-one",
    url="https://github.com/fastai/fastai/pull/1095",
    cause="a last batch of one example has no variance for batch normalisation",
    tags=("partial-last-batch",),
    expect=("BAT203",),
)
def batch_of_one(material: Material) -> Pair:
    rows = list(zip(material.images(SIDE)[:97], material.labels[:97], strict=True))
    return DataLoader(rows, batch_size=32), DataLoader(rows, batch_size=32, drop_last=True)


@case(
    "torch-distributed-sampler-pads-25162",
    url="https://github.com/pytorch/pytorch/issues/25162",
    cause="a sampler for two processes fills up with examples from the start, which count twice",
    tags=("partial-last-batch", "shard-bias"),
    expect=("BAT206", "BAT203", "BAT202"),
)
def sampler_pads(material: Material) -> Pair:
    return chosen(material, padded(117, 4), 10), chosen(material, np.arange(117), 10)


@case(
    "rfdetr-padding-duplicates",
    url="https://github.com/roboflow/rf-detr/issues/1507",
    cause="the examples that fill up the ranks were counted in the metric again",
    tags=("partial-last-batch", "metric-aggregation"),
    expect=("BAT206", "BAT203", "BAT202"),
)
def ranks_filled_up(material: Material) -> Pair:
    return (
        evaluated(chosen(material, padded(113, 8), 15)()),
        evaluated(chosen(material, np.arange(113), 15)()),
    )


@case(
    "areal-drop-and-pad-validation",
    url="https://github.com/areal-project/AReaL/pull/1100",
    cause="the validation was filled up for its ranks, and each rank dropped its last batch",
    tags=("partial-last-batch", "eval-covers-partial-set"),
    expect=("BAT205", "BAT202", "BAT203"),
)
def padded_and_dropped(material: Material) -> Pair:
    dealt = padded(103, 4).reshape(4, 26)[:, :20].ravel()
    return chosen(material, dealt, 10), chosen(material, np.arange(103), 10)


@case(
    "predict-workers-wrong-count",
    url="https://github.com/keras-team/keras/issues/7261",
    cause="the last, smaller batch was one of the steps, so predictions are fewer than batches x size",
    tags=("partial-last-batch", "iterator-state-carried-over"),
    expect=("ORD206", "BAT202", "FIT204"),
)
def tail_among_the_steps(material: Material) -> Pair:
    images = material.images(SIDE)[:112]

    def walk() -> Iterator[Any]:
        while True:
            for start in range(0, 112, 10):
                yield (images[start : start + 10],)

    queued = walk()
    predicted(queued, steps=1)
    return predicted(queued, steps=12), predicted(images, batch_size=10)


@case(
    "evaluate-loss-mean-of-batches",
    url="https://github.com/tensorflow/tensorflow/issues/27993",
    cause="fixed since: the last batch counts by its examples",
    tags=("metric-aggregation", "partial-last-batch", "library-version-drift"),
    expect=(),
)
def last_batch_by_size(material: Material) -> Pair:
    images, labels = material.images(SIDE)[:113], material.labels[:113]
    feed = tf.data.Dataset.from_tensor_slices((images, labels)).batch(16)
    return evaluated(feed), evaluated(images, labels, batch_size=16)
