"""Batches, epochs and which examples they hold: exact counts, no guesses from a part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.diff.conftest import traced
from tests.diff.handmade import (
    COUNT,
    MIXED,
    SORTED,
    Order,
    X,
    batches_shuffled,
    codes,
    feed,
    fitted,
    in_order,
    reshuffled,
    seen,
)
from tests.observe.feeds import array_feed
from tests.seeds import seeds
from twinfeed import as_feed
from twinfeed._core.finding import Finding, Strength
from twinfeed._core.plan import Plan, Step
from twinfeed._core.trace import Epoch, Fit, Trace
from twinfeed.diff import compare
from twinfeed.diff._measures.batches import MEASURES
from twinfeed.observe import Budget, observe


def first(*rows: int) -> Order:
    return lambda _epoch: np.arange(*rows)


def dropping(order: Order, size: int) -> Order:
    def kept(epoch: int) -> np.ndarray:
        rows = order(epoch)
        assert isinstance(rows, np.ndarray)
        return rows[: len(rows) // size * size]

    return kept


def finding(code: str, left: Trace, right: Trace) -> Finding:
    return next(found for found in compare(left, right).findings if found.code == code)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 90), st.integers(5, COUNT), st.booleans(), st.booleans())
def test_a_feed_and_its_shuffled_copy_hold_the_same(
    size: int, examples: int, named: bool, part: bool
) -> None:
    def some(seed: int) -> Order:
        return lambda epoch: np.random.default_rng((seed, epoch)).permutation(examples)

    read = examples // 2 if part else 10_000
    left, right = (seen(feed(some(seed), size=size, named=named), examples=read) for seed in (1, 2))
    assert not codes(left, right, MEASURES)


@pytest.mark.parametrize("made", [in_order, reshuffled()], ids=["in order", "reshuffled"])
def test_a_dropped_rest_is_one_cause(made: Order) -> None:
    left, right = feed(made), feed(dropping(made, 32))
    assert codes(left, right, MEASURES) == {"BAT203"}
    found = finding("BAT203", seen(left), seen(right))
    assert found.evidence["examples_left_out"] == COUNT % 32
    assert found.evidence["same_in_each_epoch"] is (made is in_order)
    assert found.strength is Strength.MEASURED


def test_a_padded_rest_is_one_cause() -> None:
    padded = first(COUNT)

    def filled(_epoch: int) -> np.ndarray:
        return np.r_[np.arange(COUNT), np.arange(32 - COUNT % 32)]

    assert codes(feed(padded), feed(filled), MEASURES) == {"BAT203"}


def test_what_did_not_end_is_read_from_the_plans() -> None:
    def plan(*, drops: bool) -> Plan:
        batch = Step(
            kind="batch", where="batch", settings={"batch_size": 32, "drop_remainder": drops}
        )
        return Plan((Step(kind="source", where="source"), batch), library="tf.data")

    sides = [
        seen(feed(plan=plan(drops=drops), examples=COUNT), examples=64) for drops in (False, True)
    ]
    assert codes(*sides, MEASURES) == {"BAT203"}
    assert finding("BAT203", *sides).strength is Strength.READ
    even = [replace(side, examples=384) for side in sides]
    assert not codes(*even, MEASURES)


def test_missing_files_are_no_dropped_rest() -> None:
    # As many are missing as would not fill a batch, and from the middle.
    batch = Step(kind="batch", where="batch", settings={"batch_size": 32, "drop_remainder": False})
    plan = Plan((Step(kind="source", where="source"), batch), library="tf.data")
    fewer = np.delete(np.arange(COUNT), np.arange(100, 116))
    found = codes(feed(plan=plan), feed(lambda _epoch: fewer, plan=plan), MEASURES)
    assert found == {"BAT202", "BAT205"}


def test_missing_files_are_named_besides_the_rest_of_a_batch() -> None:
    def plan(count: int, *, drops: bool) -> Plan:
        settings = {"batch_size": 48, "drop_remainder": drops}
        batch = Step(kind="batch", where="batch", settings=settings, examples_in=count)
        return Plan((Step(kind="source", where="source"), batch), library="tf.data")

    drawn, kept = reshuffled(), np.delete(np.arange(COUNT), np.arange(100, 140))

    def fewer(epoch: int) -> np.ndarray:
        rows = drawn(epoch)
        assert isinstance(rows, np.ndarray)
        return rows[np.isin(rows, kept)][:336]

    whole = feed(reshuffled(1), size=48, plan=plan(COUNT, drops=False))
    sides = seen(whole), seen(feed(fewer, size=48, plan=plan(360, drops=True)))
    assert {"BAT203", "BAT205"} <= codes(*sides, MEASURES)
    assert finding("BAT205", *sides).evidence["missing_examples"] == 40


def test_missing_examples_are_counted_with_their_class() -> None:
    found = finding("BAT205", seen(feed(size=40)), seen(feed(first(360), size=40)))
    assert found.evidence["missing_examples"] == 40
    assert found.evidence["confidence"] == 1
    assert "class 9" in found.sentence


@pytest.mark.parametrize("seed", range(3))
def test_two_draws_of_four_fifths_are_one_cause(seed: int) -> None:
    random = np.random.default_rng(seed)
    parts = [np.sort(random.permutation(COUNT)[:320]) for _ in range(2)]
    left, right = (feed(lambda _, rows=rows: rows) for rows in parts)
    assert codes(left, right, MEASURES) == {"BAT213"}


def test_two_draws_of_numbers_to_predict_are_one_cause() -> None:
    targets = X.sum(axis=1)  # each its own: none is of a class that the other side may skip
    parts = [np.random.default_rng(seed).permutation(COUNT)[:320] for seed in range(2)]
    left, right = (feed(lambda _, rows=rows: rows, targets) for rows in parts)
    assert codes(left, right, MEASURES) == {"BAT213"}


def test_a_near_copy_in_the_other_part_hides_no_other_draw() -> None:
    random = np.random.default_rng(0)
    pictures = random.integers(0, 250, (120, 4, 4, 3)).repeat(5, 1).repeat(5, 2).astype(np.uint8)
    pictures[110] = pictures[0] + random.integers(0, 3, pictures[0].shape).astype(np.uint8)
    rows = np.arange(1, 110)
    drawn = np.r_[0, rows[:-20]], np.r_[110, rows[20:]]
    sides = [as_feed((pictures[part], part % 3)) for part in drawn]
    left, right = (observe(side, budget=Budget(timing_s=0)) for side in sides)
    found = [each.code for each in compare(left, right, measures=MEASURES).findings]
    assert found == ["BAT213"]


@pytest.mark.parametrize("share", [0.1, 0.3])
def test_two_parts_drawn_with_two_seeds_are_named_before_their_length(share: float) -> None:
    sizes = round((1 - share) * COUNT), round(share * COUNT)
    orders = [np.random.default_rng(seed).permutation(COUNT) for seed in range(2)]
    parts = [np.sort(order[:size]) for order, size in zip(orders, sizes, strict=True)]
    left, right = (seen(feed(lambda _, rows=rows: rows)) for rows in parts)
    assert codes(left, right, MEASURES) == {"BAT202", "BAT213"}
    assert compare(left, right).findings[0].code == "BAT213"


def test_a_part_that_skips_files_is_no_other_draw() -> None:
    half = np.arange(0, COUNT, 2)  # of every class, and one file that the other side skips
    fewer = np.delete(np.arange(COUNT), [50])
    left, right = (feed(lambda _, rows=rows: rows) for rows in (fewer, half))
    assert "BAT213" not in codes(left, right, MEASURES)


def test_what_does_not_fill_a_batch_of_either_order_is_no_other_draw() -> None:
    orders = [np.random.default_rng(seed).permutation(COUNT)[:384] for seed in range(2)]
    left, right = (feed(lambda _, rows=rows: rows, size=96) for rows in orders)
    assert "BAT213" not in codes(left, right, MEASURES)


def test_a_class_that_each_side_skips_is_no_other_draw() -> None:
    skipping = [np.flatnonzero(number != SORTED) for number in (3, 7)]
    left, right = (feed(lambda _, rows=rows: rows) for rows in skipping)
    assert codes(left, right, MEASURES) == {"BAT205"}


def test_files_that_each_side_skips_are_no_other_draw() -> None:
    fewer = np.delete(np.arange(COUNT), [50, 90, 200]), np.delete(np.arange(COUNT), [7, 130, 333])
    left, right = (feed(lambda _, rows=rows: rows) for rows in fewer)
    assert codes(left, right, MEASURES) == {"BAT205"}


def test_all_of_the_data_twice_come_before_their_order() -> None:
    twice = seen(feed(lambda _epoch: np.r_[np.arange(COUNT), np.arange(COUNT)]))
    found = [each.code for each in compare(seen(feed(reshuffled())), twice).findings]
    assert found[0] == "BAT206"
    assert "ORD201" in found


def test_a_part_of_an_epoch_proves_nothing_missing() -> None:
    whole, part = seen(feed(size=40)), seen(feed(first(360), size=40), examples=200)
    assert "BAT205" not in codes(whole, part, MEASURES)


def test_a_sample_drawn_anew_each_epoch_misses_nothing() -> None:
    drawn = reshuffled()

    def some(epoch: int) -> np.ndarray:
        rows = drawn(epoch)
        assert isinstance(rows, np.ndarray)
        return rows[:320]

    assert codes(feed(), feed(some), MEASURES) == {"BAT202"}


def test_what_a_cache_froze_is_not_missing(names: Callable[[], dict[str, Any]]) -> None:
    made = names()
    tf, data = made["tf"], (made["images"], made["labels"])
    flip = lambda x, y: (tf.image.random_flip_left_right(x), y)  # noqa: E731 - a step of a pipeline
    plain = tf.data.Dataset.from_tensor_slices(data)
    found = compare(traced(plain.batch(40)), traced(plain.map(flip).cache().batch(40))).findings
    assert "AUG202" in {f.code for f in found}
    assert not {f.code for f in found} & {"BAT205", "BAT206"}


def test_feeds_with_nothing_in_common_miss_nothing() -> None:
    found = codes(feed(first(200)), feed(first(200, 400)), MEASURES)
    assert found == {"BAT210"}  # the digits are sorted: these are other classes


def test_repeated_examples_are_counted() -> None:
    twice = np.r_[np.arange(COUNT), np.arange(80)]
    found = finding("BAT206", seen(feed()), seen(feed(lambda _epoch: twice)))
    assert found.evidence["repeated_examples"] == 80


@pytest.mark.parametrize("seed", range(3))
def test_examples_drawn_with_replacement_are_repeated(seed: int) -> None:
    def drawn(epoch: int) -> np.ndarray:
        return np.random.default_rng((seed, epoch)).integers(0, COUNT, COUNT)

    found = finding("BAT206", seen(feed(drawn)), seen(feed(reshuffled(seed))))
    repeated = found.evidence["repeated_examples"]
    assert repeated == pytest.approx(0.375 * COUNT, abs=0.075 * COUNT)


def test_duplicates_that_the_data_hold_are_no_repetition() -> None:
    rows = np.arange(COUNT) // 2
    shuffled = np.random.default_rng(0).permutation(rows)
    assert not codes(feed(lambda _: rows), feed(lambda _: shuffled), MEASURES)


@pytest.mark.parametrize("seed", seeds(6, quick=2))
def test_copies_that_frozen_flips_leave_alike_are_no_repetition(seed: int) -> None:
    images = np.random.default_rng(7).random((180, 8, 8, 3)).astype(np.float32)
    images[1::9] = images[::9]

    def flipped(draw: int) -> Trace:
        flips = np.random.default_rng((seed, draw)).random(len(images)) < 0.5
        kept = np.where(flips[:, None, None, None], images[:, :, ::-1], images)
        return observe(array_feed(kept, batch_size=20), budget=Budget(timing_s=0))

    assert "BAT206" not in codes(flipped(0), flipped(1), MEASURES)


@pytest.mark.parametrize("seed", seeds(8, quick=3))
def test_copies_left_out_with_the_rest_of_a_batch_are_no_repetition(seed: int) -> None:
    copied = np.arange(COUNT)
    copied[1:200:8] = copied[:199:8]

    def mixed(side: int) -> Order:
        whole = reshuffled(2 * seed + side)
        return dropping(lambda epoch: copied[np.asarray(whole(epoch))], 150)

    sides = (feed(mixed(0), size=150), feed(mixed(1), size=150))
    assert "BAT206" not in codes(*sides, MEASURES)


@pytest.mark.parametrize("seed", seeds(8, quick=3))
def test_a_part_of_other_batches_in_each_epoch_misses_nothing(seed: int) -> None:
    def drawn(side: int) -> Order:
        whole = batches_shuffled(48, 2 * seed + side)
        return lambda epoch: whole(epoch)[:4]

    assert not codes(feed(drawn(0), size=48), feed(drawn(1), size=48), MEASURES)


@pytest.mark.parametrize(
    ("size", "expected"), [(32, set[str]()), (16, {"BAT201"}), (64, {"BAT201"})]
)
def test_batch_sizes(size: int, expected: set[str]) -> None:
    assert codes(feed(), feed(size=size), MEASURES) == expected


def test_an_epoch_of_one_batch_has_no_batch_size() -> None:
    assert not codes(feed(size=512), feed(size=1024), MEASURES)


def test_a_repeated_feed_with_a_rest_in_its_middle_has_one_batch_size() -> None:
    def passes(_epoch: int) -> list[np.ndarray]:
        return [np.arange(at, min(at + 32, COUNT)) for at in range(0, COUNT, 32)] * 3

    assert "BAT201" not in codes(feed(), feed(passes), MEASURES)


def test_a_stated_length_that_is_wrong_is_named() -> None:
    assert codes(feed(batches=13), feed(batches=20), MEASURES) == {"BAT202"}


def test_a_length_that_is_not_known_is_a_note() -> None:
    found = finding("BAT204", seen(feed(batches=13)), seen(feed()))
    assert found.severity == "note"
    endless = finding("BAT204", seen(feed(batches=13)), seen(feed(infinite=True)))
    assert endless.severity == "warning"


def test_an_epoch_that_comes_round_and_round_has_no_end() -> None:
    def round_and_round(epoch: int) -> np.ndarray:
        return np.concatenate([reshuffled()(5 * epoch + each) for each in range(5)])

    cut = seen(feed(round_and_round), examples=4 * COUNT)
    assert codes(cut, feed(reshuffled(1)), MEASURES) == {"BAT204"}
    assert "BAT204" not in codes(feed(round_and_round), feed(reshuffled(1)), MEASURES)


def test_what_is_left_of_a_cut_epoch_is_no_epoch() -> None:
    whole = seen(feed(batches=13))
    # ``fit`` with 8 steps: 8 batches, the 5 that are left, 8 again.
    ticks, rows = whole.ticks, whole.rows
    cut = replace(
        fitted(whole, steps_per_epoch=8),
        epochs=tuple(Epoch(build=0, number=n, ended=n == 1) for n in range(2)),
        ticks=replace(
            ticks,
            epoch=np.r_[np.zeros(8, int), np.ones(5, int)],
            **{name: getattr(ticks, name)[:13] for name in ("size", "wait_s", "step_s")},
        ),
        rows=replace(
            rows,
            epoch=np.r_[np.zeros(256, int), np.ones(144, int)],
            **{
                name: getattr(rows, name)[:400]
                for name in rows.__dataclass_fields__
                if name != "epoch"
            },
        ),
    )
    assert codes(cut, fitted(whole), MEASURES) == {"BAT207"}
    assert not codes(cut, cut, MEASURES)
    unstated = replace(cut, batches=None, fit=replace(cut.fit, batches=None))
    assert "BAT207" in codes(unstated, fitted(whole), MEASURES)


def test_a_generator_used_up_by_its_first_epoch_ran_out() -> None:
    whole = replace(seen(feed(batches=13)), batches=None, examples=None)
    ticks = whole.ticks
    first = ticks.epoch == 0
    kept = {
        name: getattr(ticks, name)[first] for name in ticks.__dataclass_fields__ if name != "epoch"
    }

    def trained(*ends: bool) -> Trace:
        epochs = tuple(Epoch(build=0, number=n, ended=end) for n, end in enumerate(ends))
        made = fitted(whole, "generator", steps_per_epoch=13, epochs=len(ends))
        once = replace(ticks, epoch=np.zeros(13, int), **kept)
        return replace(made, epochs=epochs, ticks=once)

    assert codes(trained(False, True), trained(False), MEASURES) == {"BAT211"}
    assert not codes(trained(False), trained(False), MEASURES)


def test_an_evaluation_of_a_repeated_feed_that_stops_early_is_cut() -> None:
    whole = seen(feed(batches=13))
    said = Fit(handed="tf.data.Dataset", arguments={"steps": None}, batches=13)
    full = replace(whole, role="validation", fit=said)
    part = replace(
        seen(feed(), examples=64), role="validation", batches=None, examples=None, infinite=True
    )
    for steps, expected in ((2, True), (13, False), (None, False)):
        call = replace(said, arguments={"steps": steps}, batches=None)
        found = codes(replace(part, fit=call), full, MEASURES)
        assert ("BAT207" in found) is expected


def test_other_examples_come_before_their_order() -> None:
    drawn = np.random.default_rng(1).permutation(COUNT)[:100]
    left, right = seen(feed(first(100))), seen(feed(lambda _: drawn))
    found = [each.code for each in compare(left, right).findings]
    assert found[:2] == ["BAT210", "BAT213"]
    assert "ORD201" in found


@pytest.mark.parametrize("other", ["test", "train"])
def test_two_folders_without_a_common_example_are_named(other: str) -> None:
    def part(folder: str, first: int) -> Trace:
        source = Step(kind="source", where="source", settings={"directory": f"/data/{folder}"})
        plan = Plan((source,), library="tf.data")
        return seen(feed(lambda _: np.arange(first, COUNT, 2), MIXED, plan=plan))

    left, right = part("train", 0), part(other, 1)
    found = [each.code for each in compare(left, right, measures=MEASURES).findings]
    assert found == (["BAT213"] if other == "test" else [])


def test_a_part_drawn_anew_for_each_round_of_an_epoch_is_named() -> None:
    source, shuffle = (Step(kind=kind, where=kind) for kind in ("source", "shuffle"))
    take, repeat = (Step(kind=kind, where=kind, examples_in=80) for kind in ("take", "repeat"))

    def rounds(parts: list[np.ndarray], *steps: Step) -> Trace:
        plan = Plan((source, *steps, repeat), library="grain")
        return seen(feed(lambda _epoch: np.concatenate(parts), MIXED, plan=plan))

    anew = [np.random.default_rng(each).permutation(COUNT)[:80] for each in range(3)]
    stays = [np.random.default_rng(each).permutation(80) for each in range(3)]
    left, right = rounds(stays, take, shuffle), rounds(anew, shuffle, take)
    report = compare(left, right, measures=MEASURES)
    assert report.findings[0].code == "BAT209"
    assert "rounds of 80" in report.findings[0].sentence


def test_two_workers_that_each_end_with_a_batch_of_their_own_are_told() -> None:
    def by_workers(_epoch: int) -> list[np.ndarray]:
        parts = [np.arange(COUNT)[worker::2] for worker in range(2)]
        return [part[at : at + 64] for at in range(0, COUNT // 2, 64) for part in parts]

    found = finding("BAT203", seen(feed(by_workers)), seen(feed(size=64)))
    assert "cuts 2 of the 8 batches" in found.sentence


def test_two_examples_that_come_again_and_again_have_no_classes() -> None:
    def two(epoch: int) -> np.ndarray:
        return np.random.default_rng(epoch).integers(0, 2, COUNT)

    found = [each.code for each in compare(seen(feed(reshuffled())), seen(feed(two))).findings]
    assert found[0] == "BAT206"


def test_classes_drawn_more_often_from_the_same_data_are_named() -> None:
    tf = pytest.importorskip("tensorflow")
    rows = np.random.default_rng(0).normal(size=(300, 6)).astype("float32")
    rare = np.arange(300) % 10 == 0

    def of(chosen: np.ndarray) -> Any:
        data = tf.data.Dataset.from_tensor_slices((rows[chosen], rare[chosen].astype("int64")))
        return data.shuffle(300)

    parts = [of(rare).repeat(), of(~rare).repeat()]
    balanced = tf.data.Dataset.sample_from_datasets(parts, [0.5, 0.5]).batch(20)
    plain = of(np.full(300, fill_value=True))
    left, *others = (
        seen(as_feed(data), examples=1000)
        for data in (balanced, plain.batch(20), plain.repeat().batch(20))
    )
    for right in others:
        assert (
            {"BAT210"} <= codes(left, right) <= {"BAT202", "BAT204", "BAT210", "ORD205", "SPD202"}
        )
        found = finding("BAT210", left, right)
        assert "class 1 makes " in found.sentence
        # Of 1,000 draws the share strays by 1.6 points; of the others it is that of the rows.
        assert found.evidence["a_share"] == pytest.approx(0.5, abs=0.07)
        assert found.evidence["b_share"] == pytest.approx(0.1, abs=0.03)
    assert not {"BAT210", "ORD201"} & codes(*others)


def test_a_class_drawn_more_often_within_an_end_is_named() -> None:
    rare = (np.arange(COUNT) % 10 == 0).astype(int)

    def balanced(epoch: int) -> np.ndarray:
        random = np.random.default_rng(epoch)
        return random.choice(COUNT, COUNT, p=np.where(rare, 9, 1) / np.where(rare, 9, 1).sum())

    report = compare(seen(feed(reshuffled(), rare)), seen(feed(balanced, rare)), measures=MEASURES)
    assert "class 1 makes 10%" in report.findings[0].sentence


def test_batches_that_run_on_into_the_next_pass_are_named() -> None:
    tf = pytest.importorskip("tensorflow")
    rows = np.random.default_rng(0).normal(size=(230, 6)).astype("float32")
    data = tf.data.Dataset.from_tensor_slices((rows, np.arange(230) % 2)).shuffle(230)
    runs_on, ends, again = (
        seen(as_feed(made), examples=700)
        for made in (data.repeat().batch(32), data.batch(32).repeat(), data.batch(32).repeat())
    )
    assert "run on into the next pass, so that 8" in finding("BAT203", runs_on, ends).sentence
    assert "BAT203" in codes(runs_on, ends)
    assert not codes(ends, again) - {"ORD205"}
