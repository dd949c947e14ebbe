"""What differs by chance alone adds no noise, and what was trained once is not trained again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.attribute.test_world import Recipe, world_of
from twinfeed._core.finding import Finding, Severity, Strength, Undecided
from twinfeed.attribute._chance import order_is_chance
from twinfeed.attribute._kept import Kept
from twinfeed.train.outcome import Epoch, Trained


def finding(code: str, severity: Severity) -> Finding:
    return Finding(
        code=code, name=code, tags=(), severity=severity, strength=Strength.MEASURED, sentence=code
    )


def test_two_feeds_that_mix_anew_are_trained_on_in_one_order() -> None:
    world, _ = world_of(Recipe(scale=1.0), ["VAL203"])
    note = finding("ORD205", Severity.NOTE)
    assert order_is_chance(world, [note], ())
    for mine, theirs in zip(world.of_b({"order"}), world.of_a(), strict=True):
        assert np.array_equal(mine.y, theirs.y)
        assert np.allclose(mine.x / 255, theirs.x, atol=1e-5)
    # With the range mapped back as well nothing is left, not even the last bits.
    for mine, theirs in zip(world.of_b({"order", "values"}), world.of_a(), strict=True):
        assert np.array_equal(mine.x, theirs.x)


@pytest.mark.parametrize("code", ["ORD201", "BAT203", "BAT205", "BAT202"])
def test_an_order_that_a_finding_tells_apart_is_no_chance(code: str) -> None:
    world, _ = world_of(Recipe(), [])
    assert not order_is_chance(world, [finding(code, Severity.WARNING)], ())


def test_an_order_that_is_open_or_not_drawn_anew_is_no_chance() -> None:
    world, _ = world_of(Recipe(), [])
    assert not order_is_chance(
        world, [], [Undecided(code="ORD201", question="whether it is sorted", needs="ids")]
    )
    still, _ = world_of(Recipe(shuffled=False), [])
    assert not order_is_chance(still, [], ())


def test_the_same_bytes_are_trained_on_once(tmp_path: Path) -> None:
    epoch = Epoch(x=np.zeros((4, 2), np.float32), y=np.arange(4), weight=None, sizes=(2, 2))
    trained = Trained(metrics={"accuracy": (0.5, 0.75)}, epoch_s=(1.0, 1.0))
    assert Kept(tmp_path, [epoch], own_model=False).read() is None
    Kept(tmp_path, [epoch], own_model=False).write(trained)
    again = Kept(tmp_path, [replace(epoch, x=epoch.x.copy())], own_model=False).read()
    assert again == replace(trained, epoch_s=())
    others = [
        replace(epoch, x=epoch.x.astype(np.float64)),
        replace(epoch, x=epoch.x + 1),
        replace(epoch, y=epoch.y[::-1]),
        replace(epoch, sizes=(4,)),
        replace(epoch, weight=np.ones(4)),
    ]
    assert all(Kept(tmp_path, [other], own_model=False).read() is None for other in others)
    assert Kept(tmp_path, [epoch], own_model=True).read() is None
