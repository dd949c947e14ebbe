"""Calls that see a part of the data: cut by their steps, or drawn anew in each epoch."""

from __future__ import annotations

from dataclasses import replace

from tests.diff.handmade import codes, feed, fitted, reshuffled, seen
from twinfeed._core.trace import Fit, Trace
from twinfeed.diff import compare
from twinfeed.diff._measures.batches import MEASURES


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
