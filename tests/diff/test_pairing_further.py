"""What was done to the examples that were found tells where to look for the others."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import affine_transform, zoom

from tests.observe.feeds import array_feed
from twinfeed._core.feed import Feed
from twinfeed.diff._pairing._learned import learned
from twinfeed.diff._pairing._likeness import match
from twinfeed.diff._twins import Twins
from twinfeed.diff._views._warp import Warp
from twinfeed.observe import Budget, observe

COUNT = 600


def pictures_of(count: int, seed: int) -> np.ndarray:
    """Soft pictures that have half of what they show in common, float32, 48 x 48."""
    random = np.random.default_rng(seed)
    common = zoom(random.random((5, 5)), 48 / 5, order=3, mode="nearest")
    own = [zoom(each, 6, order=3, mode="nearest") for each in random.random((count, 8, 8))]
    return ((np.stack(own) + common)[..., None] * 127).astype(np.float32)


def moved(pictures: np.ndarray, seed: int) -> np.ndarray:
    """Each turned, zoomed and shifted in a way of its own."""
    random = np.random.default_rng(seed)

    def move(picture: np.ndarray) -> np.ndarray:
        angle, scale = np.deg2rad(random.uniform(-15, 15)), random.uniform(0.85, 1.15)
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        offset = 23.5 - turn @ [23.5, 23.5] + random.uniform(-4, 4, 2)
        return affine_transform(picture, turn, offset, order=1, mode="nearest")

    return np.stack([move(picture[..., 0]) for picture in pictures])[..., None]


def small(pictures: np.ndarray) -> np.ndarray:
    """What pairing sees of pictures."""
    return observe(
        array_feed(pictures, batch_size=100), budget=Budget(epochs=1, timing_s=0.01)
    ).rows.signature[: len(pictures)]


def test_crops_are_found_in_every_corner() -> None:
    pictures = pictures_of(COUNT, 1)
    random = np.random.default_rng(2)
    corners = random.integers(0, 15, (COUNT, 2)).tolist()
    crops = np.stack(
        [p[y : y + 34, x : x + 34] for p, (y, x) in zip(pictures, corners, strict=True)]
    )
    order = random.permutation(COUNT)
    found = match(small(pictures), small(crops[order]))
    right = order[found.right] == found.left
    assert len(found) >= 0.95 * COUNT
    assert right.mean() >= 0.995


def test_a_bank_combines_what_was_seen_of_each_parameter() -> None:
    along = [Warp(-1, 1, 0.8, 0.8, 0.0, x, 0.0) for x in np.linspace(-0.2, 0.2, 40).tolist()]
    down = [Warp(-1, 1, 0.8, 0.8, 0.0, 0.0, y) for y in np.linspace(-0.2, 0.2, 40).tolist()]
    maps = np.stack([warp.matrix for warp in (*along, *down)])
    bank = learned(maps, np.tile([True, False, False], (len(maps), 1)))
    assert {(warp.flip_x, warp.flip_y, warp.transposed) for warp in bank} == {(-1, 1, False)}
    assert min(abs(warp.shift_x - 0.2) + abs(warp.shift_y - 0.2) for warp in bank) < 0.15
    assert all(abs(warp.zoom_x - 0.8) < 1e-6 for warp in bank)


def test_too_few_pairs_teach_nothing() -> None:
    assert learned(np.tile(np.eye(3), (5, 1, 1)), np.zeros((5, 3), bool)) == ()


def test_negatives_are_found_among_others() -> None:
    pictures = pictures_of(COUNT, 4)
    shown = pictures.copy()
    shown[::3] = 255 - shown[::3]
    order = np.random.default_rng(5).permutation(COUNT)
    found = match(small(pictures), small(shown[order]))
    assert len(found) >= 0.99 * COUNT
    assert (order[found.right] == found.left).all()


def test_draws_are_paired_through_the_feed_that_does_not_draw() -> None:
    pictures = pictures_of(COUNT, 3)
    orders = [np.random.default_rng(epoch).permutation(COUNT) for epoch in range(9)]

    def drawn() -> Feed:
        return array_feed(pictures, batch_size=100, order=lambda epoch: orders[epoch], change=moved)

    budget = Budget(epochs=2, timing_s=0.01)
    plain = observe(array_feed(pictures, batch_size=100), budget=budget)
    for twins, name in (
        (Twins(plain, observe(drawn(), budget=budget)), "B"),
        (Twins(observe(drawn(), budget=budget), plain), "A"),
    ):
        again = twins.epochs_of(name)
        assert again is not None
        trace = twins.side(name)
        first, second = (
            trace.rows.position[side] for side in (again.pairs.left, again.pairs.right)
        )
        epochs = [trace.rows.epoch[side] for side in (again.pairs.left, again.pairs.right)]
        assert (epochs[0] == 0).all()
        assert (epochs[1] == epochs[1][0]).all()
        assert len(first) >= 0.8 * COUNT
        assert (orders[0][first] == orders[1][second]).mean() >= again.pairs.confidence - 0.01
        assert again.share_same == 0
