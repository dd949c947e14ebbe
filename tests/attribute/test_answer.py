"""What is said before the trainings, and what is said first after them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.report.page_samples import attribution, gap
from twinfeed._core.attribution import Attribution, Estimate
from twinfeed.attribute._plan import FIRST_SEEDS, LEAST_SEEDS, SeedPlan
from twinfeed.attribute._verdict import verdict, with_speed
from twinfeed.attribute.render import to_text
from twinfeed.report import attribution_html

SECONDS = replace(
    gap(), metric="seconds per epoch", unit="s", shares=(),
    a=Estimate(1.0, 0.9, 1.1), b=Estimate(0.1, 0.05, 0.15), gap=Estimate(0.9, 0.8, 1.0),
)  # fmt: skip


def answered(*, accuracy: Estimate, seeds: int, speed: Estimate) -> Attribution:
    open_gap = replace(gap(), gap=accuracy, seeds=seeds, shares=())
    timed = replace(SECONDS, gap=speed)
    said = with_speed(verdict(open_gap, (), complete=True), timed)
    return replace(attribution(), verdict=said, accuracy=open_gap, speed=timed)


DECIDED, OPEN = Estimate(3.0, 1.0, 5.0), Estimate(0.5, -3.0, 4.0)


@pytest.mark.parametrize(
    ("measured", "kind", "headline", "first"),
    [
        (
            (OPEN, 3, SECONDS.gap),
            "different",
            "A gap in seconds, accuracy undecided",
            "An epoch of A",
        ),
        ((OPEN, 9, SECONDS.gap), "same", "No gap in accuracy, a gap in seconds", "No gap beyond"),
        ((OPEN, 9, OPEN), "same", "No gap beyond noise", "No gap beyond"),
        ((OPEN, 3, OPEN), "undecided", "Undecided", "Undecided so far"),
        ((DECIDED, 3, SECONDS.gap), "different", "A gap, shared out", "B ends 3.0 points below"),
    ],
)
def test_what_was_decided_is_said_first(
    measured: tuple[Estimate, int, Estimate], kind: str, headline: str, first: str
) -> None:
    accuracy, seeds, speed = measured
    found = answered(accuracy=accuracy, seeds=seeds, speed=speed)
    assert found.verdict.kind == kind
    assert found.verdict.text.startswith(first)
    assert to_text(found).split("\n\n")[1].startswith(headline.upper())
    assert headline in attribution_html(found)


def test_causes_that_do_not_add_up_are_called_by_their_titles() -> None:
    found = attribution()
    titles = {one.key: one.title for one in gap().shares}
    said = f"{titles['values']} and {titles['frozen']}"
    assert f"  {said}: +1.2" in to_text(found)
    assert said in attribution_html(found)


def test_a_cause_that_is_clear_though_the_gap_is_not_is_named_for_what_it_is() -> None:
    one, other, *_ = gap().shares
    up, down = (
        replace(one, share=Estimate(3.0, 1.0, 5.0)),
        replace(other, share=Estimate(-2, -3, -1)),
    )
    alone = verdict(replace(gap(), gap=OPEN, seeds=4, shares=(up,)), (), complete=True).text
    assert "this stands out of the noise: " in alone
    both = verdict(replace(gap(), gap=OPEN, seeds=4, shares=(up, down)), (), complete=True).text
    assert "cancel each other out" in both


def plan(**given: float | None) -> SeedPlan:
    return SeedPlan(
        **{"seeds": None, "half_width": None, "budget_s": None, **given},
        values=lambda: np.zeros((0, 1)),
    )


def test_how_much_will_be_trained_is_said_before_and_how_long_after_a_seed() -> None:
    assert plan(seeds=4).told(5).startswith("20 trainings: 5 trainings for each paired seed, 4")
    assert plan(seeds=4).foreseen(5, 1, 9.0, 3.0).endswith("about 4 seeds, 20 trainings, 9 s more")
    timed = plan(budget_s=75.0)
    assert timed.told(5).startswith("about 75 s of trainings")
    assert "about 14 seeds, 70 trainings, 65 s more" in timed.foreseen(5, 1, 10.0, 5.0)
    assert f"about {LEAST_SEEDS} seeds" in timed.foreseen(5, 1, 70.0, 60.0)
    precise = plan(half_width=0.5)
    assert f"{FIRST_SEEDS} seeds first" in precise.told(5)
    assert f"about {FIRST_SEEDS} seeds" in precise.foreseen(5, 1, 10.0, 5.0)
