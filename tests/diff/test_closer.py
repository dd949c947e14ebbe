"""What registered views show beyond where they were taken from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import numpy as np
import pytest

from tests.calibration.augmenting import erased, moved, transformed
from tests.diff.replay.material import photograph
from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff._pairing._likeness import match
from twinfeed.diff._policy._draws import drawn_again
from twinfeed.diff._policy._recovered import Policy, policy
from twinfeed.diff._twins import Twins
from twinfeed.observe import Budget, observe
from twinfeed.stats.coarse import grid, signatures

PICTURES = np.stack([photograph(64, 64, seed) for seed in range(40)]).astype(np.float32)


def unchanged(x: np.ndarray, _random: np.random.Generator) -> np.ndarray:
    return x


def trace(change=unchanged, seed: int = 0) -> Trace:
    return observe(transformed(PICTURES, change, seed=seed, batch=10), budget=Budget(timing_s=0))


@pytest.fixture(scope="module")
def plain() -> Trace:
    return trace()


def seen(plain: Trace, change) -> Policy:
    return policy(Twins(plain, trace(change, seed=1)), "B")


@pytest.mark.parametrize("mode", ["nearest", "reflect", "wrap", "constant"])
def test_what_lies_outside_is_named(plain: Trace, mode: str) -> None:
    scipy = {"wrap": "grid-wrap"}.get(mode, mode)
    found = seen(
        plain,
        lambda x, r: moved(x, degrees=r.uniform(-15, 15), shift=r.uniform(-0.2, 0.2, 2), mode=scipy, cval=200),
    )  # fmt: skip
    assert found.fill_mode == mode
    if mode == "constant":
        assert found.fill_value == pytest.approx(200 / 255, abs=0.02)


def test_channels_shifted_by_themselves_are_told_from_brightness(plain: Trace) -> None:
    tinted = seen(plain, lambda x, r: x * 0.6 + 50 + r.uniform(-40, 40, 3))
    assert tinted.channel_shift.random
    assert not tinted.brightness.random
    assert not tinted.erased.random
    bright = seen(plain, lambda x, r: x * 0.6 + 50 + r.uniform(-40, 40))
    assert bright.brightness.random
    assert not bright.channel_shift.random
    # What all channels share is no shift of single ones, as wide as that of the other feed.
    assert bright.channel_shift.firm < 0.5 * tinted.channel_shift.firm
    assert bright.brightness.high - bright.brightness.low == pytest.approx(80 / 255, rel=0.15)


def test_values_cut_off_bend_no_bounds(plain: Trace) -> None:
    found = seen(plain, lambda x, r: np.clip(x + r.uniform(-60, 60), 0, 255))
    assert found.brightness.low == pytest.approx(-60 / 255, abs=0.03)
    assert found.brightness.high == pytest.approx(60 / 255, abs=0.03)
    assert not found.contrast.random
    assert not found.erased.random


@pytest.mark.parametrize(("value", "filling"), [(0.0, "constant"), (None, "noise")])
def test_erased_rectangles_are_measured(plain: Trace, value: float | None, filling: str) -> None:
    found = seen(plain, lambda x, r: erased(x, r, share=0.7, scale=(0.05, 0.2), value=value))
    assert found.erased_fill == filling
    assert found.erased.low == pytest.approx(0.7, abs=0.15)
    assert found.erased_area.low == pytest.approx(0.05, abs=0.02)
    assert found.erased_area.high == pytest.approx(0.2, abs=0.04)
    assert not found.rotation_degrees.random


def test_nothing_is_recovered_of_a_feed_that_draws_nothing(plain: Trace) -> None:
    found = policy(Twins(plain, trace(lambda x, _r: np.round(x * 0.9))), "B")
    assert not any((found.contrast.random, found.channel_shift.random, found.erased.random))
    assert found.fill_mode == ""


def test_what_an_example_is_like_is_no_draw(plain: Trace) -> None:
    def by_brightness(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        x = (x - x.mean()) / x.std()
        return x[:, ::-1] if random.random() < 0.5 else x

    found = seen(plain, by_brightness)
    assert found.flip_x.random
    assert not found.contrast.random
    assert not found.brightness.random


def test_overwritten_views_find_their_pictures() -> None:
    random = np.random.default_rng(0)
    coarse = random.uniform(0, 255, (40, 16, 16, 3)).astype(np.float32)
    pictures = coarse.repeat(4, axis=1).repeat(4, axis=2)
    views = np.stack([erased(x, random, share=1.0, scale=(0.2, 0.33)) for x in pictures])
    main = LeafSpec(path="x", kind="dense", dtype="float32", shape=(64, 64, 3))
    left, right = (signatures(grid(each, main), main) for each in (pictures, views))
    found = match(left, right)
    assert len(found) >= 38
    assert (found.left == found.right).all()
    strangers = match(left[:20], right[20:])
    assert not len(strangers)


def workers(copies: int, *, fresh: bool = True) -> Trace:
    """A feed whose workers move pictures; ``copies`` of them start from one state, 0 moves none."""
    epochs = count()

    def open_epoch() -> Iterator[Batch]:
        epoch = next(epochs)
        order = np.random.default_rng(epoch).permutation(len(PICTURES))
        for number, start in enumerate(range(0, len(order), 5)):
            at = order[start : start + 5]
            random = np.random.default_rng((epoch if fresh else 0, number // max(1, copies)))
            by = random.uniform(-0.1, 0.1, (len(at), 2)) * bool(copies)
            some = [
                moved(PICTURES[i], shift=tuple(each), mode="nearest")
                for i, each in zip(at, by, strict=True)
            ]
            yield Batch(np.stack(some), ids=at.astype(str))

    return observe(Feed(name="workers", open_epoch=open_epoch), budget=Budget(timing_s=0))


@pytest.mark.parametrize(
    ("made", "kinds"),
    [
        (lambda: workers(1), set()),
        (lambda: workers(2), {"workers"}),
        (lambda: workers(1, fresh=False), {"epochs"}),
    ],
    ids=["fresh", "two workers alike", "epochs alike"],
)
def test_draws_that_come_again_are_seen(made: Callable[[], Trace], kinds: set[str]) -> None:
    twins = Twins(workers(0), made())
    found = drawn_again(twins, "B", policy(twins, "B"))
    assert {one.kind for one in found} == kinds
    assert all(one.workers == 2 for one in found if one.kind == "workers")
