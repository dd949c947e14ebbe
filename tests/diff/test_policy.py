"""Recovered policies, of one feed and of two that both draw anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import count

import numpy as np
import pytest

from tests.calibration.augmenting import erased, moved, transformed
from tests.calibration.material import draw
from tests.diff.replay.material import photograph
from tests.diff.seen import Draw, seen as observed
from twinfeed._core.results import Report
from twinfeed._core.trace import Trace
from twinfeed.diff._catalogue import CATALOGUE
from twinfeed.diff._policy._compared import apart
from twinfeed.diff._policy._flips import shares
from twinfeed.diff._policy._randomness import past_recognition
from twinfeed.diff._policy._recovered import Policy, policy
from twinfeed.diff._policy._shown import augmentations
from twinfeed.diff._policy._spread import Spread
from twinfeed.diff._run import compare
from twinfeed.diff._twins import SIDES, Twins
from twinfeed.feeds import as_feed
from twinfeed.images import ImageDataGenerator
from twinfeed.observe import Budget, observe
from twinfeed.stats.intervals import wilson

BUDGET = Budget(epochs=2, timing_s=0.0)
Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


@cache
def pictures() -> np.ndarray:
    return draw(np.random.default_rng(3), "textures", 150)[0]


def seen(change: Change, seed: int) -> Trace:
    return observe(transformed(pictures(), change, seed=seed), budget=BUDGET)


def zoomed(low: float, high: float) -> Change:
    return lambda x, r: moved(x, zoom=(r.uniform(low, high),) * 2, mode="nearest")


def codes(report: Report) -> set[str]:
    return {found.code for found in report.findings if found.code.startswith("AUG")}


def drawn(left: Trace, right: Trace) -> Report:
    """What the measures of augmentations find."""
    return compare(
        left, right, measures=[CATALOGUE[code] for code in CATALOGUE if code[:3] == "AUG"]
    )


@pytest.mark.slow
def test_two_feeds_that_draw_about_other_middles_differ() -> None:
    even, closer = seen(zoomed(0.95, 1.15), 1), seen(zoomed(0.8, 1.0), 2)
    report = drawn(even, closer)
    assert "AUG205" in codes(report)
    assert codes(drawn(even, seen(zoomed(0.95, 1.15), 3))) == set()
    assert [side.relative for side in report.augmentation] == [True, True]


@pytest.mark.slow
def test_one_factor_for_both_axes_is_not_one_for_each() -> None:
    def by_axis(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
        return moved(x, zoom=tuple(r.uniform(0.8, 1.2, 2)), mode="nearest")

    report = drawn(seen(by_axis, 1), seen(zoomed(0.8, 1.2), 2))
    assert "AUG205" in codes(report)
    assert "both alike" in next(f.sentence for f in report.findings if f.code == "AUG205")
    assert codes(drawn(seen(by_axis, 1), seen(by_axis, 3))) == set()


def test_two_feeds_that_mirror_in_other_shares_differ() -> None:
    def mirrored(share: float) -> Change:
        return lambda x, r: x[:, ::-1] if r.random() < share else x

    half = seen(mirrored(0.5), 1)
    assert codes(drawn(half, seen(mirrored(0.1), 2))) == {"AUG204"}
    assert codes(drawn(half, seen(mirrored(0.5), 3))) == set()


def test_bounds_told_in_two_orders_of_steps_are_compared_in_one() -> None:
    twins = Twins(seen(strewn(20, 0.2, 0.1), 0), seen(strewn(20, 0.2, 0.1), 1))
    left, right = (replace(policy(twins, name), basis="plain", retold={}) for name in SIDES)
    one, other = Spread.even(-0.03, 0.1), Spread.even(-0.08, 0.05)
    left, right = replace(left, shift_x=one), replace(right, shift_x=other)
    assert apart(left, right, "shift_x", tolerance=0.02)
    # Told in the order of steps that A's views follow, B's shift is A's.
    left, right = (replace(each, retold={"shift_x": one}) for each in (left, right))
    assert not apart(left, right, "shift_x", tolerance=0.02)


def strewn(degrees: float, zoom: float, shift: float) -> Change:
    return lambda x, r: moved(
        x,
        degrees=r.uniform(-degrees, degrees),
        zoom=(r.uniform(1 - zoom, 1 + zoom),) * 2,
        shift=(r.uniform(-shift, shift), r.uniform(-shift, shift)),
        mode="nearest",
    )


@pytest.mark.parametrize(
    "wide", [(35, 0.3, 0.2), pytest.param((60, 0.45, 0.3), marks=pytest.mark.slow)]
)
def test_what_is_moved_past_recognition_is_not_called_the_same(
    wide: tuple[float, float, float],
) -> None:
    flipped = seen(lambda x, r: x[:, ::-1] if r.random() < 0.5 else x, 1)
    assert compare(flipped, seen(strewn(*wide), 2)).verdict.kind != "same"


def test_a_side_of_which_nothing_is_known_again_leaves_the_answer_open() -> None:
    def noise(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
        return r.uniform(0, 255, x.shape).astype(np.float32)

    def beside(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
        return x if next(calls) < len(pictures()) else noise(x, r)

    calls = count()
    left, right = seen(lambda x, r: x, 1), seen(beside, 2)
    twins = Twins(left, right)
    assert past_recognition(twins, "A") is None
    assert past_recognition(twins, "B") == (len(pictures()), 0)
    report = compare(left, right)
    assert [one.code for one in report.undecided if "0 were recognised" in one.question] == [
        "AUG209"
    ]
    assert report.verdict.kind == "undecided"
    assert report.ledger is None


def test_where_both_draw_whole_batches_that_are_mirrored_are_told() -> None:
    def mirrored(every: int) -> Change:
        drawn: list[bool] = []

        def changed(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
            drawn.append(random.random() < 0.5 if len(drawn) % every == 0 else drawn[-1])
            return x[:, ::-1] if drawn[-1] else x

        return changed

    batches, others, examples, more = (
        observe(transformed(pictures(), mirrored(every), seed=seed, batch=10), budget=BUDGET)
        for seed, every in enumerate((10, 10, 1, 1))
    )
    assert codes(drawn(batches, examples)) == {"AUG210"}
    assert codes(drawn(batches, others)) == set()
    assert codes(drawn(examples, more)) == set()


@pytest.mark.slow
def test_where_both_draw_a_feed_that_turns_few_of_its_examples_differs() -> None:
    def turned(share: float) -> Change:
        def changed(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
            degrees = random.uniform(-30, 30)
            return moved(x, degrees=degrees, mode="nearest") if random.random() < share else x

        return changed

    few = seen(turned(0.3), 1)
    assert codes(drawn(few, seen(turned(1.0), 2))) == {"AUG209"}
    assert codes(drawn(few, seen(turned(0.3), 3))) == set()


@pytest.mark.slow
@pytest.mark.parametrize("parameter", ["erased", "channel_shift"])
def test_patches_and_channel_shifts_drawn_once_per_batch_are_told(parameter: str) -> None:
    """Every tenth picture draws, and the others of its batch take what it drew."""

    def change(every: int) -> Change:
        drawn: list[np.ndarray] = []

        def changed(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
            drawn.append(random.random(3) if len(drawn) % every == 0 else drawn[-1])
            first, second, third = drawn[-1]
            if parameter == "channel_shift":
                return np.clip(x + (drawn[-1] - 0.5) * 80, 0, 255)
            x, side = x.copy(), int(5 + 4 * third)
            top, left = int(first * (24 - side)), int(second * (24 - side))
            x[top : top + side, left : left + side] = 128
            return x

        return changed

    traces = [
        observe(transformed(pictures(), change(every), batch=10), budget=BUDGET)
        for every in (10, 1)
    ]
    plain = observe(as_feed(pictures()), budget=Budget(timing_s=0.0))
    per = []
    for trace in traces:
        side = augmentations(Twins(plain, trace))[1]
        one = next(one for one in side.parameters if one.name.startswith(parameter))
        per.append(one.per)
    assert per == ["batch", "example"]


def test_what_is_drawn_is_told_with_its_shape_interval_and_share() -> None:
    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        if random.random() < 0.5:
            return x
        return np.clip(moved(x, degrees=random.uniform(-20, 20), mode="nearest"), 0, 255)

    plain = observe(as_feed(pictures()), budget=Budget(timing_s=0.0))
    report = compare(plain, observe(transformed(pictures(), change), budget=BUDGET))
    left, right = report.augmentation
    assert (left.state, left.parameters, right.state) == ("none", (), "fresh")
    turned = next(one for one in right.parameters if one.name == "rotation_degrees")
    assert turned.untouched == pytest.approx(0.5, abs=0.12)
    assert turned.shape in {"uniform", "undecided"}
    assert turned.per == "example"
    assert turned.low_between[0] < turned.low < turned.low_between[1] < 0
    assert turned.high == pytest.approx(20, abs=3)
    album = next(one for one in report.exhibits.albums if one.names)
    assert album.names == ("rotation_degrees",)
    assert len(album.rows[0]) == len(album.columns) == 3


def recovered(change: Change, seed: int = 0) -> Policy:
    """The policy of a feed, held against its pictures as they are."""
    plain = observe(as_feed(pictures()), budget=Budget(timing_s=0.0))
    return policy(Twins(plain, seen(change, seed)), "B")


def test_patches_that_cover_a_third_of_a_picture_are_measured_as_small_ones_are() -> None:
    found = recovered(lambda x, r: erased(x, r, share=0.6, scale=(0.05, 0.33)))
    assert found.views >= 0.97 * found.tried
    assert found.erased.low == pytest.approx(0.6, abs=0.08)
    assert found.erased_area.low == pytest.approx(0.05, abs=0.02)
    assert found.erased_area.high == pytest.approx(0.33, abs=0.02)


def test_what_moves_before_black_is_recognised_as_far_as_it_moves() -> None:
    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        zoom = 1 / random.uniform(0.75, 1.25)
        return moved(x, shift=tuple(random.uniform(-0.12, 0.12, 2)), zoom=(zoom, zoom))

    traces = observe(as_feed(pictures()), budget=Budget(timing_s=0.0)), seen(change, 0)
    pairs = Twins(*traces).pairs
    order = np.random.default_rng(0).permutation(len(pictures()))
    assert len(pairs) >= 0.75 * len(pictures())
    assert (order[pairs.right] == pairs.left).mean() >= 0.98


def test_the_fill_of_pictures_that_are_moved_in_several_steps_is_named() -> None:
    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        turned = moved(x, degrees=random.uniform(-25, 25), mode="reflect")
        return moved(turned, zoom=(random.uniform(1, 1.3),) * 2, mode="reflect")

    assert recovered(change).fill_mode == "reflect"


def test_what_is_added_in_front_of_a_factor_is_told_as_it_was_added() -> None:
    def change(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return np.clip((x + random.uniform(-40, 40)) * random.uniform(0.6, 1.4), 0, 255)

    found = recovered(change)
    assert found.brightness.low == pytest.approx(-40 / 255, abs=0.012)
    assert found.brightness.high == pytest.approx(40 / 255, abs=0.012)


@pytest.mark.parametrize(("across", "down"), [(0.5, 0.0), (0.0, 0.0), (0.5, 0.5), (0.2, 0.1)])
def test_flips_told_wrongly_are_taken_off_their_shares(across: float, down: float) -> None:
    random = np.random.default_rng(0)
    x, y = random.random((2, 4000)) < [[across], [down]]
    wrong = random.random(4000) < 0.08
    x[wrong], y[wrong] = random.random((2, 4000))[:, wrong] < 0.5
    found = shares(x, y)
    # Where half are mirrored across, nothing tells the wrong ones from those mirrored down.
    assert found[0].value == pytest.approx(across, abs=0.025)
    assert found[1].value == pytest.approx(down, abs=0.05 if across == 0.5 else 0.025)


@pytest.mark.parametrize("count", [200, 1000])
def test_shares_from_which_much_is_taken_off_say_how_little_they_rest_on(count: int) -> None:
    held = 0
    for seed in range(200):
        random = np.random.default_rng(seed)
        x, y = random.random((2, count)) < [[0.45], [0.4]]
        wrong = random.random(count) < 0.2
        x[wrong] = y[wrong] = random.random(int(wrong.sum())) < 0.5
        for one, true in zip(shares(x, y), (0.45, 0.4), strict=True):
            whole = max(1, round(count / one.alike))
            low, high = wilson(round(one.value * whole), whole)
            held += low <= true <= high
    assert held > 0.9 * 400


def test_factors_that_come_again_in_each_epoch_count_once() -> None:
    """Each batch shares one of fifteen factors, which every epoch draws alike."""
    drawn = np.random.default_rng(4).uniform(0.5, 1.0, 15)
    at = iter(range(10_000))

    def change(x: np.ndarray, _: np.random.Generator) -> np.ndarray:
        return x * drawn[next(at) // 10 % 15]

    plain = observe(as_feed(pictures()), budget=Budget(timing_s=0.0))
    budget = Budget(epochs=4, timing_s=0.0)
    found = policy(
        Twins(plain, observe(transformed(pictures(), change, batch=10), budget=budget)), "B"
    )
    assert found.contrast.draws == 15
    assert found.contrast.low_between[0] < 0.5
    assert found.contrast.high_between[1] > 1.0


@pytest.mark.parametrize("again", ["", "batch"])
def test_draws_of_a_batch_are_told_between_two_mixed_epochs(again: str) -> None:
    pytest.importorskip("tensorflow")
    from tests.calibration.sizes import Recipe

    data = draw(np.random.default_rng(0), "textures", 100)
    recipe = Recipe(change=lambda x, r: x * 0.5 + r.uniform(0, 100), again=again)
    twins = Twins(*(observe(as_feed(recipe.build(data, seed)), budget=BUDGET) for seed in (1, 2)))
    for name in SIDES:
        found = policy(twins, name)
        assert found.basis == "epochs"
        assert (found.shared_of["brightness"] > 0.95) == (again == "batch")
        assert again or found.shared_of["brightness"] < 0.3


def test_a_build_that_draws_the_same_again_is_no_view_more() -> None:
    flow = ImageDataGenerator(horizontal_flip=True, width_shift_range=0.1).flow
    images = pictures()[:60]
    left, right = (
        observe(as_feed(flow(images, batch_size=20, seed=seed)), budget=BUDGET) for seed in (1, 2)
    )
    found = policy(Twins(left, right), "A")
    assert found.basis == "plain"
    assert found.views <= 120
    assert found.flip_x.views <= 120


def test_rectangles_of_other_sizes_on_both_sides_are_no_brightness() -> None:
    pictures = np.stack([photograph(32, 32, seed) for seed in range(80)])

    def cut(side: int) -> Draw:
        def draw(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
            found = x.copy()
            places: list[tuple[int, int]] = random.integers(0, 32, (len(x), 2)).tolist()
            for picture, (row, column) in zip(found, places, strict=True):
                half = side // 2
                picture[max(0, row - half) : row + half, max(0, column - half) : column + half] = 0
            return found

        return draw

    left, right = (observed(pictures, draw=cut(side), seed=side) for side in (16, 8))
    report = compare(left, right)
    assert "AUG206" not in {found.code for found in report.findings}
    assert report.verdict.kind != "same"


@pytest.mark.slow
def test_what_interpolation_takes_from_fine_detail_is_no_factor() -> None:
    # As in photos, detail falls off with how fine it is.
    waves = np.hypot(*np.meshgrid(np.fft.fftfreq(64), np.fft.fftfreq(64)))
    grains = np.fft.fft2(np.random.default_rng(5).normal(size=(120, 64, 64)))
    made = np.fft.ifft2(grains / np.maximum(waves, 1 / 64)).real
    fine = np.clip(128 + 45 * made / made.std(), 0, 255).astype(np.uint8)[..., None]
    fine = fine.repeat(3, axis=-1)

    def shifted(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        top, left = random.integers(0, 9, 2)
        return np.pad(x, ((4, 4), (4, 4), (0, 0)))[top : top + 64, left : left + 64]

    def brighter(x: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return shifted(x, random) * random.uniform(0.7, 1.0)

    plain = observe(as_feed(fine), budget=BUDGET)
    found = [
        policy(Twins(plain, observe(transformed(fine, change), budget=BUDGET)), "B")
        for change in (shifted, brighter)
    ]
    assert found[0].shift_x.random
    assert not found[0].contrast.random
    assert found[1].contrast.low == pytest.approx(0.7, abs=0.03)
    assert found[1].contrast.high == pytest.approx(1.0, abs=0.05)


@pytest.mark.slow
def test_quarter_turns_are_named() -> None:
    def dimmed(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
        return x * r.uniform(0.7, 1)

    def quartered(x: np.ndarray, r: np.random.Generator) -> np.ndarray:
        return np.rot90(dimmed(x, r), r.integers(4))

    plain = observe(as_feed(pictures()), budget=BUDGET)
    report = drawn(plain, seen(quartered, 1))
    shown = {one.name: one for one in report.augmentation[1].parameters}
    assert shown.keys() == {"turned", "contrast"}
    assert shown["turned"].low == pytest.approx(0.75, abs=0.08)
    assert codes(drawn(seen(quartered, 2), seen(quartered, 3))) == set()
    (flips,) = [
        found.sentence
        for found in drawn(seen(dimmed, 4), seen(quartered, 5)).findings
        if found.code == "AUG204"
    ]
    assert "by quarter turns" in flips
