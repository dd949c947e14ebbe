"""One shift of all pictures is found however far it goes."""

from __future__ import annotations

import numpy as np
import pytest

from twinfeed.diff._ledger._common_shift import common_shift


def photos(seed: int, side: int = 64) -> np.ndarray:
    """Smooth pictures with edges, shape ``(16, side, side)``."""
    random = np.random.default_rng(seed)
    coarse = random.normal(size=(16, side // 4, side // 4))
    return np.kron(coarse, np.ones((4, 4))) + random.normal(0, 0.05, (16, side, side))


@pytest.mark.parametrize(("down", "right"), [(12, 0), (-9, 14), (20, -20)])
def test_a_far_shift_is_found(down: int, right: int) -> None:
    whole = photos(0, 88)
    left = whole[:, 20:68, 20:68]
    moved = whole[:, 20 + down : 68 + down, 20 + right : 68 + right]
    found = common_shift(left, moved)
    assert found is not None
    assert (round(found.down * 48), round(found.right * 48)) == (down, right)


def test_other_pictures_have_none() -> None:
    assert common_shift(photos(1), photos(2)) is None


def test_equal_pictures_have_none() -> None:
    assert common_shift(photos(1), photos(1)) is None
