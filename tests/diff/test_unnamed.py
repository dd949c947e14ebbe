"""Feeds whose paired examples differ are never called the same, whether or not the cause has a name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.diff.seen import SCANS, flipped, seen
from tests.seeds import seeds
from twinfeed._core.batch import Array
from twinfeed.diff import CATALOGUE, compare

COUNT = 120
X, Y = SCANS[:COUNT], np.arange(COUNT) % 10
Change = Callable[[Array, np.random.Generator], Array]


def some(share: float, change: Change) -> Change:
    """A change of some of the examples only."""

    def changed(x: Array, random: np.random.Generator) -> Array:
        chosen = random.permutation(len(x))[: max(1, round(share * len(x)))]
        found = x.copy()
        found[chosen] = change(x[chosen], random)
        return found

    return changed


def noise(x: Array, random: np.random.Generator) -> Array:
    return np.clip(x + random.normal(0, 25, x.shape), 0, 255).astype(x.dtype)


def spot(x: Array, random: np.random.Generator) -> Array:
    found = x.copy()
    row, column = random.integers(0, x.shape[1] - 3, 2)
    found[:, row : row + 3, column : column + 3] = (
        255 - found[:, row : row + 3, column : column + 3]
    )
    return found


def brighter(x: Array, _random: np.random.Generator) -> Array:
    return np.clip(x.astype(int) + 40, 0, 255).astype(x.dtype)


def rolled(x: Array, random: np.random.Generator) -> Array:
    return np.roll(x, random.integers(1, 12, 2), axis=(1, 2))


CHANGES = {"noise": noise, "spot": spot, "brighter": brighter, "rolled": rolled}


@pytest.mark.parametrize("share", [0.02, 0.3, 1.0])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_differs_is_never_the_same(change: Change, share: float) -> None:
    other = some(share, change)(X, np.random.default_rng(5))
    left, right = seen(X, Y, ids=np.arange(COUNT)), seen(other, Y, ids=np.arange(COUNT))
    report = compare(left, right)
    assert report.verdict.kind != "same", report.verdict.text
    if report.verdict.kind == "undecided":
        assert "most different is example" in report.verdict.text


def test_vectors_that_differ_are_never_the_same() -> None:
    x = np.random.default_rng(1).normal(size=(COUNT, 12)).astype(np.float32)
    other = x.copy()
    other[17, 3] += 1
    report = compare(seen(x, Y, ids=np.arange(COUNT)), seen(other, Y, ids=np.arange(COUNT)))
    assert report.verdict.kind == "undecided"
    assert "example 17" in report.verdict.text


@pytest.mark.parametrize("kind", [np.int64, np.float32])
def test_a_column_of_small_values_beside_a_large_one_counts(kind: type) -> None:
    x = np.random.default_rng(1).integers(0, 2, (COUNT, 12)).astype(kind)
    x[:, 0] *= 100_000
    other = x.copy()
    other[17, 3] = 1 - other[17, 3]
    report = compare(seen(x, Y, ids=np.arange(COUNT)), seen(other, Y, ids=np.arange(COUNT)))
    assert report.verdict.kind == "undecided"
    assert "1 of" in report.verdict.text


def test_rounding_is_the_same() -> None:
    halves = seen((X / np.float32(255)).astype(np.float16), Y, ids=np.arange(COUNT))
    report = compare(seen(X / np.float32(255), Y, ids=np.arange(COUNT)), halves)
    assert report.verdict.kind != "undecided"


def shifted(by: float) -> Change:
    """Draws of brightness, out of range or not, as a feed makes them anew in each epoch."""

    def draw(x: Array, random: np.random.Generator) -> Array:
        return (x + random.uniform(0, by, (len(x), 1, 1, 1))).astype(np.float32)

    return draw


@pytest.mark.parametrize("whole", [False, True])
def test_last_bits_beside_random_flips_are_the_same(*, whole: bool) -> None:
    ids, x = np.arange(COUNT), X.astype(np.float32) + np.float32(0.3)
    sides = (x.astype(np.uint8), x) if whole else (x / np.float32(255), x * np.float32(1 / 255))
    left, right = (
        seen(side, Y, ids=ids, draw=flipped, seed=seed) for seed, side in enumerate(sides)
    )
    assert compare(left, right, measures=[CATALOGUE["VAL206"]]).verdict.kind == "same"


def test_draws_of_another_policy_are_not_the_same() -> None:
    ids = np.arange(COUNT)
    left = seen(X, Y, ids=ids, draw=shifted(10), seed=1)
    right = seen(X, Y, ids=ids, draw=shifted(120), seed=2)
    assert compare(left, right, measures=[CATALOGUE["VAL206"]]).verdict.kind == "undecided"


def spotted(x: Array, random: np.random.Generator) -> Array:
    """Mirrored half of the time; most have a point that is grey, which moves no middle."""
    found = flipped(x, random)
    for at in np.flatnonzero(random.random(len(x)) < 0.8).tolist():
        found[at, random.integers(8, 20), random.integers(8, 20)] = 127
    return found


def test_a_side_that_changes_more_of_its_examples_is_not_the_same() -> None:
    ids = np.arange(COUNT)
    left = seen(X, Y, ids=ids, draw=flipped, seed=1)
    right = seen(X, Y, ids=ids, draw=spotted, seed=2)
    report = compare(left, right, measures=[CATALOGUE["VAL206"]])
    assert report.verdict.kind == "undecided"
    assert "of the examples change in A" in report.undecided[0].question


@pytest.mark.parametrize("seed", seeds(4, quick=2))
def test_draws_of_one_policy_are_the_same(seed: int) -> None:
    ids = np.arange(COUNT)
    left = seen(X, Y, ids=ids, draw=shifted(60), seed=10 * seed)
    right = seen(X, Y, ids=ids, draw=shifted(60), seed=10 * seed + 1)
    assert compare(left, right, measures=[CATALOGUE["VAL206"]]).verdict.kind == "same"


def test_a_few_equal_examples_of_many_do_not_speak_for_the_rest() -> None:
    rows = np.random.default_rng(0).normal(size=(COUNT, 60)).astype(np.float32)

    def cut(x: Array, random: np.random.Generator) -> Array:
        at = random.integers(0, 30, len(x))[:, None] * (random.random((len(x), 1)) < 0.9)
        return np.take_along_axis(x, at + np.arange(30), axis=1)

    report = compare(seen(rows[:, :30], Y, seed=1), seen(rows, Y, seed=2, draw=cut))
    assert report.verdict.kind != "same"


def test_waves_that_are_moved_anew_are_not_the_same() -> None:
    waves = np.random.default_rng(0).normal(size=(COUNT, 400)).astype(np.float32)

    def turned(x: Array, random: np.random.Generator) -> Array:
        by = random.integers(40, 360, len(x))
        return np.stack([np.roll(one, each) for one, each in zip(x, by.tolist(), strict=True)])

    report = compare(seen(waves, Y, seed=1), seen(waves, Y, seed=2, draw=turned))
    assert report.findings[0].code == "AUG201"
