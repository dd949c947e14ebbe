"""A bounded read gives a trace, and nothing but the bounds ends it early."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import numpy as np
import pytest

from tests.observe.feeds import array_feed
from twinfeed import as_feed
from twinfeed._core.batch import Batch, SparseRow
from twinfeed._core.feed import Feed
from twinfeed._core.unpack import as_rows, as_text
from twinfeed.errors import EmptyFeedError, FeedReadError
from twinfeed.observe import Budget, observe

RANDOM = np.random.default_rng(0)
X = RANDOM.random((50, 8, 8, 3), dtype=np.float32)
Y = RANDOM.integers(0, 5, 50)
QUICK = Budget(timing_s=0.01)


def test_every_example_of_two_epochs_and_a_fresh_build_is_in_the_ledger() -> None:
    trace = observe(array_feed(X, Y), budget=QUICK)
    looked = [epoch for epoch in trace.epochs if epoch.looked]
    assert [(epoch.build, epoch.number, epoch.ended) for epoch in looked] == [
        (0, 0, True),
        (0, 1, True),
        (1, 0, True),
    ]
    assert len(trace.rows) == 150
    first = trace.rows_of(0)
    assert np.array_equal(trace.rows.label[first], Y)
    assert len(set(trace.rows.content[first].tolist())) == 50
    assert trace.rows.batch[first].tolist() == [i // 16 for i in range(50)]


def test_whole_examples_are_kept_and_are_the_same_in_each_epoch() -> None:
    budget = Budget(timing_s=0.01, keep_bytes=3 * 10 * X[0].nbytes)
    trace = observe(array_feed(X, Y), budget=budget)
    assert len(trace.kept.values) == 30
    by_epoch = [set(trace.rows.content[trace.kept.row[i : i + 10]].tolist()) for i in (0, 10, 20)]
    assert by_epoch[0] == by_epoch[1] == by_epoch[2]
    positions = trace.rows.position[trace.kept.row]
    assert all(
        np.array_equal(value, X[at]) for value, at in zip(trace.kept.values, positions, strict=True)
    )


def test_a_batch_without_examples_is_counted_and_said() -> None:
    batches = [Batch(X[:10], Y[:10]), Batch(X[:0], Y[:0]), Batch(X[10:20], Y[10:20])]
    trace = observe(Feed(name="gap", open_epoch=lambda: iter(batches)), budget=QUICK)
    assert trace.ticks.size[trace.ticks.epoch == 0].tolist() == [10, 0, 10]
    assert trace.rows.batch[trace.rows_of(0)].tolist() == [0] * 10 + [2] * 10
    assert trace.rows.signature.shape[1] == 256
    assert any("without an example" in note for note in trace.notes)


def test_a_feed_of_nothing_but_empty_batches_is_empty() -> None:
    feed = Feed(name="hollow", open_epoch=lambda: iter([Batch(X[:0], Y[:0])]))
    with pytest.raises(EmptyFeedError, match="ended before its first"):
        observe(feed, budget=QUICK)


def test_complex_inputs_are_told_by_content() -> None:
    trace = observe(array_feed(X[:, :, 0, 0] + 1j, Y), budget=QUICK)
    assert trace.main is None
    assert len(np.unique(trace.rows.content)) == 50


def test_an_endless_feed_is_left_at_the_bound() -> None:
    def forever() -> Iterator[Batch]:
        while True:
            yield Batch(X[:10], Y[:10])

    feed = Feed(name="endless", open_epoch=forever, infinite=True)
    trace = observe(feed, budget=Budget(examples=40, timing_s=0.01))
    assert [epoch.ended for epoch in trace.epochs if epoch.looked] == [False, False]
    assert len(trace.rows) == 80


def test_a_feed_that_ends_at_once_is_an_error() -> None:
    feed = Feed(name="nothing", open_epoch=lambda: iter(()))
    with pytest.raises(EmptyFeedError, match="nothing ended before its first batch"):
        observe(feed)


def test_a_feed_that_raises_says_at_which_batch() -> None:
    def broken() -> Iterator[Batch]:
        yield Batch(X[:10])
        yield Batch(X[10:20])
        raise OSError("no such shard")

    with pytest.raises(FeedReadError, match="OSError at batch 2: no such shard") as caught:
        observe(Feed(name="shards", open_epoch=broken))
    assert isinstance(caught.value.__cause__, OSError)


def test_an_interrupted_read_is_kept_and_marked() -> None:
    def stopped() -> Iterator[Batch]:
        yield Batch(X[:10])
        raise KeyboardInterrupt

    trace = observe(Feed(name="stopped", open_epoch=stopped))
    assert not trace.complete
    assert len(trace.rows) == 10


@pytest.mark.parametrize(
    ("leaf", "kind", "dtype"),
    [
        (as_text(["a", "b", "a"]), "text", "bytes"),
        (as_rows([np.zeros(2), np.ones(3), np.zeros(2)]), "ragged", "float64"),
        (
            as_rows([SparseRow(np.array([[i % 2]]), np.array([1.0]), (9,)) for i in range(3)]),
            "sparse",
            "float64",
        ),
        (np.zeros((3, 2), "datetime64[s]"), "opaque", "datetime64[s]"),
        (np.array([[True], [False], [True]]), "dense", "bool"),
        (np.zeros((3, 0), np.float32), "dense", "float32"),
        (np.array([1 + 2j, 0, 1 + 2j]), "dense", "complex128"),
    ],
    ids=["text", "ragged", "sparse", "dates", "bool", "empty axis", "complex"],
)
def test_each_kind_of_leaf_is_handled_or_named(leaf: np.ndarray, kind: str, dtype: str) -> None:
    inputs = {"odd": leaf, "plain": X[:3]}
    feed = Feed(name="leaves", open_epoch=lambda: iter([Batch(inputs)]))
    trace = observe(feed, budget=QUICK)
    found = {spec.path: spec for spec in trace.spec.leaves}['x["odd"]']
    assert (found.kind, found.dtype) == (kind, dtype)
    content = trace.rows.content[trace.rows_of(0)]
    assert content[0] != content[1]


def test_images_of_many_sizes_have_a_spec_with_open_axes() -> None:
    batches = [Batch(np.ones((1, side, 9, 3), np.uint8) * side) for side in (8, 12, 40)]
    feed = Feed(name="sizes", open_epoch=lambda: iter(batches))
    trace = observe(feed, budget=QUICK)
    assert trace.spec.leaves[0].shape == (None, 9, 3)
    assert {value.shape for value in trace.kept.values} == {(8, 9, 3), (12, 9, 3), (40, 9, 3)}


def test_counting_every_value_agrees_with_a_sample_on_what_both_see() -> None:
    large = RANDOM.random((8, 100, 100, 3), dtype=np.float32)
    sampled = observe(array_feed(large), budget=QUICK).stats[0]
    full = observe(array_feed(large), budget=QUICK, every_value=True).stats[0]
    assert sampled.sampled
    assert not full.sampled
    assert full.count == 3 * large.size
    assert sampled.mean == pytest.approx(full.mean, abs=0.01)


def test_calls_that_wait_at_once_are_timed_as_they_overlap() -> None:
    tf = pytest.importorskip("tensorflow")
    count, slept_s = 24, 0.03

    def waiting(row: int) -> np.float32:
        time.sleep(slept_s)
        return np.float32(row + random.random())

    data = tf.data.Dataset.range(count).map(
        lambda row: tf.numpy_function(waiting, [row], tf.float32), num_parallel_calls=8
    )
    options = tf.data.Options()
    options.threading.private_threadpool_size = 8
    before = random.getstate()
    trace = observe(as_feed(data.with_options(options).batch(1)), budget=Budget(timing_s=0.5))
    assert random.getstate() == before
    passes = [
        trace.ticks.wait_s[trace.ticks.epoch == index].sum()
        for index, epoch in enumerate(trace.epochs)
        if epoch.ended
    ]
    # One after the other they take ``count * slept_s``, eight at once an eighth of it.
    assert np.median(passes) < 0.28 * count * slept_s
