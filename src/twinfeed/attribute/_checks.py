"""What the batches themselves show of a change, beside what a comparison finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.attribute._world import World

_MOSTLY = 0.9


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen.

    Attributes:
        holds: Whether B is as A in this respect.
        text: What was seen, without full stop.
    """

    holds: bool
    text: str


def check(world: World, key: str, without: AbstractSet[str]) -> Seen | None:
    """Hold B without some causes against A in one respect; ``None`` where only a comparison can."""
    found = _CHECKS.get(key)
    return None if found is None else found(world, without)


def _order(world: World, without: AbstractSet[str]) -> Seen:
    equal, places = 0, 0
    for number, members in enumerate(world.rows_of_b(without)):
        mine, theirs = world.numbers(members), _numbers_of_a(world, number)
        common = np.isin(mine, theirs) & (mine >= 0)
        mine, theirs = mine[common], theirs[np.isin(theirs, mine)]
        shorter = min(len(mine), len(theirs))
        equal += int((mine[:shorter] == theirs[:shorter]).sum())
        places += max(len(mine), len(theirs))
    return _share(equal, places, "places hold the example that A has there")


def _examples(world: World, without: AbstractSet[str]) -> Seen:
    equal, every = 0, 0
    for number, members in enumerate(world.rows_of_b(without)):
        mine, theirs = world.numbers(members), _numbers_of_a(world, number)
        counts = [
            np.bincount(side[side >= 0], minlength=world.ids.count) for side in (mine, theirs)
        ]
        equal += int(np.minimum(*counts).sum())
        every += int(np.maximum(*counts).sum())
    return _share(equal, every, "examples come as often as in A's epochs")


def _length(world: World, without: AbstractSet[str]) -> Seen:
    mine = [sum(epoch.sizes) for epoch in world.of_b(without)]
    theirs = [sum(epoch.sizes) for epoch in world.of_a()]
    return Seen(mine == theirs, f"epochs of {mine[0]:,} examples, A's of {theirs[0]:,}")


def _batch_size(world: World, without: AbstractSet[str]) -> Seen:
    mine, theirs = world.of_b(without)[0].sizes[0], world.of_a()[0].sizes[0]
    return Seen(mine == theirs, f"batches of {mine}, A's of {theirs}")


def _labels(world: World, without: AbstractSet[str]) -> Seen | None:
    path = world.a.trees[1]
    if not isinstance(path, str):
        return None
    rows = world.rows_of_b(without)[0]
    examples = world.numbers(rows)
    low, high = world.a.bounds[0]
    shown = np.full(world.ids.count, -1)
    shown[world.ids.a[low:high]] = np.arange(low, high)
    known = (examples >= 0) & (shown[np.maximum(examples, 0)] >= 0)
    form = {*without, "label-form"}
    mine = world.labels(rows[known], form)
    theirs = world.forms.labels_of(world.a.columns[path][shown[examples[known]]], 0, form)
    if mine is None or mine.shape != theirs.shape:
        return None
    equal = (mine == theirs).reshape(len(mine), -1).all(axis=1)
    return _share(int(equal.sum()), len(equal), "paired examples have A's label")


def _pictures(world: World, without: AbstractSet[str]) -> Seen:
    rows = world.rows_of_b(without)[0]
    examples = world.numbers(rows)
    low, high = world.a.bounds[0]
    shown = np.full(world.ids.count, -1)
    numbers = world.ids.a[low:high]
    shown[numbers[numbers >= 0]] = np.arange(low, high)[numbers >= 0]
    known = (examples >= 0) & (shown[np.maximum(examples, 0)] >= 0)
    mine = world.inputs(rows[known], 0, without)
    theirs = world.forms.inputs_of_a(world.a.columns[world.a.main][shown[examples[known]]], without)
    equal = (mine == theirs).reshape(len(mine), -1).all(axis=1)
    return _share(int(equal.sum()), len(rows), "pictures are A's of the same epoch")


def _frozen(world: World, without: AbstractSet[str]) -> Seen:
    mine = _unchanged(
        [epoch.x for epoch in world.of_b(without)[:2]],
        [world.numbers(rows) for rows in world.rows_of_b(without)[:2]],
        world,
    )
    theirs = _unchanged(
        [epoch.x for epoch in world.of_a()[:2]], [_numbers_of_a(world, n) for n in (0, 1)], world
    )
    text = f"{mine:.0%} of the pictures are the same in two epochs, of A's {theirs:.0%}"
    # Where A augments nothing its pictures stay the same, and B's, drawn anew, must not.
    anew = mine < _MOSTLY if theirs > _MOSTLY else abs(mine - theirs) < 1 - _MOSTLY
    return Seen(anew, text)


def augments(world: World) -> str:
    """The side, ``a`` or ``b``, that alone augments and is known without it; else empty."""
    still = [
        _unchanged([one.x for one in epochs[:2]], numbers, world) > _MOSTLY
        for epochs, numbers in (
            (world.of_a(), [_numbers_of_a(world, n) for n in (0, 1)]),
            (world.of_b(frozenset()), [world.numbers(r) for r in world.rows_of_b(frozenset())[:2]]),
        )
    ]
    for side, own, other, recording in (
        ("a", still[0], still[1], world.a), ("b", still[1], still[0], world.b),
    ):  # fmt: skip
        if other and not own and recording.plain is not None and recording.ids is not None:
            return side
    return ""


def _unchanged(pictures: list[Any], numbers: list[Array], world: World) -> float:
    """Share of examples that look the same in two epochs."""
    if len(pictures) < 2 or not all(isinstance(one, np.ndarray) for one in pictures):
        return 1.0
    places = np.full((2, world.ids.count), -1)
    for epoch in range(2):
        shown = numbers[epoch][: len(pictures[epoch])]
        places[epoch][shown[shown >= 0]] = np.flatnonzero(shown >= 0)
    both = (places >= 0).all(axis=0)
    first, second = (pictures[epoch][places[epoch][both]] for epoch in range(2))
    equal = (first == second).reshape(int(both.sum()), -1).all(axis=1)
    return float(equal.mean()) if len(equal) else 1.0


def _numbers_of_a(world: World, number: int) -> Array:
    low, high = world.a.bounds[number % len(world.a.bounds)]
    return world.ids.a[low:high]


def _share(equal: int, every: int, text: str) -> Seen:
    return Seen(equal >= _MOSTLY * every, f"{equal:,} of {every:,} {text}")


_CHECKS: Mapping[str, Callable[[World, AbstractSet[str]], Seen | None]] = {
    "order": _order,
    "examples": _examples,
    "length": _length,
    "remainder": _length,
    "batch-size": _batch_size,
    "labels": _labels,
    "pictures": _pictures,
    "frozen": _frozen,
}
