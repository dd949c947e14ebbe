"""Calls that see a part of the data: cut by their steps, or drawn anew in each epoch."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.diff.handmade import COUNT, codes, feed, fitted, in_order, reshuffled, seen
from twinfeed import as_feed
from twinfeed._core.trace import Fit, Trace
from twinfeed.diff import compare
from twinfeed.diff._measures.batches import MEASURES
from twinfeed.observe import Budget, observe


def said(code: str, left: Trace, right: Trace) -> str:
    report = compare(left, right, measures=MEASURES)
    return next(one.sentence for one in report.findings if one.code == code)


def test_a_part_drawn_anew_is_said_to_hold_others_and_not_to_go_on() -> None:
    drawn = fitted(seen(feed(lambda epoch: reshuffled(3)(epoch)[:80], size=16)), epochs=2)
    kept = fitted(seen(feed(lambda _: reshuffled(3)(0)[:80], size=16)), epochs=2)
    assert "holds others than its first one" in said("BAT212", drawn, kept)


def test_of_two_evaluations_of_generators_the_shorter_one_is_cut() -> None:
    short, long = (
        replace(
            seen(feed(), examples=32 * steps),
            role="evaluate",
            batches=None,
            examples=None,
            fit=Fit(handed="generator", arguments={"steps": steps}, batches=None),
        )
        for steps in (2, 5)
    )
    assert codes(short, long, MEASURES) == {"BAT207"}
    assert "of the 5 batches that B goes through" in said("BAT207", short, long)
    assert not codes(short, short, MEASURES)


def in_turn(epoch: int) -> np.ndarray:
    """A quarter of the rows, in each epoch the next one."""
    return np.arange(100) + 100 * epoch % COUNT


def test_a_feed_whose_epochs_go_on_is_told_outside_of_a_training_too() -> None:
    goes_on, again = seen(feed(in_turn)), seen(feed(lambda _: in_turn(0)))
    assert "goes on where its first one stopped" in said("BAT212", goes_on, again)
    assert "BAT212" in codes(goes_on, seen(feed(in_order)), MEASURES)
    assert not codes(goes_on, goes_on, MEASURES)


def test_epochs_that_were_not_read_to_their_end_do_not_go_on() -> None:
    short = {"examples": 100}
    mixed, kept = seen(feed(in_turn), **short), seen(feed(lambda _: in_turn(0)), **short)
    left = replace(mixed, epochs=tuple(replace(one, ended=False) for one in mixed.epochs))
    assert "BAT212" not in codes(left, kept, MEASURES)


def test_examples_that_are_drawn_anew_for_the_most_part_do_not_go_on() -> None:
    def drawn(epoch: int) -> np.ndarray:
        return np.random.default_rng(epoch).choice(COUNT, 100, replace=False)

    found = said("BAT212", seen(feed(drawn)), seen(feed(lambda _: in_turn(0))))
    assert "goes on" not in found
    assert "holds others than its first one, or the same ones changed past recognition" in found
    assert "BAT212" not in codes(seen(feed(drawn)), seen(feed(drawn)), MEASURES)


def test_a_first_epoch_that_alone_is_shorter_is_said() -> None:
    def half_read(epoch: int) -> np.ndarray:
        return np.arange(0 if epoch else 64, COUNT)

    budget = Budget(timing_s=0.01)
    left, whole = observe(feed(half_read), budget=budget), observe(feed(), budget=budget)
    assert "A's first epoch has 336 examples in 11 batches" in said("BAT202", left, whole)
    assert not codes(left, left, MEASURES)
    both = observe(feed(lambda epoch: np.arange(64 * (epoch % 2), COUNT)), budget=budget)
    assert "BAT202" not in codes(both, whole, MEASURES)


def test_an_epoch_of_one_batch_is_no_batch_of_another_size() -> None:
    whole, last = seen(feed(size=32)), seen(feed(lambda _: np.arange(384, COUNT), size=32))
    assert "BAT201" not in codes(last, whole, MEASURES)
    (found,) = [
        one
        for one in compare(
            seen(feed(size=16)), seen(feed(lambda _: np.arange(96), size=32)), measures=MEASURES
        ).findings
        if one.code == "BAT201"
    ]
    # Of epochs of unequal length the size of batches alone does not say how many steps there are.
    assert found.sentence == "a batch of A holds 16 examples, one of B 32 examples"
    assert "0.5 times the steps" in said("BAT201", seen(feed(size=16)), seen(feed(size=32)))


def test_examples_that_two_parts_have_in_common_are_those_that_are_the_same() -> None:
    random = np.random.default_rng(0)
    pictures = random.integers(0, 250, (120, 4, 4, 3)).repeat(5, 1).repeat(5, 2).astype(np.uint8)
    pictures[110] = pictures[0] + random.integers(0, 3, pictures[0].shape).astype(np.uint8)
    parts = np.arange(90), np.arange(21, 111)
    left, right = (
        observe(as_feed((pictures[part], part % 3)), budget=Budget(timing_s=0))
        for part in map(random.permutation, parts)
    )
    found = {one.code: one for one in compare(left, right).findings}
    assert found["ORD205"].evidence["examples"] == 69
    assert "the 69 examples in common" in found["ORD205"].sentence
    assert found["BAT213"].evidence["examples_in_common"] == 69


@pytest.mark.parametrize("seed", range(3))
def test_what_is_cut_off_before_the_shuffle_is_missing_and_what_is_cut_off_after_it_is_not(
    seed: int,
) -> None:
    def cut_first(epoch: int) -> np.ndarray:
        return np.random.default_rng((seed, epoch)).permutation(COUNT * 8 // 9)

    def cut_last(epoch: int) -> np.ndarray:
        return np.random.default_rng((seed + 9, epoch)).permutation(COUNT)[: COUNT * 8 // 9]

    fixed, anew = (seen(feed(order, size=20)) for order in (cut_first, cut_last))
    findings = [
        one for one in compare(fixed, anew, measures=MEASURES).findings if one.code == "BAT205"
    ]
    assert [one.evidence["side_that_lacks_them"] for one in findings] == ["A"]
    assert "BAT205" not in codes(
        anew, seen(feed(lambda epoch: cut_last(epoch + 50), size=20)), MEASURES
    )


@pytest.mark.parametrize("again", [True, False])
def test_two_halves_of_an_order_that_is_drawn_anew_share_examples(again: bool) -> None:
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices((np.arange(300.0), np.arange(300) % 3))
    mixed = data.shuffle(300, seed=1, reshuffle_each_iteration=again)
    sides = [seen(as_feed(half.batch(20))) for half in (mixed.take(60), mixed.skip(60))]
    found = [one for one in compare(*sides, measures=MEASURES).findings if one.code == "BAT209"]
    assert [one.evidence["side"] for one in found] == ["A"] * again
    assert not again or "A takes 60 examples and B skips as many" in found[0].sentence
    assert "BAT209" not in codes(sides[0], sides[0], MEASURES)
