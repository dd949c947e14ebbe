"""A power is told from a scale where flips stand between the pictures."""

from __future__ import annotations

import numpy as np
import pytest

from tests.diff.replay.material import photograph
from tests.diff.seen import findings, flipped, seen

PHOTOS = np.stack([photograph(32, 32, seed) for seed in range(80)]) / np.float32(255)
CURVES = {"VAL202", "PIX208"}


@pytest.mark.parametrize("power", [2.2, 0.5])
def test_a_power_is_told_behind_flips(power: float) -> None:
    bent = PHOTOS ** np.float32(power)
    found = findings(seen(PHOTOS, draw=flipped, seed=1), seen(bent, draw=flipped, seed=2))
    assert CURVES & set(found) == {"PIX208"}
    assert found["PIX208"].evidence["power"] == pytest.approx(power, rel=0.1)


def test_a_scale_behind_flips_is_no_power() -> None:
    scaled = PHOTOS * np.float32(0.5)
    found = findings(seen(PHOTOS, draw=flipped, seed=1), seen(scaled, draw=flipped, seed=2))
    assert CURVES & set(found) == {"VAL202"}


def test_equal_feeds_have_no_power() -> None:
    found = findings(seen(PHOTOS, draw=flipped, seed=1), seen(PHOTOS, draw=flipped, seed=2))
    assert not CURVES & set(found)
