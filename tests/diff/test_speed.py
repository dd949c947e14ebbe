"""A slower feed is named when it surely is one, and the machine's noise never is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from tests.diff.handmade import codes, feed, fitted, seen, timed
from twinfeed._core.finding import Finding, Severity
from twinfeed._core.plan import Plan, Step
from twinfeed._core.trace import Trace
from twinfeed.diff import compare
from twinfeed.diff._measures.speed import MEASURES
from twinfeed.stats.resample import blocks, mean_rate, ratio_of_means

READ = seen(feed(plan=Plan((Step(kind="source", where="source"),), library="tf.data")))


def noisy(mean_s: float, seed: int, *, count: int = 60, spread: float = 0.3) -> np.ndarray:
    return mean_s * np.exp(np.random.default_rng(seed).normal(0, spread, count))


def slower_than(left: Trace, right: Trace) -> Finding | None:
    found = compare(left, right, measures=MEASURES).findings
    return next((f for f in found if f.code == "SPD202"), None)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(1e-4, 0.05), st.floats(0.05, 1.0), st.integers(3, 80))
def test_one_speed_with_noise_is_no_finding(
    seed: int, mean_s: float, spread: float, count: int
) -> None:
    sides = [
        timed(READ, noisy(mean_s, 2 * seed + side, count=count, spread=spread)) for side in (0, 1)
    ]
    assert not codes(*sides, MEASURES)


@pytest.mark.parametrize("seed", range(20))
def test_a_machine_that_was_busy_for_one_side_is_no_finding(seed: int) -> None:
    # Twice as slow while it was timed, and not when it was looked at: somebody else was at work.
    calm = timed(READ, noisy(0.01, seed))
    busy = timed(READ, 2 * noisy(0.01, seed + 100), looked=noisy(0.01, seed + 200, count=12))
    assert not codes(calm, busy, MEASURES)


@pytest.mark.parametrize("seed", range(10))
def test_a_stall_in_the_middle_is_no_finding(seed: int) -> None:
    waits = noisy(0.01, seed)
    waits[20:26] += 0.2
    assert not codes(timed(READ, noisy(0.01, seed + 50)), timed(READ, waits), MEASURES)


def test_a_difference_shorter_than_any_step_is_no_finding() -> None:
    assert not codes(timed(READ, noisy(2e-4, 0)), timed(READ, noisy(1e-3, 1)), MEASURES)


def test_too_few_batches_are_not_judged() -> None:
    left, right = timed(READ, noisy(0.01, 0, count=6)), timed(READ, noisy(0.1, 1, count=6))
    assert slower_than(left, right) is None


@pytest.mark.parametrize("ratio", [2.5, 4.0, 10.0])
def test_the_interval_covers_the_true_ratio(ratio: float) -> None:
    hits = 0
    for seed in range(20):
        fast, slow = timed(READ, noisy(0.01, seed)), timed(READ, noisy(0.01 * ratio, seed + 500))
        found = slower_than(slow, fast)
        assert found is not None
        assert found.evidence["side"] == "A"
        low, high = found.evidence["ratio_low"], found.evidence["ratio_high"]
        assert isinstance(low, float)
        assert isinstance(high, float)
        hits += low <= ratio <= high
    assert hits >= 16


def test_the_share_of_augmentation_is_named() -> None:
    slow = replace(timed(READ, noisy(0.04, 0)), plain_s_per_example=0.01 / 32)
    found = slower_than(slow, timed(READ, noisy(0.002, 1)))
    assert found is not None
    assert "augmentation takes 7" in found.sentence


def test_reasons_are_read_from_the_plans() -> None:
    python = Step(kind="map", where="map, step 2 of 3", ops=("EagerPyFunc",))
    native = replace(python, ops=(), parallel_calls=-1)
    cache = Step(kind="cache", where="cache")
    plans = [
        Plan((READ.plan.steps[0], *steps), "tf.data") for steps in ((python,), (native, cache))
    ]  # pyright: ignore[reportOptionalMemberAccess]
    slow, fast = (
        replace(timed(READ, noisy(mean_s, 0)), plan=plan)
        for mean_s, plan in zip((0.04, 0.002), plans, strict=True)
    )
    found = slower_than(slow, fast)
    assert found is not None
    for reason in ("a Python function", "one call at a time", "anew in each epoch"):
        assert reason in found.sentence
    assert found.fix is not None
    assert "TensorFlow operations" in found.fix.code


def test_maps_of_single_examples_beside_those_of_whole_batches_are_a_reason() -> None:
    source, work, batch = (Step(kind=kind, where=kind) for kind in ("source", "map", "batch"))
    slow, fast = (
        replace(timed(READ, noisy(mean_s, 0)), plan=Plan((source, *steps), "tf.data"))
        for mean_s, steps in ((0.04, (work, batch)), (0.002, (batch, work)))
    )
    found = slower_than(slow, fast)
    assert found is not None
    assert (
        "it runs map on single examples where the other runs map on whole batches" in found.sentence
    )


def test_work_that_hides_in_the_first_batch_flatters_nobody() -> None:
    # All work is done before the first batch of each pass: what follows comes for nothing.
    hidden = np.r_[0.6, np.full(11, 1e-5)]
    front = timed(READ, hidden, ended=True, looked=hidden)
    even = timed(READ, np.full(12, 0.05), ended=True)
    assert slower_than(front, even) is None


def test_one_pass_that_begins_with_its_workers_is_held_against_batches() -> None:
    slow = timed(READ, noisy(0.1, 0, count=11))
    for first_s, expected in ((0.3, True), (1.2, False)):
        begins = np.r_[first_s, noisy(0.008, 1, count=11)]
        found = slower_than(slow, timed(READ, begins, ended=True, looked=begins))
        assert (found is not None) is expected


def test_a_training_is_no_race() -> None:
    left, right = (fitted(timed(READ, noisy(mean_s, 0))) for mean_s in (0.1, 0.001))
    assert not codes(left, right, MEASURES)


def test_a_step_that_waits_is_named_with_its_share() -> None:
    def training(wait_s: float) -> Trace:
        made = timed(READ, noisy(wait_s, 1))
        steps = noisy(0.01, 2, count=len(made.ticks.size))
        return fitted(replace(made, ticks=replace(made.ticks, step_s=steps)))

    waiting, busy = training(0.03), training(0.0001)
    assert codes(waiting, busy, MEASURES) == {"SPD203"}
    assert not codes(waiting, waiting, MEASURES)


def test_intervals_of_independent_blocks_cover() -> None:
    hits = 0
    for seed in range(100):
        random = np.random.default_rng(seed)
        seconds, examples = random.gamma(4, 0.25, 30), np.ones(30)
        found = mean_rate(seconds, examples)
        hits += found.low <= 1 <= found.high
    assert hits >= 86
    assert blocks(np.arange(100.0)).sum() <= np.arange(100).sum()
    same = (np.ones(10), np.ones(10))
    assert ratio_of_means(same, same).high == 1


def test_too_little_timing_of_unequal_feeds_is_an_open_question() -> None:
    left, right = timed(READ, noisy(0.01, 0, count=5)), timed(READ, noisy(0.1, 1, count=5))
    (question,) = compare(left, right, measures=MEASURES).undecided
    assert question.code == "SPD202"
    assert "whether B is slower than A" in question.question
    alike = timed(READ, noisy(0.01, 2, count=5))
    assert not compare(left, alike, measures=MEASURES).undecided


def test_a_feed_so_slow_that_few_of_its_batches_were_timed_is_named() -> None:
    fast = timed(READ, noisy(0.005, 0))
    found = slower_than(timed(READ, noisy(0.3, 1, count=5)), fast)
    assert found is not None
    assert float(found.evidence["ratio_low"] or 0) > 30
    # Twice as slow may be the machine, and what was slow only while it was timed is it.
    assert slower_than(timed(READ, noisy(0.02, 1, count=5)), fast) is None
    stalled = timed(READ, noisy(0.3, 1, count=5), looked=noisy(0.005, 2, count=12))
    assert slower_than(stalled, fast) is None


def test_what_runs_ahead_while_it_is_looked_at_is_not_called_slower() -> None:
    ahead = timed(READ, noisy(0.3, 1, count=5), looked=np.full(12, 1e-4))
    assert slower_than(ahead, timed(READ, noisy(0.005, 0))) is None


def with_workers(trace: Trace, workers: int) -> Trace:
    source = Step(kind="source", where="Files", settings={"python": True, "workers": workers})
    return replace(trace, plan=Plan((source,), "keras.utils.PyDataset"))


def test_workers_that_were_read_one_after_the_other_are_not_called_slower() -> None:
    fast, slow = timed(READ, noisy(0.01, 0)), timed(READ, noisy(0.03, 1))
    assert slower_than(fast, with_workers(slow, 1)) is not None
    assert slower_than(fast, with_workers(slow, 4)) is None
    # All four together would still be slower.
    assert slower_than(fast, with_workers(timed(READ, noisy(0.1, 1)), 4)) is not None


def test_what_the_number_of_workers_leaves_open_is_undecided() -> None:
    def questions(*workers: int) -> list[str]:
        sides = [
            with_workers(timed(READ, noisy(0.03, seed)), count)
            for seed, count in enumerate(workers)
        ]
        return [q.question for q in compare(*sides, measures=MEASURES).undecided]

    (question,) = questions(1, 4)
    assert "whether A is slower than B in a training" in question
    assert "4 workers" in question
    assert not questions(4, 4)
    assert not questions(1, 1)


def later_waits(first_s: float, later_s: float, rest_s: float = 0.004) -> Trace:
    """Epochs of 12 batches that wait so long for their first one."""
    waits = [first_s if epoch.number == 0 else later_s for epoch in READ.epochs if epoch.looked]
    looked = np.concatenate([np.r_[wait, np.full(11, rest_s)] for wait in waits])
    return timed(READ, np.r_[later_s, np.full(11, rest_s)], ended=True, looked=looked)


def test_workers_that_start_anew_in_each_epoch_are_named() -> None:
    again, kept = later_waits(0.65, 0.6), later_waits(0.6, 0.01)
    found = {f.code: f for f in compare(again, kept, measures=MEASURES).findings}["SPD201"]
    assert "0.6 s to the first batch of each later epoch" in found.sentence
    assert found.severity is Severity.WARNING  # an epoch takes ten times as long
    assert not codes(again, again, MEASURES)
    assert not codes(again, later_waits(0.65, 0.4), MEASURES)  # may be the machine


@pytest.mark.parametrize("epochs", [1, 2])
def test_a_feed_too_slow_to_be_timed_is_slower_by_what_was_read(epochs: int) -> None:
    quick = timed(READ, noisy(0.004, 0), ended=True)

    def read(mean_s: float, *, cut: int = epochs) -> Trace:
        known = [epoch for epoch in READ.epochs if epoch.looked and epoch.build == 0][:cut]
        count = 12 * len(known)
        ticks = replace(
            READ.ticks,
            epoch=np.repeat(np.arange(len(known)), 12),
            size=np.full(count, 32),
            wait_s=noisy(mean_s, 3, count=count),
            step_s=np.full(count, np.nan),
        )
        return replace(READ, epochs=tuple(known), ticks=ticks)

    found = slower_than(read(2.0), quick)
    assert found is not None
    assert ("in its first epoch" in found.sentence) == (epochs == 1)
    assert slower_than(read(0.006), quick) is None
    assert slower_than(read(0.012), quick) is None


def test_a_sampler_holds_no_finished_examples() -> None:
    def said(where: str) -> str:
        steps = Step(kind="source", where="dataset"), Step(kind="shuffle", where=where)
        slow = replace(later_waits(0.65, 0.6), plan=Plan(steps, library="torch DataLoader"))
        found = compare(slow, later_waits(0.01, 0.01), measures=MEASURES).findings
        return next(one.sentence for one in found if one.code == "SPD201")

    assert "needs 0.65 s to its first batch" in said("sampler")
    assert "fills up" not in said("sampler")
    assert "fills up" in said("shuffle")
