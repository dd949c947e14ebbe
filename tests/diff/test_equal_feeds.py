"""Equal feeds give no finding beyond order notes, whatever the library and the size."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.feeds.makers import MAKERS, Maker
from tests.seeds import seeds
from twinfeed._core.finding import Severity
from twinfeed.diff import compare
from twinfeed.feeds import as_feed
from twinfeed.observe import Budget, observe

QUICK = Budget(timing_s=0.2)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_the_same_pipeline_again_gives_no_finding(make: Maker) -> None:
    first, second = (observe(as_feed(make.make()), budget=QUICK) for _ in range(2))
    report = compare(first, second)
    grave = [f for f in report.findings if f.severity is not Severity.NOTE]
    assert not grave, [f.sentence for f in grave]
    assert all(f.code.startswith("ORD") for f in report.findings), report.findings
    assert report.verdict.kind in {"same", "undecided"}


@pytest.mark.parametrize("seed", seeds(6, quick=4))
def test_random_sizes_orders_and_augmentations_give_no_finding(
    seed: int, photos: tuple[np.ndarray, np.ndarray]
) -> None:
    tf = pytest.importorskip("tensorflow")
    random = np.random.default_rng(seed)
    count, size = int(random.integers(30, 400)), int(random.integers(1, 70))
    images, labels = (part[random.permutation(400)[:count]] for part in photos)

    def pipeline() -> Any:
        order = random.permutation(count)
        dataset = tf.data.Dataset.from_tensor_slices((images[order], labels[order]))
        dataset = dataset.shuffle(count)
        if seed % 3:
            dataset = dataset.map(lambda x, y: (tf.image.random_flip_left_right(x), y))
        if seed % 2:
            dataset = dataset.map(lambda x, y: (tf.cast(x, tf.float32) / 127.5 - 1, y))
        return dataset.batch(size)

    first, second = (observe(as_feed(pipeline()), budget=QUICK) for _ in range(2))
    report = compare(first, second)
    grave = [f for f in report.findings if f.severity is not Severity.NOTE]
    assert not grave, [f.sentence for f in grave]
