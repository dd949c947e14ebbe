"""Orders are told apart, and an order is never told apart from itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.diff.handmade import (
    COUNT,
    MIXED,
    Order,
    batches_shuffled,
    codes,
    feed,
    fitted,
    in_order,
    inside_batches,
    reshuffled,
    seen,
    shuffled_once,
    through_a_buffer,
)
from tests.diff.replay.material import photograph
from tests.seeds import seeds
from twinfeed import as_feed
from twinfeed._core.plan import Plan, Step
from twinfeed.diff import compare
from twinfeed.diff._measures.order import MEASURES
from twinfeed.observe import Budget, observe
from twinfeed.stats.sequence import serial_rank

ORDERS = {
    "in order": in_order,
    "reshuffled": reshuffled(),
    "shuffled once": shuffled_once(),
    "short buffer": through_a_buffer(40),
    "shuffled batches": batches_shuffled(),
    "inside batches": inside_batches(),
}
NOTE = {"ORD205"}


def plan(*kinds: str, **settings: int) -> Plan:
    steps = [
        Step(
            kind=kind,  # pyright: ignore[reportArgumentType]
            where=kind,
            settings=settings if kind == "shuffle" else {},
            examples_in=COUNT,
        )
        for kind in ("source", *kinds)
    ]
    return Plan(tuple(steps), library="tf.data")


@pytest.mark.parametrize("made", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("named", [True, False], ids=["named", "unnamed"])
def test_an_order_is_never_told_apart_from_itself(made: Order, *, named: bool) -> None:
    assert not codes(feed(made, named=named), feed(made, named=named), MEASURES)


@pytest.mark.parametrize("seed", seeds(12, quick=4))
def test_another_seed_is_a_note_at_most(seed: int) -> None:
    for made in (reshuffled, shuffled_once, batches_shuffled, inside_batches):
        found = codes(feed(made(seed=2 * seed)), feed(made(seed=2 * seed + 1)), MEASURES)
        assert found <= NOTE
    found = codes(feed(through_a_buffer(60, seed)), feed(through_a_buffer(60, seed + 99)), MEASURES)
    assert found <= NOTE


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("in order", "reshuffled", {"ORD201", "ORD204"}),
        ("in order", "shuffled once", {"ORD201", "ORD205"}),
        ("shuffled once", "reshuffled", {"ORD204"}),
        ("short buffer", "reshuffled", {"ORD202", "ORD205"}),
        ("shuffled batches", "reshuffled", {"ORD203", "ORD205"}),
        ("inside batches", "reshuffled", {"ORD203", "ORD205"}),
    ],
)
def test_each_fault_gets_its_own_name(left: str, right: str, expected: set[str]) -> None:
    readings = [
        feed(ORDERS[name], plan=plan("shuffle", "batch") if name == "reshuffled" else None)
        for name in (left, right)
    ]
    assert codes(*readings, MEASURES) == expected


@pytest.mark.parametrize("seed", [107, 147, 215])
def test_a_short_buffer_is_named_beside_one_that_chance_mixes_a_little_less(seed: int) -> None:
    assert "ORD202" in codes(feed(reshuffled(seed)), feed(through_a_buffer(40)), MEASURES)


def test_a_buffer_of_half_the_examples_is_named_beside_one_of_all() -> None:
    half = plan("shuffle", "batch", buffer_size=COUNT // 2)
    whole = plan("shuffle", "batch", buffer_size=COUNT)
    left = feed(through_a_buffer(COUNT // 2), plan=half)
    assert "ORD202" in codes(left, feed(reshuffled(), plan=whole), MEASURES)


def test_one_example_that_stays_alone_by_chance_keeps_no_batches() -> None:
    def order(seed: int) -> Order:
        return lambda epoch: np.random.default_rng((seed, epoch)).permutation(33)

    assert codes(feed(order(3)), feed(order(4)), MEASURES) <= NOTE


def test_numbers_of_which_half_are_zero_come_in_no_runs() -> None:
    random = np.random.default_rng(0)
    values = np.where(random.random(20_000) < 0.49, 0, random.normal(0, 1, 20_000))
    found = serial_rank(values)
    assert found is not None
    assert abs(found.z) < 3


def test_mixed_data_in_storage_order_are_not_called_sorted() -> None:
    assert "ORD201" not in codes(feed(in_order, MIXED), feed(reshuffled(), MIXED), MEASURES)


def test_a_part_of_an_epoch_that_holds_one_class_is_sorted() -> None:
    part, mixed = seen(feed(in_order), examples=32), seen(feed(reshuffled()), examples=64)
    assert "ORD201" in codes(part, mixed, MEASURES)


def test_copies_in_a_row_are_no_sorted_labels() -> None:
    mixed = np.random.default_rng(0).permutation(COUNT)
    found = codes(feed(lambda _epoch: mixed.repeat(4)), feed(reshuffled(1)))
    assert "BAT206" in found
    assert "ORD201" not in found


def test_few_examples_are_not_judged() -> None:
    left, right = (seen(feed(made, size=8), examples=16) for made in (in_order, reshuffled()))
    assert codes(left, right, MEASURES) <= NOTE


@pytest.mark.parametrize("role", ["evaluate", "predict", "validation"])
def test_order_does_not_matter_outside_of_training(role: str) -> None:
    left, right = (replace(seen(feed(made)), role=role) for made in (in_order, reshuffled()))
    # But predictions in another order are held against the wrong labels.
    assert codes(left, right, MEASURES) <= ({"ORD207"} if role == "predict" else set())


def test_numbers_in_rising_order_are_sorted() -> None:
    rising = np.linspace(0.5, 9.5, COUNT)
    assert "ORD201" in codes(feed(in_order, rising), feed(reshuffled(), rising), MEASURES)


def test_a_buffer_known_from_the_plan_is_named_with_its_size() -> None:
    short = feed(through_a_buffer(40), plan=plan("shuffle", "batch", buffer_size=40))
    long = feed(reshuffled(), plan=plan("shuffle", "batch", buffer_size=COUNT))
    (found,) = (f for f in compare(seen(short), seen(long)).findings if f.code == "ORD202")
    assert found.evidence["buffer_examples"] == 40
    assert found.strength == "measured"


@pytest.mark.parametrize("seed", [4, 10, 12, 20])
def test_two_buffers_as_short_are_equal_whatever_chance_moves_further(seed: int) -> None:
    few, places = 53, 24

    def order(own: int) -> Order:
        def shuffled(epoch: int) -> np.ndarray:
            random = np.random.default_rng((own, epoch))
            rows = np.arange(few)
            held, out = list(rows[:places]), []
            for row in rows[places:]:
                at = int(random.integers(places))
                out.append(held[at])
                held[at] = row
            return np.array([*out, *random.permutation(held)])

        return shuffled

    made = plan("shuffle", "batch", buffer_size=places)
    left, right = (feed(order(own), plan=made, examples=few) for own in (seed, seed + 1))
    assert codes(left, right, MEASURES) <= NOTE


def test_a_short_buffer_behind_shuffled_files_is_no_fault() -> None:
    # The plan shows the short buffer only; the data show that files were shuffled as well.
    left = feed(reshuffled(), plan=plan("shuffle", "batch", buffer_size=40))
    right = feed(reshuffled(1), plan=plan("shuffle", "batch", buffer_size=COUNT))
    assert codes(left, right, MEASURES) <= NOTE


@pytest.mark.parametrize("seed", range(3))
def test_files_of_one_class_each_read_one_by_one_leave_runs(tmp_path: Path, seed: int) -> None:
    tf = pytest.importorskip("tensorflow")
    files = [str(tmp_path / f"{label}.tfrecord") for label in range(6)]
    for label, file in enumerate(files):
        with tf.io.TFRecordWriter(file) as writer:
            for number in range(40):
                writer.write(bytes([label, number]))

    def read(at_once: int, held: int) -> object:
        named = tf.data.Dataset.from_tensor_slices(files).shuffle(6, seed=seed)
        data = named.interleave(tf.data.TFRecordDataset, cycle_length=at_once)
        data = data.map(lambda record: tf.io.decode_raw(record, tf.uint8))
        return data.map(lambda row: (row, row[0])).shuffle(held, seed=seed).batch(16)

    one, all_of_them, full = (seen(as_feed(read(*given))) for given in ((1, 24), (6, 24), (1, 240)))
    # The buffers are alike: it is the reading that leaves the runs.
    assert codes(one, all_of_them, MEASURES) == {"ORD201", *NOTE}
    # Files that are shuffled move examples far, and mix none of them.
    assert codes(one, full, MEASURES) == {"ORD202", *NOTE}


def test_jitter_of_parallel_reading_is_no_short_shuffle() -> None:
    jitter = feed(through_a_buffer(4), plan=plan("batch"))
    mixed = feed(reshuffled(), plan=plan("shuffle", "batch", buffer_size=COUNT))
    assert "ORD202" not in codes(jitter, mixed, MEASURES)


def test_equal_examples_do_not_look_like_one_order() -> None:
    alike = np.zeros(COUNT, int)

    def first_rows(_epoch: int) -> np.ndarray:
        return alike

    assert not codes(feed(first_rows, MIXED), feed(first_rows, MIXED), MEASURES)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 40), st.integers(25, COUNT))
def test_random_labels_in_random_order_are_never_sorted(
    seed: int, classes: int, examples: int
) -> None:
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, COUNT)
    left = seen(feed(reshuffled(seed), labels), examples=examples)
    right = seen(feed(reshuffled(seed + 1), labels), examples=examples)
    assert codes(left, right, MEASURES) <= NOTE


@pytest.mark.parametrize(
    ("library", "expected"),
    [
        ("arrays", NOTE),
        ("keras.utils.PyDataset", {"ORD201", "ORD203", "ORD205"}),
        ("tf.data", None),
    ],
)
def test_what_fit_mixes_by_default_is_not_blamed(library: str, expected: set[str] | None) -> None:
    still = feed(in_order, plan=replace(plan("batch"), library=library))
    found = codes(still, feed(reshuffled()), MEASURES)
    assert found == (expected or {"ORD201", "ORD204"})


@pytest.mark.parametrize("library", ["arrays", "keras.utils.PyDataset"])
@pytest.mark.parametrize("order", [in_order, shuffled_once()])
def test_batches_that_fit_can_only_move_hold_the_same(library: str, order: Order) -> None:
    still = feed(order, MIXED, plan=replace(plan("batch"), library=library))
    found = codes(still, feed(reshuffled(), MIXED), MEASURES)
    assert found - NOTE == (set() if library == "arrays" else {"ORD203"})
    assert codes(still, feed(order, MIXED), MEASURES) <= NOTE


@pytest.mark.parametrize("size", [200, 150, 134, 100])
@pytest.mark.parametrize("seed", seeds(6, quick=2))
def test_a_few_batches_that_are_moved_whole_come_in_any_order(size: int, seed: int) -> None:
    pair = (feed(batches_shuffled(size, 2 * seed + side), size=size) for side in (0, 1))
    assert codes(*pair) <= {"ORD205"}


def test_whether_a_few_batches_stay_is_left_open() -> None:
    whole = feed(batches_shuffled(100, 1), size=100)
    report = compare(seen(feed(size=100)), seen(whole))
    assert "ORD204" not in {found.code for found in report.findings}
    (said,) = (each for each in report.undecided if each.code == "ORD204")
    assert "by chance 4.2% of the time" in said.question


def test_a_part_of_what_a_cache_keeps_says_nothing_of_its_order() -> None:
    cached = plan("shuffle", "cache", "batch")
    whole = seen(feed(shuffled_once(), plan=cached))
    part = seen(feed(reshuffled(), plan=cached), examples=200)
    assert "ORD204" in codes(whole, seen(feed(reshuffled())), MEASURES)
    assert "ORD204" not in codes(whole, part, MEASURES)


@pytest.mark.parametrize("seed", seeds(8, quick=3))
def test_parts_of_batches_moved_whole_are_not_other_data(seed: int) -> None:
    pair = (
        seen(feed(batches_shuffled(48, 2 * seed + side), size=48), examples=200) for side in (0, 1)
    )
    assert codes(*pair) <= {"ORD205"}


@pytest.mark.parametrize("seed", seeds(8, quick=3))
def test_one_batch_that_came_again_is_no_order(seed: int) -> None:
    """Of parts of two epochs whose batches are moved whole, one batch may be all they share."""
    pair = (
        seen(feed(batches_shuffled(100, 2 * seed + side), size=100), examples=160)
        for side in (0, 1)
    )
    assert codes(*pair) <= {"ORD205"}


def test_examples_that_an_endless_feed_gives_again_are_counted_once() -> None:
    def again(seed: int) -> Order:
        random = np.random.default_rng(seed)
        return lambda _epoch: np.concatenate([random.permutation(COUNT) for _ in range(6)])

    sides = [seen(feed(again(seed), MIXED, infinite=True)) for seed in (1, 2)]
    found = {each.code: each for each in compare(*sides, measures=MEASURES).findings}
    assert found["ORD205"].evidence["examples"] == COUNT


def test_a_batch_that_came_again_at_its_place_tells_of_no_other_order() -> None:
    def part_of_it_again(epoch: int) -> list[np.ndarray]:
        return [np.arange(100), np.arange(100, 200) + 200 * (epoch % 2)]

    still = feed(lambda _: [np.arange(100), np.arange(100, 200)], size=100)
    assert "ORD204" not in codes(still, feed(part_of_it_again, size=100), MEASURES)


@pytest.mark.parametrize(("batches", "named"), [(7, True), (5, False)])
def test_parts_of_one_epoch_that_share_enough_batches_in_order_are_one_order(
    batches: int, named: bool
) -> None:
    budget = Budget(timing_s=0, examples=40 * (batches + 1), epochs=1)
    later = feed(lambda _: np.roll(np.arange(COUNT), -40), size=40)
    one, other = (fitted(observe(made, budget=budget)) for made in (feed(size=40), later))
    assert ("ORD206" in codes(one, other)) is named


def test_two_predictions_that_shuffle_alike_come_in_two_orders() -> None:
    plan = Plan(
        (Step(kind="shuffle", where="shuffle", settings={"buffer_size": COUNT}),), "tf.data"
    )
    left, right = (
        replace(seen(feed(reshuffled(seed))), role="predict", plan=plan) for seed in (1, 2)
    )
    assert "ORD207" in codes(left, right, MEASURES)
    assert "ORD207" not in codes(left, left, MEASURES)
    assert "ORD207" not in codes(
        *(replace(side, role="evaluate") for side in (left, right)), MEASURES
    )


def test_halves_that_are_mixed_each_for_itself_are_mixed_locally() -> None:
    def halves(epoch: int) -> np.ndarray:
        random = np.random.default_rng((9, epoch))
        return np.concatenate([random.permutation(part) for part in np.split(np.arange(COUNT), 2)])

    def planned(held: int) -> Plan:
        settings = {"buffer_size": held}
        step = Step(kind="shuffle", where="shuffle", settings=settings, examples_in=held)
        return Plan((step,), "tf.data")

    apart = feed(halves, plan=planned(COUNT // 2))
    mixed = feed(reshuffled(2), plan=planned(COUNT))
    assert "ORD202" in codes(apart, mixed, MEASURES)
    assert "ORD202" not in codes(apart, apart, MEASURES)
    assert "ORD202" not in codes(mixed, mixed, MEASURES)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (lambda levels: levels / np.float32(127.5) - 1, "VAL203"),
        (lambda levels: levels[..., ::-1] / np.float32(255), "GEO202"),
    ],
)
def test_other_values_come_before_an_order_that_nothing_trained_on(
    changed: Callable[[np.ndarray], np.ndarray], code: str
) -> None:
    tf = pytest.importorskip("tensorflow")
    levels = np.stack([photograph(24, 24, seed) for seed in range(90)])
    labels = np.repeat(np.arange(3), 30)
    mixed = tf.data.Dataset.from_tensor_slices((changed(levels), labels))
    sorted_ = tf.data.Dataset.from_tensor_slices((levels / np.float32(255), labels))
    found = compare(
        *(
            observe(as_feed(one.batch(30)), budget=Budget(timing_s=0))
            for one in (mixed.shuffle(90), sorted_)
        )
    ).findings
    assert [one.code for one in found[:2]] == [code, "ORD201"]


@pytest.mark.slow
def test_what_a_training_alone_does_comes_behind_what_neither_should() -> None:
    tf = pytest.importorskip("tensorflow")
    levels = np.stack([photograph(24, 24, seed) for seed in range(90)]).astype(np.float32)
    labels = np.repeat(np.arange(3), 30)

    def first_two(drawn: object, plain: object, **roles: str) -> list[str]:
        made = (
            replace(observe(as_feed(one), budget=Budget(timing_s=0)), **roles)
            for one in (drawn, plain)
        )
        return [one.code for one in compare(*made).findings[:2]]

    def both_ways(x: object, y: object) -> object:
        """Three of four pictures turn out mirrored: surely more than the values are worth."""
        return tf.image.random_flip_up_down(tf.image.random_flip_left_right(x)) / 255, y

    data = tf.data.Dataset.from_tensor_slices((levels, labels))
    mirrored = data.map(both_ways)
    sides = mirrored.shuffle(90).batch(30), data.batch(30)
    assert first_two(*sides)[0] == "VAL203"
    assert first_two(*sides, role="fit")[0] == "ORD201"
    # Both may be a training, or both an evaluation, where both mix or neither does.
    assert first_two(mirrored.batch(30), data.batch(30))[0] == "AUG201"
