"""Two sides that draw, of which one draws what no measure names, are not called the same feed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from tests.diff.replay.material import photograph
from tests.diff.seen import Draw, flipped, seen
from twinfeed.diff import compare

COUNT = 80
PICTURES = np.stack([photograph(48, 48, seed) for seed in range(COUNT)])
NAMES = np.array([f"{number}.png" for number in range(COUNT)])


def noisy(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    strength = random.uniform(0, 15, (len(x), 1, 1, 1))
    made = flipped(x, random) + random.normal(0, strength, x.shape)
    return made.clip(0, 255).astype(np.uint8)


def softened(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    made = flipped(x, random).astype(np.float32)
    for one in made:
        one[:] = ndimage.gaussian_filter(one, (*[random.uniform(0, 2)] * 2, 0))
    return made.astype(np.uint8)


@pytest.mark.parametrize(
    ("mine", "theirs", "side"),
    [
        (noisy, flipped, "A"),
        (flipped, softened, "B"),
        (noisy, noisy, None),
        (softened, softened, None),
        (flipped, flipped, None),
    ],
    ids=["noise", "blur", "noise in both", "blur in both", "neither"],
)
def test_what_is_drawn_beyond_the_named_is_asked_for(
    mine: Draw, theirs: Draw, side: str | None
) -> None:
    report = compare(
        seen(PICTURES, draw=mine, seed=1, ids=NAMES), seen(PICTURES, draw=theirs, seed=2, ids=NAMES)
    )
    asked = [one.question for one in report.undecided if "noise, blur" in one.question]
    assert len(asked) == (side is not None)
    assert (report.verdict.kind == "same") == (side is None)
    if side:
        assert f"of their spread in {side}, and" in asked[0]
