"""Pairing by place: proved by how alike the examples of each feed are among themselves."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.replay.material import photograph
from tests.diff.seen import seen
from twinfeed.diff import compare
from twinfeed.diff._pairing._by_place import same_places


def pictures(seed: int, count: int = 120) -> np.ndarray:
    """Coarse views of smooth pictures, uint8, shape ``(count, 256)``."""
    random = np.random.default_rng(seed)
    coarse = random.normal(128, 42, (count, 4, 4)).repeat(4, axis=1).repeat(4, axis=2)
    return np.clip(coarse, 0, 255).astype(np.uint8).reshape(count, -1)


def one_label(count: int = 120) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(count, np.uint64), np.zeros(count, np.uint64)


def test_the_same_examples_past_recognition_are_told_by_their_places() -> None:
    views = pictures(0)
    scattered = views[:, np.random.default_rng(1).permutation(256)]
    assert same_places(views, scattered, one_label())


@pytest.mark.parametrize("seed", range(20))
def test_other_examples_and_another_order_are_not(seed: int) -> None:
    views = pictures(0)
    assert not same_places(views, pictures(seed + 1), one_label())
    order = np.random.default_rng(seed).permutation(120)
    assert not same_places(views, views[order], one_label())


@pytest.mark.parametrize("seed", range(5))
def test_neither_sorted_classes_nor_bursts_prove_anything(seed: int) -> None:
    classes = pictures(100, 3).repeat(40, axis=0).astype(float)
    bursts = pictures(200, 15).repeat(8, axis=0).astype(float)
    random = np.random.default_rng(seed)
    for whole in (classes, bursts):
        parts = [whole + random.normal(0, 30, whole.shape) for _ in range(2)]
        labels = np.repeat(np.arange(3), 40).astype(np.uint64)
        assert not same_places(parts[0], parts[1], (labels, labels))


@pytest.mark.parametrize("seed", range(5))
def test_rounds_of_two_orders_prove_nothing_and_rounds_of_one_do(seed: int) -> None:
    random = np.random.default_rng(seed)
    views = pictures(seed, 40).astype(float)
    orders = random.permutation(40), random.permutation(40)

    def rounds(order: np.ndarray) -> np.ndarray:
        shown = np.tile(views[order], (5, 1))
        return shown + random.normal(0, 10, shown.shape)

    assert not same_places(rounds(orders[0]), rounds(orders[1]), one_label(200))
    scattered = rounds(orders[0])[:, random.permutation(256)]
    assert same_places(rounds(orders[0]), scattered, one_label(200))


@pytest.mark.parametrize(("seed", "more"), [(None, 0), (None, 20), (1, 0)])
def test_windows_with_targets_of_their_own_are_told_by_them(seed: int | None, more: int) -> None:
    """Windows that take every second step share their first with the other side's, and no more."""
    random = np.random.default_rng(0)
    series = np.cumsum(random.normal(size=(400, 3)), axis=0).astype(np.float32)
    near, far = (
        np.stack([series[at : at + 24 * step : step] for at in range(count)])
        for step, count in ((1, 300 + more), (2, 300))
    )
    targets = series[48:, 0]
    report = compare(seen(near, targets[: len(near)], seed=seed), seen(far, targets[:300]))
    assert report.pairing.pairs == (300 if seed is None else 0)
    assert ("VAL206" in {one.code for one in report.findings}) == (seed is None)


def test_numbers_of_examples_tell_nothing_of_other_examples() -> None:
    random = np.random.default_rng(0)
    sides = random.normal(size=(2, 120, 8)).astype(np.float32)
    for labels in (np.arange(120), np.arange(120) / 120, np.arange(120) % 5):
        report = compare(*(seen(side, labels) for side in sides))
        assert report.pairing.method != "place"
    apart = compare(*(seen(side, random.permutation(120)) for side in sides))
    assert apart.pairing.method != "place"


def test_recordings_are_told_by_what_follows_the_silence() -> None:
    random, count = np.random.default_rng(0), 80
    hiss = random.normal(0, 0.01, (4, count, 8000))
    voice = np.concatenate(
        [np.zeros((2, count, 1000)), random.normal(0, 1, (2, count, 7000))], axis=2
    )
    mean, left = hiss[0] + (voice[0] + voice[1]) / 2, hiss[1] + voice[0]
    classes, other = np.arange(count) % 4, hiss[2] + voice[1]
    report = compare(seen(mean, classes), seen(left, classes))
    assert (report.pairing.method, report.pairing.pairs) == ("place", count)
    assert report.findings[0].code == "VAL206"
    strangers = compare(seen(voice[0] + hiss[3], classes), seen(other, classes))
    assert strangers.pairing.method != "place"
    order = random.permutation(count)
    assert compare(seen(mean, classes), seen(left[order], classes[order])).pairing.method != "place"


def test_texts_that_differ_at_the_same_places_are_not_the_same_feed() -> None:
    random = np.random.default_rng(0)
    texts = np.array([f"{'A' if row % 5 else 'a'} film of {row}".encode() for row in range(200)])
    lower, labels = np.char.lower(texts), random.integers(0, 3, 200)
    sides = [(one.astype(object), labels) for one in (texts, lower, texts)]
    found = [{each.code for each in compare(seen(*sides[0]), seen(*b)).findings} for b in sides[1:]]
    assert found == [{"VAL206"}, set()]
    report = compare(seen(*sides[0], seed=1), seen(*sides[1], seed=2))
    assert not any(one.code.startswith("BAT") for one in report.findings)


def test_photos_that_became_noise_between_equal_ones_are_no_other_files() -> None:
    shown = np.stack([photograph(40, 40, seed) for seed in range(80)])
    other = shown.copy()
    other[::4] = np.random.default_rng(0).integers(0, 256, (20, 40, 40, 3))
    labels = np.arange(80) % 4 // 2
    report = compare(seen(shown, labels), seen(other, labels))
    assert [one.code for one in report.findings] == ["VAL206"]
    assert report.findings[0].evidence["pairs_that_differ"] == 20


def test_sequences_that_are_cut_at_other_ends_are_no_two_parts() -> None:
    random = np.random.default_rng(0)
    words = [random.integers(1, 30_000, length) for length in random.integers(20, 60, 200)]
    first, last = np.zeros((2, 200, 30), np.int32)
    for at, text in enumerate(words):
        first[at, : len(text[:30])] = text[:30]
        last[at, : len(text[-30:])] = text[-30:]
    found = {one.code for one in compare(seen(first), seen(last)).findings}
    assert found == {"VAL206"}
