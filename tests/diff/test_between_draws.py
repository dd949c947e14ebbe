"""Draws that come again where both feeds draw, so that no example is seen as it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from tests.diff.replay.material import photograph
from tests.diff.seen import seen
from tests.seeds import seeds
from twinfeed._core.batch import Array, Batch
from twinfeed._core.feed import Feed
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, compare
from twinfeed.diff._policy import _between_draws as between_draws
from twinfeed.diff._policy._between_draws import (
    _fine as fine_rows,
    _left as left_by,
    _registered as registered,
    _some as some_of,
)
from twinfeed.diff._twins import SideName, Twins
from twinfeed.diff._views._kept_draws import _of_colours as of_colours
from twinfeed.observe import Budget, observe

PICTURES = np.stack([photograph(40, 40, seed) for seed in range(96)])
BATCH = 8
Draws = Callable[[int, int], np.random.Generator]
"""The numbers of a batch, from its epoch and its number."""


def moved(
    draws: Draws,
    seed: int | None,
    *,
    by_batch: bool = False,
    reseeded: bool = False,
    mirrored: float = 0.0,
) -> Trace:
    """Pictures shifted by up to 4 of 32 points, mixed anew in each epoch where a seed is given.

    That share of them is mirrored instead, where there is one.
    """

    def open_epoch(epochs: Iterator[int]) -> Iterator[Batch]:
        epoch = next(epochs)
        order = np.random.default_rng((seed or 0, epoch)).permutation(96)
        order = np.arange(96) if seed is None else order
        for number in range(96 // BATCH):
            random = draws(epoch, number)
            rows = order[number * BATCH : (number + 1) * BATCH]
            if mirrored:
                turned = (random.random(BATCH) < mirrored)[:, None, None, None]
                shown = PICTURES[rows, 4:36, 4:36]
                yield Batch(np.where(turned, shown[:, :, ::-1], shown))
                continue
            at = random.integers(0, 9, (BATCH, 2))
            at = at[:1].repeat(BATCH, axis=0) if by_batch else at
            yield Batch(
                np.stack([_cut(PICTURES[row], *each) for row, each in zip(rows, at, strict=True)])
            )

    def build(first: int) -> Feed:
        epochs = iter(range(first, first + 100))
        again = None if first else lambda: build(0 if reseeded else 100)
        return Feed(name="moved", open_epoch=lambda: open_epoch(epochs), fresh=again)

    return observe(build(0), budget=Budget(timing_s=0))


def _cut(picture: Array, top: int, left: int) -> Array:
    return picture[top : top + 32, left : left + 32]


def own(seed: int) -> Draws:
    return lambda epoch, number: np.random.default_rng((seed, epoch, number))


def found(left: Trace, right: Trace) -> list[str]:
    report = compare(left, right, measures=[CATALOGUE["AUG214"]])
    return [f"{one.evidence['side']} {one.evidence['shared_by']}" for one in report.findings]


def test_workers_that_share_their_numbers_are_told() -> None:
    def shared(_epoch: int, number: int) -> np.random.Generator:
        return np.random.default_rng((5, number // 3))

    assert found(moved(shared, 1), moved(own(2), 2)) == ["A workers"]


def test_epochs_that_begin_with_one_seed_are_told() -> None:
    def again(_epoch: int, number: int) -> np.random.Generator:
        return np.random.default_rng((5, number))

    assert found(moved(own(1), 1), moved(again, 2)) == ["B epochs"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "mixed", "by_batch"),
    [
        (0, True, False),
        (1, False, True),
        pytest.param(2, True, True, marks=pytest.mark.slow),
        pytest.param(3, False, False, marks=pytest.mark.slow),
    ],
)
def test_draws_of_their_own_explain_nothing(seed: int, *, mixed: bool, by_batch: bool) -> None:
    sides = [
        moved(own(2 * seed + side), 2 * seed + side if mixed else None, by_batch=by_batch)
        for side in range(2)
    ]
    assert not found(*sides)


@pytest.mark.parametrize("seed", seeds(3, quick=1))
def test_a_build_that_draws_again_by_its_seed_explains_nothing(seed: int) -> None:
    sides = [moved(own(2 * seed + side), 2 * seed + side, reseeded=True) for side in range(2)]
    assert not found(*sides)


@pytest.mark.parametrize("share", [0.5, 0.2])
def test_workers_that_mirror_alike_are_told(share: float) -> None:
    def shared(_epoch: int, number: int) -> np.random.Generator:
        return np.random.default_rng((5, number // 2))

    sides = moved(shared, 1, mirrored=share), moved(own(2), 2, mirrored=share)
    assert found(*sides) == ["A workers"]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("share", [0.5, 0.1])
def test_mirrors_of_their_own_contradict_each_other(seed: int, share: float) -> None:
    sides = [moved(own(each), each, mirrored=share) for each in (seed, seed + 50)]
    assert not found(*sides)


def test_few_moves_beyond_their_draws_tell_where_they_are_exact() -> None:
    random = np.random.default_rng(0)
    draws = random.uniform(-0.3, 0.3, 140)
    ends = random.permutation(np.r_[np.arange(140), random.integers(0, 140, 220)]).reshape(-1, 2)
    moved = draws[ends[:, 1]] - draws[ends[:, 0]] + random.normal(0, 1e-3, len(ends))
    told = left_by(ends, moved)
    assert told is not None
    assert told < 1e-3


def test_few_moves_beyond_their_draws_are_not_explained_by_leaving_them_out() -> None:
    random = np.random.default_rng(0)
    for _ in range(20):
        ends = random.permutation(np.r_[np.arange(303), random.integers(0, 303, 391)])
        told = left_by(ends.reshape(-1, 2), random.integers(-4, 5, 347) / 32)
        assert told is None or told > 0.15


@pytest.mark.parametrize("name", ["A", "B"])
def test_moves_are_taken_from_pictures_where_these_are_there(name: SideName) -> None:
    twins = Twins(moved(own(1), 1), moved(own(2), 2))
    basis, views = twins.basis[name], twins.views[name]
    assert basis.kind == "epochs"
    trace = twins.side(name)
    rows = np.stack([trace.shown[basis.example], basis.row], axis=1)
    assert (trace.rows.epoch[rows] == [0, 1]).all()
    pairs, columns = registered(twins, name, rows, fine_rows(twins, name))
    assert len(pairs) >= len(views)
    known = {tuple(pair): at for at, pair in enumerate(rows[views.index].tolist())}
    same = [
        (at, known[tuple(pair)]) for at, pair in enumerate(pairs.tolist()) if tuple(pair) in known
    ]
    here, there = np.array(same).T
    np.testing.assert_array_equal(columns["shift_x"][here], views.shift_x[there])


def test_moves_that_were_registered_by_their_pictures_come_first() -> None:
    moves = np.stack([np.arange(100), np.arange(100, 200)], axis=1)
    fine = moves[::5]
    for count in (10, 20, 60, 100):
        some = {tuple(pair) for pair in some_of(moves, count, fine).tolist()}
        assert len(some) == count
        assert len(some & {tuple(pair) for pair in fine.tolist()}) == min(count, 20)
    assert not len(some_of(moves[:0], 0, fine))


@pytest.mark.parametrize("plain", [True, False])
def test_draws_that_never_change_are_told_by_those_of_the_other_side(*, plain: bool) -> None:
    def again(_epoch: int, number: int) -> np.random.Generator:
        return np.random.default_rng((5, number))

    right = seen(PICTURES[:, 4:36, 4:36]) if plain else moved(again, None)
    measures = [CATALOGUE[code] for code in ("AUG201", "AUG203", "AUG209")]
    report = compare(moved(own(1), 1), right, measures=measures)
    assert {one.code for one in report.findings} == ({"AUG201", "AUG209"} if plain else {"AUG203"})


@pytest.mark.parametrize("kind", ["drawn", "plain", "evened out"])
def test_brightness_that_never_changes_is_told_by_that_of_the_other_side(kind: str) -> None:
    shown = PICTURES[:, :32, :32].astype(np.float32)

    def brighter(random: np.random.Generator) -> Array:
        return (shown * random.uniform(0.5, 1, (96, 1, 1, 1))).astype(np.float32)

    going_on = np.random.default_rng(1)
    left = Feed(name="drawn", open_epoch=lambda: iter([Batch(brighter(going_on))]))
    level = shown.mean(axis=(1, 2, 3), keepdims=True)
    still = {
        "drawn": brighter(np.random.default_rng(20)),
        "plain": shown,
        "evened out": 90 * shown / level,
    }
    twins = Twins(observe(left, budget=Budget(timing_s=0)), seen(still[kind].astype(np.float32)))
    assert twins.keeps_draws("B") is (kind == "drawn")


def test_what_a_corner_leaves_of_pictures_of_two_shapes_is_no_draw() -> None:
    random = np.random.default_rng(0)
    most = np.tile([[8, 0], [0, 8]], (48, 1))

    def at_random() -> Iterator[Batch]:
        at = random.integers(0, most + 1)
        yield Batch(np.stack([_cut(x, *each) for x, each in zip(PICTURES, at, strict=True)]))

    left = observe(Feed(name="anywhere", open_epoch=at_random), budget=Budget(timing_s=0))
    assert not Twins(left, seen(PICTURES[:, :32, :32])).keeps_draws("B")


@pytest.mark.parametrize("by_colour", [True, False])
def test_hues_that_are_drawn_are_no_brightness(*, by_colour: bool) -> None:
    random = np.random.default_rng(0)
    strength = random.uniform(0, 1, 60)
    pictures = [
        np.array([100, 100 + 80 * each, 100 - 60 * each]).reshape(1, 1, 3) for each in strength
    ]
    drawn = random.normal(0, 0.1, (2, 60)) * (strength if by_colour else 1)
    one, other = np.arange(60), np.arange(60, 120)
    assert of_colours(np.r_[drawn[0], drawn[1]], one, other, pictures) is by_colour


def test_pairs_of_which_none_could_be_registered_explain_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none_of_them(*_: object) -> tuple[Array, dict[str, Array]]:
        names = ("flip_x", "zoom", "shift_x", "shift_y", "gain", "bias", "angle")
        return np.zeros((0, 2), int), dict.fromkeys(names, np.zeros(0))

    pairs = np.tile(np.arange(96), (2, 1)).T
    monkeypatch.setattr(between_draws, "_moves", lambda *_: (pairs, pairs[:0]))
    monkeypatch.setattr(between_draws, "_registered", none_of_them)
    trace = seen(PICTURES, seed=1)
    assert between_draws.explained_by_places(Twins(trace, trace), "A") is None
