"""Which examples a trace keeps, whole and as small copies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.observe.feeds import array_feed
from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.trace import Trace
from twinfeed.observe import Budget, observe
from twinfeed.observe._lowest import Sample, is_large, small

SIDE, COUNT, KEPT = 80, 300, 30
RANDOM = np.random.default_rng(0)


def _pictures() -> np.ndarray:
    coarse = RANDOM.integers(0, 256, (COUNT, 5, 5, 3)).repeat(SIDE // 5, 1).repeat(SIDE // 5, 2)
    return np.clip(coarse + RANDOM.normal(0, 8, coarse.shape), 0, 255).astype(np.float32)


PICTURES = _pictures()
BUDGET = Budget(timing_s=0.01, keep_bytes=3 * KEPT * PICTURES[0].nbytes)


def shuffled(pictures: np.ndarray, *, seed: int, named: bool = False, flip: bool = False) -> Feed:
    """The pictures in another order in each epoch, mirrored or not by chance."""
    epochs = iter(range(100))

    def open_epoch() -> Iterator[Batch]:
        random = np.random.default_rng((seed, next(epochs)))
        order = random.permutation(len(pictures))
        for at in np.split(order, range(25, len(order), 25)):
            x = pictures[at]
            mirrored = random.random(len(at)) < 0.5
            x = np.where(mirrored[:, None, None, None], x[:, :, ::-1], x) if flip else x
            yield Batch(x, at % 7, ids=at.astype(str) if named else None)

    return Feed(name="shuffled", open_epoch=open_epoch, examples=len(pictures))


def kept_of(trace: Trace, pictures: np.ndarray) -> set[int]:
    """Which pictures are kept of the first epoch."""
    rows = trace.rows.epoch[trace.kept.row] == 0
    whole = [value for value, first in zip(trace.kept.values, rows, strict=True) if first]
    return {int(np.abs(pictures - one).sum(axis=(1, 2, 3)).argmin()) for one in whole}


@pytest.mark.parametrize("change", ["scaled", "smoothed"])
def test_two_feeds_without_names_keep_the_same_pictures(change: str) -> None:
    made = PICTURES / 127.5 - 1
    if change == "smoothed":
        made = (made + np.roll(made, 1, 1) + np.roll(made, 1, 2)) / 3
    one = kept_of(observe(shuffled(PICTURES, seed=1), budget=BUDGET), PICTURES)
    other = kept_of(observe(shuffled(made, seed=2), budget=BUDGET), made)
    assert len(one & other) > KEPT / 2  # by chance 3 of 30


def test_a_feed_with_names_keeps_what_one_without_keeps() -> None:
    one = kept_of(observe(shuffled(PICTURES, seed=1, named=True), budget=BUDGET), PICTURES)
    other = kept_of(observe(shuffled(PICTURES, seed=2), budget=BUDGET), PICTURES)
    assert len(one & other) > KEPT / 3


def test_a_name_is_kept_in_every_epoch_whatever_was_drawn() -> None:
    trace = observe(shuffled(PICTURES, seed=1, named=True, flip=True), budget=BUDGET)
    names = [
        set(trace.rows.id[trace.kept.row[trace.rows.epoch[trace.kept.row] == epoch]].tolist())
        for epoch in (0, 1)
    ]
    assert len(names[0]) >= KEPT / 2
    assert names[0] == names[1]


def test_of_large_pictures_there_are_small_copies_of_more() -> None:
    trace = observe(shuffled(PICTURES, seed=1), budget=BUDGET)
    assert len(trace.small.row) > 2 * len(trace.kept.row)
    assert set(trace.kept.row.tolist()) <= set(trace.small.row.tolist())
    assert trace.shown is trace.small.row
    whole = {int(row): value for row, value in zip(trace.kept.row, trace.kept.values, strict=True)}
    for at, row in enumerate(trace.small.row.tolist()):
        copy = trace.small.picture(at)
        assert max(copy.shape[:2]) < SIDE
        if row in whole:
            assert copy.mean() == pytest.approx(whole[row].mean(), abs=1)


@pytest.mark.parametrize("pictures", [PICTURES[:20], PICTURES[:, :48, :48]])
def test_there_are_none_where_all_is_kept_or_pictures_are_small(pictures: np.ndarray) -> None:
    assert not len(observe(array_feed(pictures), budget=Budget(timing_s=0.01)).small.row)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 200),
    st.integers(1, 200),
    st.sampled_from(["u1", "f4", "f2", "i4", "?"]),
    st.data(),
)
def test_a_small_copy_shows_the_means_of_even_areas(
    height: int, width: int, dtype: str, data: st.DataObject
) -> None:
    seed = data.draw(st.integers(0, 9))
    ramp = np.linspace(0, 1, height)[:, None, None] + np.linspace(0, 1, width)[None, :, None]
    noise = np.random.default_rng(seed).random((height, width, 2)) / 4
    picture = ((ramp + noise) * 100).astype(dtype)
    levels, (low, high) = small(picture)
    assert levels.dtype == np.uint8
    assert max(levels.shape[:2]) <= 64
    copy = levels * ((high - low) / 255) + low
    assert copy.mean() == pytest.approx(picture.astype(float).mean(), abs=3)
    assert is_large(picture) == (max(height, width) > 64)
    if not is_large(picture):
        np.testing.assert_allclose(copy, picture.astype(float), atol=float(high - low) / 255 + 1e-3)


@given(
    st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=12), min_size=1, max_size=8),
    st.integers(1, 10),
)
def test_a_sample_holds_the_lowest_keys_whatever_the_batches(
    batches: list[list[int]], most: int
) -> None:
    sample = Sample[int](most)
    row, keys = 0, np.zeros(0, np.uint64)
    for batch in batches:
        own = np.array(batch, np.uint64)
        sample.offer(np.zeros(len(own), np.uint64), own, row, lambda at, own=own: int(own[at]))
        row, keys = row + len(own), np.concatenate([keys, own])
    found = sample.in_order()
    assert sorted(key for _, key in found) == np.unique(keys)[:most].tolist()
    assert all(keys[row] == key for row, key in found)
    assert [row for row, _ in found] == sorted(row for row, _ in found)


def test_a_picture_with_no_number_in_it_has_a_copy() -> None:
    picture = np.full((100, 100, 3), np.nan, np.float32)
    picture[::2, ::2], picture[1::2, ::2] = np.inf, -np.inf
    levels, span = small(picture)
    assert not levels.any()
    assert np.isfinite(span).all()


def test_of_a_feed_with_names_the_same_examples_are_there_without_augmentation() -> None:
    made = shuffled(PICTURES, seed=1, named=True, flip=True)
    feed = replace(made, plain=lambda: shuffled(PICTURES, seed=3, named=True))
    trace = observe(feed, budget=BUDGET)
    assert set(trace.plain_id.tolist()) == set(trace.rows.id[trace.kept.row].tolist())
    assert set(trace.plain_shown.tolist()) == set(trace.rows.id[trace.small.row].tolist())
    assert len(trace.plain_shown) > 2 * len(trace.plain_id)
    for at, name in enumerate(trace.plain_shown.tolist()):
        whole = [p for p, one in zip(trace.plain, trace.plain_id, strict=True) if one == name]
        for picture in whole:
            assert trace.plain_small.picture(at).mean() == pytest.approx(picture.mean(), abs=1)
