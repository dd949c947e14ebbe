"""Cut, padded and stretched pictures are told by the zoom of each, without their files."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import numpy as np
import pytest

from tests.diff.replay.material import image_library, photograph
from tests.diff.seen import seen
from twinfeed.diff import compare
from twinfeed.diff._ledger._account import account
from twinfeed.diff._twins import Twins

COUNT, SIDE = 40, 64
SHAPES = [(90, 128), (128, 90), (96, 104), (100, 128), (128, 84)]
WHOLE = [photograph(*shape, seed) for seed, shape in zip(range(COUNT), cycle(SHAPES), strict=False)]
NAMES = np.array([f"{number}.png" for number in range(COUNT)])


def resized(picture: np.ndarray, height: int, width: int) -> np.ndarray:
    image = image_library()
    way: Any = image.Resampling.BILINEAR
    return np.asarray(image.fromarray(picture).resize((width, height), way))


def stretched(picture: np.ndarray) -> np.ndarray:
    return resized(picture, SIDE, SIDE)


def cut(picture: np.ndarray, side: int | None = None) -> np.ndarray:
    side = side or min(picture.shape[:2])
    top, left = ((length - side) // 2 for length in picture.shape[:2])
    return resized(picture[top : top + side, left : left + side], SIDE, SIDE)


def cut_closer(picture: np.ndarray) -> np.ndarray:
    return cut(picture, round(min(picture.shape[:2]) * 224 / 256))


def cut_far_closer(picture: np.ndarray) -> np.ndarray:
    return cut(picture, round(min(picture.shape[:2]) * 0.7))


def padded(picture: np.ndarray) -> np.ndarray:
    height, width = (round(length * SIDE / max(picture.shape[:2])) for length in picture.shape[:2])
    made = np.zeros((SIDE, SIDE, 3), np.uint8)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    made[top : top + height, left : left + width] = resized(picture, height, width)
    return made


RULES: dict[str, tuple[Callable[..., np.ndarray], Callable[..., np.ndarray], str, float]] = {
    "cut": (stretched, cut, "B cuts the middle out of what A stretches", 0.9),
    "cut closer": (stretched, cut_closer, "B cuts the middle out of what A stretches", 0.6),
    "stretched": (cut, stretched, "A cuts the middle out of what B stretches", 0.3),
    "stretched far": (cut_far_closer, stretched, "A cuts the middle out of what B stretches", 0.6),
    "padded": (stretched, padded, "B pads what A stretches", 0.6),
    "padded before": (padded, stretched, "A pads what B stretches", 0.3),
    "cut and padded": (padded, cut, "B cuts the middle out of what A pads", 0.5),
}


@pytest.mark.slow
@pytest.mark.parametrize(("one", "other", "says", "share"), RULES.values(), ids=RULES)
def test_a_rule_for_the_shape_is_told_by_the_zooms(
    one: Callable[..., np.ndarray], other: Callable[..., np.ndarray], says: str, share: float
) -> None:
    sides = [seen(np.stack([make(p) for p in WHOLE]), ids=NAMES) for make in (one, other)]
    found = account(Twins(*sides))
    assert found is not None
    step = next(each for each in found.ledger.shares if each.step == "crop and scale")
    assert step.says.startswith(says)
    assert step.share > share
    # What was padded shows fewer points of a picture, and is softer for it.
    assert "sharpness" not in {each.step for each in found.ledger.shares if each.share > 0.15}


def test_zooms_without_a_rule_are_no_policy() -> None:
    random = np.random.default_rng(3)
    square = [stretched(picture) for picture in WHOLE]
    sides = [int(random.integers(SIDE * 6 // 10, SIDE)) for _ in square]
    places = [random.integers(0, SIDE - side + 1, 2) for side in sides]
    cuts = zip(square, sides, places, strict=True)
    moved = [resized(p[y : y + s, x : x + s], SIDE, SIDE) for p, s, (y, x) in cuts]
    report = compare(seen(np.stack(square), ids=NAMES), seen(np.stack(moved), ids=NAMES))
    assert "PIX206" not in {finding.code for finding in report.findings}
    assert report.verdict.kind == "different"


def test_some_pictures_mirrored_for_good_are_named() -> None:
    square = np.stack([stretched(picture) for picture in WHOLE])
    half = np.where((np.arange(COUNT) % 2)[:, None, None, None], square[:, :, ::-1], square)
    report = compare(seen(square, ids=NAMES), seen(half, ids=NAMES))
    found = [finding for finding in report.findings if finding.code == "GEO206"]
    assert found
    assert "20 of 40 paired pictures are mirrored left to right" in found[0].sentence


def test_bars_at_one_end_are_another_rule_than_bars_at_both() -> None:
    def framed(picture: np.ndarray, share: float) -> np.ndarray:
        made = np.full((48, 48, 3), 114, np.uint8)
        height, width = picture.shape[:2]
        top, left = round((48 - height) * share), round((48 - width) * share)
        made[top : top + height, left : left + width] = picture
        return made

    shapes = [(48, 28), (30, 48), (48, 34), (24, 48)]
    pictures = [photograph(*shapes[i % 4], i) for i in range(48)]
    left, right = (
        seen(np.stack([framed(picture, share) for picture in pictures])) for share in (0.5, 0.0)
    )
    found = {each.code: each for each in compare(left, right).findings}
    assert "elsewhere in their frames" in found["PIX206"].sentence
    assert "VAL206" not in found
