"""The same example is found whatever was done to it, and strangers are not paired."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.observe.feeds import array_feed
from twinfeed._core.trace import Trace
from twinfeed.demo import digits
from twinfeed.diff._pairing._pair import pair_sides
from twinfeed.diff._pairing._pairs import common
from twinfeed.observe import Budget, observe

IMAGES = digits.load()[0][..., None] / np.float32(255)
QUICK = Budget(timing_s=0.01, epochs=1)
ORDER = np.random.default_rng(3).permutation(len(IMAGES))


def seen(images: np.ndarray) -> Trace:
    return observe(array_feed(images, batch_size=128), budget=QUICK)


def some_flipped(images: np.ndarray) -> np.ndarray:
    flips = np.random.default_rng(1).random(len(images)) < 0.5
    return np.where(flips[:, None, None, None], images[:, :, ::-1], images)


def some_zoomed(images: np.ndarray) -> np.ndarray:
    from scipy.ndimage import affine_transform

    random = np.random.default_rng(2)

    def zoom(image: np.ndarray) -> np.ndarray:
        scale = random.uniform(0.8, 1.2, 2)
        offset = 15.5 - scale * 15.5
        return affine_transform(image, scale, offset, order=1, mode="nearest")

    return np.stack([zoom(image[..., 0]) for image in images])[..., None]


CHANGES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "nothing": lambda x: x,
    "scaled": lambda x: x * 255,
    "centred": lambda x: x * 2 - 1,
    "channels first": lambda x: np.moveaxis(x, -1, 1),
    "three channels": lambda x: np.repeat(x, 3, axis=-1),
    "brightened": lambda x: (
        x + np.random.default_rng(0).uniform(-0.2, 0.2, (len(x), 1, 1, 1)).astype(np.float32)
    ),
    "flipped": some_flipped,
    "enlarged": lambda x: np.repeat(np.repeat(x, 3, axis=1), 3, axis=2),
    "zoomed": some_zoomed,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_examples_are_found_whatever_was_done_to_them(
    change: Callable[[np.ndarray], np.ndarray],
) -> None:
    pairs = pair_sides(seen(IMAGES), seen(change(IMAGES)[ORDER]))
    right = pairs.left == ORDER[pairs.right - pairs.right_rows[0]]
    assert len(pairs) >= 0.97 * len(IMAGES)
    assert right.mean() >= 0.99
    assert pairs.confidence >= 0.9


def test_strangers_are_not_paired() -> None:
    random = np.random.default_rng(5)
    noise = random.random((400, 32, 32, 1), dtype=np.float32)
    assert len(pair_sides(seen(IMAGES[:400]), seen(noise))) <= 4


def test_missing_examples_stay_unpaired() -> None:
    pairs = pair_sides(seen(IMAGES[:600]), seen(IMAGES[300:900] * 2))
    assert 295 <= len(pairs) <= 312
    assert (pairs.left[pairs.left >= 300] - 300 == pairs.right[pairs.left >= 300]).all()


def test_the_nth_of_a_key_meets_the_nth_of_the_same_key() -> None:
    left, right = common(np.array([7, 5, 7, 9], np.uint64), np.array([9, 7, 7, 7], np.uint64))
    assert left.tolist() == [0, 2, 3]
    assert right.tolist() == [1, 2, 0]


def test_vectors_are_paired_through_a_scale_of_their_own() -> None:
    table = np.random.default_rng(0).normal(size=(200, 20))
    order = np.random.default_rng(1).permutation(200)
    pairs = pair_sides(seen(table), seen(table[order] * 3 + 1))
    assert len(pairs) == 200
    assert (order[pairs.right] == pairs.left).all()


@pytest.mark.parametrize("columns", [8, 10, 16])
def test_rows_of_two_tables_of_strangers_are_not_paired(columns: int) -> None:
    rows = np.random.default_rng(0).normal(size=(2, 600, columns)).astype(np.float32)
    assert len(pair_sides(seen(rows[0]), seen(rows[1]))) <= 0.005 * 600
    noise = np.random.default_rng(1).normal(0, 0.05, rows[0].shape).astype(np.float32)
    assert len(pair_sides(seen(rows[0]), seen(2 * rows[0] + noise))) > 0.95 * 600


def some_turned_and_moved(images: np.ndarray) -> np.ndarray:
    from scipy.ndimage import affine_transform

    random = np.random.default_rng(2)

    def move(image: np.ndarray) -> np.ndarray:
        angle, zoom = np.deg2rad(random.uniform(-15, 15)), random.uniform(0.85, 1.15)
        turn = zoom * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        offset = 15.5 - turn @ [15.5, 15.5] + random.uniform(-3, 3, 2)
        return affine_transform(image, turn, offset, order=1, mode="nearest")

    return np.stack([move(image[..., 0]) for image in images])[..., None]


def test_turned_and_shifted_examples_are_found() -> None:
    pairs = pair_sides(seen(IMAGES), seen(some_turned_and_moved(IMAGES)[ORDER]))
    right = pairs.left == ORDER[pairs.right - pairs.right_rows[0]]
    assert len(pairs) >= 0.6 * len(IMAGES)  # many a digit turned is another's digit
    assert right.mean() >= 0.98
    assert right.mean() >= pairs.confidence - 0.01


def test_near_copies_stay_unpaired_where_nothing_tells_them_apart() -> None:
    random = np.random.default_rng(4)
    twice = np.concatenate([IMAGES[:300], IMAGES[:300]])
    noisy = [(twice + random.normal(0, 0.02, twice.shape)).astype(np.float32) for _ in range(2)]
    mixed = some_zoomed(noisy[1])[random.permutation(600)]  # nor their places
    pairs = pair_sides(seen(noisy[0]), seen(mixed))
    assert len(pairs) <= 30  # one in two would be wrong
    assert pairs.confidence < 0.97
