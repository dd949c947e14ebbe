"""Grain: the user's batches in the user's order, in this process."""
# ruff: noqa: NPY002 - NumPy's global state is what a reader must not move

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from typing import Any

import numpy as np
import pytest

from tests.feeds.makers import EXAMPLES, X, Y, grain_folder, grain_iter, grain_loader, grain_map
from twinfeed.errors import BatchSizeError
from twinfeed.feeds import as_feed
from twinfeed.testing._random_snapshot import snapshot

grain = pytest.importorskip("grain")


def pairs() -> Any:
    return grain.MapDataset.source(list(zip(X, Y, strict=True)))


@pytest.mark.parametrize("make", [grain_map, grain_iter, grain_loader, grain_folder])
def test_batches_are_those_that_iterating_gives(make: Any) -> None:
    pipeline = make()
    for mine, (x, y) in zip(as_feed(pipeline).open_epoch(), pipeline, strict=True):
        np.testing.assert_array_equal(mine.x, x)
        np.testing.assert_array_equal(mine.y, y)


@pytest.mark.slow
def test_worker_processes_are_emulated_exactly() -> None:
    # In a process of its own, where Grain's workers can be started for comparison.
    code = """
import grain
from absl import flags
from twinfeed.feeds import as_feed
flags.FLAGS(["test"])

if __name__ == "__main__":
    source = [{"x": float(i), "y": i} for i in range(23)]
    order = grain.samplers.IndexSampler(23, shuffle=True, seed=1, num_epochs=1)
    noisy = grain.MapDataset.source(source).shuffle(seed=3).random_map(
        lambda e, rng: {**e, "x": rng.random()}, seed=2)
    batched = noisy.to_iter_dataset().batch(4)
    workers = [grain.MultiprocessingOptions(num_workers=n) for n in (1, 3)]
    pipelines = [batched.mp_prefetch(options) for options in workers]
    pipelines += [batched.mp_prefetch(workers[1]).map(lambda e: {**e, "x": e["x"] + 1})]
    pipelines += [grain.DataLoader(data_source=source, sampler=order, worker_count=2,
                                   operations=[grain.transforms.Batch(4)])]
    for pipeline in pipelines:
        seen = [(b.x["x"].tolist(), b.x["y"].tolist()) for b in as_feed(pipeline).open_epoch()]
        real = [(b["x"].tolist(), b["y"].tolist()) for b in pipeline]
        assert seen == real, (seen, real)
    print("equal")
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert "equal" in ran.stdout, ran.stderr


def test_workers_are_said_and_are_a_step() -> None:
    feed = as_feed(grain_iter().mp_prefetch(grain.MultiprocessingOptions(num_workers=3)))
    assert "worker processes were not started" in feed.notes[0]
    assert feed.plan is not None
    ahead = feed.plan.steps[-1]
    assert (ahead.kind, ahead.where, ahead.parallel_calls) == ("prefetch", "mp_prefetch", 3)


def test_threads_run_on_unless_they_would_move_a_shared_state() -> None:
    def noisy(pair: Any) -> Any:
        return pair[0] + np.random.rand(), pair[1]

    def read(dataset: Any) -> tuple[str, ...]:
        feed = as_feed(dataset)
        before = snapshot([])
        for _ in feed.open_epoch():
            assert snapshot([]) == before
        return feed.notes

    assert not read(pairs().to_iter_dataset().batch(4))
    assert "without its threads" in read(pairs().map(noisy).to_iter_dataset().batch(4))[0]


def test_every_epoch_of_a_map_dataset_has_one_order_as_in_keras() -> None:
    feed = as_feed(grain_map())
    first, second = ([batch.y.tolist() for batch in feed.open_epoch()] for _ in range(2))
    assert first == second


def test_repeating_without_end_is_infinite() -> None:
    feed = as_feed(pairs().shuffle(seed=1).repeat().batch(4))
    assert (feed.infinite, feed.batches, feed.examples) == (True, None, None)
    assert len(list(islice(feed.open_epoch(), 9))) == 9


def test_what_a_filter_leaves_out_is_skipped() -> None:
    dataset = (
        pairs().filter(lambda pair: pair[1] % 2).map(lambda pair: (pair[0][None], pair[1][None]))
    )
    feed = as_feed(dataset)
    assert feed.batches is None
    assert len(list(feed.open_epoch())) == EXAMPLES // 2


def test_single_examples_are_told_to_be_batched() -> None:
    with pytest.raises(BatchSizeError, match=r"\.batch\(32\)"):
        next(as_feed(pairs()).open_epoch())


def test_plan_is_read_from_the_nodes() -> None:
    dataset = (
        pairs()
        .seed(3)
        .shuffle()
        .map(lambda pair: pair)[::2]
        .to_iter_dataset()
        .batch(4, drop_remainder=True)
    )
    feed = as_feed(dataset)
    assert feed.plan is not None
    kinds = [step.kind for step in feed.plan.steps]
    assert kinds == ["source", "shuffle", "map", "shard", "prefetch", "batch"]
    assert [step.examples_in for step in feed.plan.steps] == [22, 22, 22, 22, 11, 11]
    assert feed.examples == 8
    assert feed.plan.steps[4].parallel_calls == 16


def test_making_a_feed_reads_nothing() -> None:
    class Source(list[Any]):
        def __getitem__(self, index: Any) -> Any:
            raise AssertionError

    assert as_feed(grain.MapDataset.source(Source([1])).batch(1)).batches == 1
