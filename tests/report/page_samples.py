"""Answers of ``tune`` and ``attribute`` for the tests of their pages."""

from __future__ import annotations

from tests.report.sample import FROZEN, RANGE, report
from twinfeed._core.attribution import (
    Arm,
    Attribution,
    CauseShare,
    Clue,
    Estimate,
    Gap,
    Interaction,
)
from twinfeed._core.results import Verdict
from twinfeed.stats.resample import Interval
from twinfeed.tune import Cost, Training, Trial, Tuned

VALUES = CauseShare(
    key="values",
    title="value range",
    codes=("VAL203", "VAL201"),
    intervention="B's values were multiplied by 255",
    proof="proven",
    proof_text="looking again found equal ranges in 400 pairs",
    share=Estimate(4.1, 2.9, 5.3),
    alone=Estimate(3.8, 2.2, 5.4),
    last=Estimate(4.4, 3.1, 5.7),
)


def gap(named: str = "frozen augmentation") -> Gap:
    """A is 6.3 points better; three causes, one of which could not be taken away."""
    frozen = CauseShare(
        key="frozen",
        title=named,
        codes=("AUG202",),
        intervention="B's cache was moved before its random steps",
        proof="proven",
        proof_text="the second epoch differs from the first again",
        share=Estimate(2.5, 1.1, 3.9),
    )
    unbuilt = CauseShare(
        key="versions",
        title="other versions",
        codes=("ENV201",),
        intervention="",
        proof="unbuilt",
        proof_text="versions cannot be exchanged within one run",
    )
    return Gap(
        metric="accuracy",
        when="last",
        unit="points",
        a=Estimate(91.2, 90.4, 92.0),
        b=Estimate(84.9, 83.1, 86.7),
        gap=Estimate(6.3, 4.6, 8.0),
        shares=(VALUES, frozen, unbuilt),
        unexplained=Estimate(-0.3, -1.4, 0.8),
        interactions=(Interaction(keys=("values", "frozen"), value=Estimate(1.2, 0.3, 2.1)),),
        arms=(
            Arm(without=(), result=Estimate(84.9, 83.1, 86.7), values=(84.1, 85.0, 85.6)),
            Arm(without=("values",), result=Estimate(88.7, 87.5, 89.9), values=(88.0, 88.8, 89.3)),
            Arm(
                without=("values", "frozen"),
                result=Estimate(91.5, 90.7, 92.3),
                values=(91.0, 91.6, 91.9),
            ),
        ),
        seeds=8,
        method="Shapley values over 2 causes, every combination trained",
        detectable=1.9,
    )


def attribution(named: str = "frozen augmentation") -> Attribution:
    """A gap that two causes share."""
    return Attribution(
        verdict=Verdict(
            "different", "B ends 6.3 points (4.6 to 8.0) lower, mostly for its values."
        ),
        report=report(FROZEN, RANGE),
        accuracy=gap(named),
        speed=None,
        ignored=(),
        clues=(Clue(what="optimizer", a="adam", b=named),),
        network="a small network of 5,000 parameters",
        evaluation="360 held-out examples",
        trainings=32,
        seconds=101.0,
        notes=("a note",),
        complete=True,
        environment={"keras": "3.15.1"},
        tool_version="0.1.0",
    )


def tuned(named: str = "load") -> Tuned:
    """A pipeline that a cache makes three times as fast."""
    return Tuned(
        kind="faster",
        text="A cache behind the decoding makes it 3.1 times as fast (2.8 to 3.4).",
        code=f"ds = ds.map(load).cache()\nds = ds.map({named!r}).prefetch(2)",
        code_before="ds = ds.map(load)",
        changes=("a cache of 12 MiB behind map(load)",),
        ratio=Interval(3.1, 2.8, 3.4),
        examples_per_s=(410.0, 1271.0),
        predicted=3.3,
        bottleneck=f"map({named}), step 2 of 4, takes 71 % of all work",
        ceilings={"decode": 900.0, "map": 4100.0, named: 77.0},
        costs=(
            Cost(step=f"map({named}), step 2 of 4", resource="decode", ms_per_example=1.7, share=0.71, ceiling=590.0, ceiling_on_all_cores=1180.0),
            Cost(step="batch, step 4 of 4", resource="memory", ms_per_example=0.7, share=0.29, ceiling=1400.0, ceiling_on_all_cores=2800.0),
        ),
        costs_after=(Cost(step="batch, step 4 of 4", resource="memory", ms_per_example=0.7, share=1.0, ceiling=1400.0, ceiling_on_all_cores=2800.0),),
        trials=(
            Trial(
                name=f"cache behind map({named})", predicted=3.3, measured=3.1, turns=12,
                ratios=(3.0, 3.1, 3.2), interval=Interval(3.1, 2.8, 3.4), cache_bytes=12 << 20, kept=True,
            ),
            Trial(name="two parallel calls", predicted=1.4, measured=1.2, turns=4,
                  interval=Interval(1.2, 0.9, 1.5), note="fewer changes are as fast"),
            Trial(name="prefetch", predicted=None, measured=0.97, turns=2),
            Trial(name="vectorised map", predicted=0.8, measured=None, turns=0),
        ),
        proof="400 examples in 2 epochs are the same",
        cache_bytes=12 << 20,
        cores=2,
        training=Training(wait_ms=8.0, step_ms=3.0, waiting=Interval(0.7, 0.6, 0.8), steps=40, input_bound=True),
        notes=("a note",),
        step_ms=(Interval(78.0, 75.0, 81.0), Interval(25.2, 24.0, 27.0)),
        examples_per_step=32,
        took_s=61.0,
    )  # fmt: skip
