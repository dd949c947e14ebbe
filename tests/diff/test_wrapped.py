"""Values that passed 255 and came out at 0 are told from edges, print and noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.diff.seen import Draw, findings, seen
from twinfeed.diff import CATALOGUE, compare
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._wrapped import _LEAST, _jumps, wrapped

Change = Callable[[np.ndarray], np.ndarray]
COUNT, SIDE = 60, 24


def smooth(seed: int = 0) -> np.ndarray:
    """Waves of a colour of their own, 5 to 235."""
    random = np.random.default_rng(seed)
    row, column = np.mgrid[:SIDE, :SIDE] / SIDE
    across, down, start = random.uniform(1, 7, (3, COUNT, 1, 1, 3))
    waves = np.sin(across * row[..., None] + down * column[..., None] + start)
    return np.rint(120 + 115 * waves).astype(np.uint8)


def printed(*, sharp: bool) -> np.ndarray:
    """Dark lines on bright paper, from its last levels to the first ones."""
    random = np.random.default_rng(1)
    lines = random.random((COUNT, SIDE, SIDE // 4, 1)).repeat(4, axis=2) < 0.5
    paper = np.where(lines, 8.0, 247.0) + random.integers(-3, 4, (COUNT, SIDE, SIDE, 1))
    softer = (np.roll(paper, 1, axis=2) + paper) / 2
    made = np.rint(paper if sharp else softer).astype(np.uint8)
    made[:, 0, 0], made[:, 0, 1] = 0, 255
    return made


def brighter(*, clip: bool) -> Draw:
    def draw(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        values = x * random.uniform(0.7, 1.5, (len(x), 1, 1, 1))
        values = values.clip(0, 255) if clip else values % 256
        values[:, 0, 0], values[:, 0, 1] = 0, 255  # of which all fill the range
        return values.astype(np.uint8)

    return draw


def flipped(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
    return np.where(random.random((len(x), 1, 1, 1)) < 0.5, x[:, :, ::-1], x)


@pytest.mark.parametrize("unit", [False, True], ids=["levels", "unit"])
def test_a_cast_beyond_255_is_named(unit: bool) -> None:
    def scaled(draw: Draw) -> Draw:
        return lambda x, r: draw(x, r) / np.float32(255) if unit else draw(x, r)

    left = seen(smooth(), draw=scaled(brighter(clip=False)), seed=1)
    right = seen(smooth(), draw=scaled(brighter(clip=True)), seed=2)
    found = wrapped(Twins(left, right))
    assert found is not None
    assert found.side == "A"
    if unit:
        return
    report = compare(left, right, measures=[CATALOGUE["AUG207"]])
    assert "A's augmentation wraps values around" in report.findings[0].sentence


def test_a_cast_beyond_255_is_named_among_sharp_edges() -> None:
    some = smooth()
    some[:, :14] = np.where(printed(sharp=True)[:, :14] > 128, 240, 14)
    left, right = (seen(some, draw=brighter(clip=clip), seed=1) for clip in (False, True))
    found = wrapped(Twins(left, right))
    assert found is not None
    assert found.side == "A"


@pytest.mark.parametrize("clip", [False, True])
def test_what_both_do_is_none(clip: bool) -> None:
    sides = [seen(smooth(), draw=brighter(clip=clip), seed=seed) for seed in (1, 2)]
    assert wrapped(Twins(*sides)) is None


def test_sharp_print_is_nothing_that_wrapped() -> None:
    sides = [seen(printed(sharp=sharp), draw=flipped, seed=1) for sharp in (True, False)]
    assert _jumps(sides[0].kept.values[0].astype(np.int16))[1] > _LEAST
    assert wrapped(Twins(*sides)) is None


@pytest.mark.parametrize(
    ("made", "partner", "factor", "offset"),
    [
        (lambda x: x + np.uint8(60), lambda x: np.minimum(x, 195) + np.uint8(60), 1, 0),
        pytest.param(lambda x: x + np.uint8(60), lambda x: x, 1, 60, marks=pytest.mark.slow),
        pytest.param(lambda x: x * np.uint8(2), lambda x: x, 2, 0, marks=pytest.mark.slow),
        (lambda x: x.view(np.int8), lambda x: x, 1, 0),
        (lambda x: x + np.uint8(60), lambda x: x / np.float32(255), 1, 60),
    ],
    ids=["cut off", "as it was", "twice", "signed", "scaled"],
)
def test_what_lost_256_is_told_from_its_pairs(
    made: Change, partner: Change, factor: int, offset: int
) -> None:
    ids = np.array([f"{number}.png" for number in range(COUNT)])
    found = findings(
        seen(made(smooth()), seed=1, ids=ids), seen(partner(smooth()), seed=2, ids=ids)
    )
    told = found["VAL207"].evidence
    assert told["side"] == "A"
    assert (told["factor"], told["offset"]) == (factor, offset)
    assert not {"VAL201", "VAL202", "VAL203", "VAL206"} & set(found)


@pytest.mark.parametrize(("under", "bright"), [(None, False), (0, False), (0, True)])
def test_what_lies_behind_white_has_not_wrapped_around(under: int | None, *, bright: bool) -> None:
    black = smooth() // 4 + np.uint8(190 if bright else 0)
    black[:, 0, 0] = 255
    white = black.copy()
    if under is not None:
        black[:, 8:20, 4:16] = under
    white[:, 8:20, 4:16] = 255
    ids = np.array([f"{number}.png" for number in range(COUNT)])
    assert "VAL207" not in findings(seen(black, seed=1, ids=ids), seen(white, seed=2, ids=ids))


@pytest.mark.slow
def test_a_cast_of_what_was_normalised_takes_whole_parts_and_wraps() -> None:
    fine = (smooth() / np.float32(255) - np.float32(0.45)) / np.float32(0.23)
    whole = np.trunc(fine).astype(np.int16).astype(np.uint8)
    ids = np.array([f"{number}.png" for number in range(COUNT)])
    for cast in (whole, whole.astype(np.float32)):
        found = findings(seen(cast, seed=1, ids=ids), seen(fine, seed=2, ids=ids))
        assert "they are B's without their fractions" in found["VAL207"].sentence
        assert not {"VAL201", "VAL202", "VAL203", "VAL206"} & set(found)


@pytest.mark.slow
def test_a_cast_that_keeps_what_is_below_zero_has_not_wrapped() -> None:
    fine = (smooth() / np.float32(255) - np.float32(0.45)) / np.float32(0.23)
    ids = np.array([f"{number}.png" for number in range(COUNT)])
    found = findings(seen(np.trunc(fine), seed=1, ids=ids), seen(fine, seed=2, ids=ids))
    assert "VAL207" not in found
