"""Single trials: two pipelines over the same examples, compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.calibration.chance import chance, odd
from tests.calibration.feeds import KINDS
from tests.calibration.material import LARGE, Data, draw, folder_of
from tests.calibration.pipelines import Fault, Pipeline
from twinfeed import as_feed
from twinfeed._core.results import Report
from twinfeed._core.trace import Trace
from twinfeed.diff import compare
from twinfeed.observe import Budget, observe

_FEW_BYTES = 24 << 20
"""Bytes for whole examples that hold a third to a tenth of ``LARGE`` photos."""
COUNT = 600
"""Examples of a pair with a planted fault."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one pair of feeds gave.

    Attributes:
        found: Codes that were found.
        undecided: Codes that asked for more.
        sentences: What the findings say.
    """

    found: tuple[str, ...]
    undecided: tuple[str, ...]
    sentences: tuple[str, ...]

    @property
    def false(self) -> tuple[str, ...]:
        """What an equal pair must not give: all but that two seeds give two orders.

        Speed is left out: on a busy machine one short look says little about it, and its
        intervals have a study of their own.
        """
        return tuple(code for code in self.found if code != "ORD205" and code[:3] != "SPD")

    def names(self, fault: Fault) -> bool:
        """Whether a planted fault was found."""
        return bool(fault.codes & {*self.found})

    def answers(self, code: str) -> bool:
        """Whether a cause was found, or said to need more examples."""
        return code in {*self.found, *self.undecided}


def outcome(
    left: Any,
    right: Any,
    *,
    timing_s: float = 0.05,
    examples: int = 10_000,
    keep_bytes: int = Budget().keep_bytes,
) -> Outcome:
    """Read two feeds, unless they are traces already, and compare them.

    Raises:
        KeyboardInterrupt: If the reading or the comparison was cut short: that is no trial.
    """
    budget = Budget(timing_s=timing_s, examples=examples, seconds=600, keep_bytes=keep_bytes)
    traces = [
        feed if isinstance(feed, Trace) else observe(as_feed(feed), budget=budget)
        for feed in (left, right)
    ]
    report = compare(*traces)
    if not report.complete:
        raise KeyboardInterrupt
    return of(report)


def of(report: Report) -> Outcome:
    """The codes of a report."""
    return Outcome(
        tuple(f.code for f in report.findings),
        tuple(u.code for u in report.undecided),
        tuple(f"{f.code} {f.sentence}" for f in report.findings),
    )


def equal(random: np.random.Generator, kind: str, data: str) -> Outcome:
    """The same recipe with two seeds, or one feed read twice, over one draw of examples."""
    recipe = KINDS[kind]
    count = round(float(np.exp(random.uniform(np.log(16), np.log(500)))))
    examples = odd(random, draw(random, data, count))
    count = len(examples[0])
    build = recipe.draw(random, count)
    part = max(8, count // 2) if chance(random, 0.1) else 10_000
    with folder_of(examples, files=recipe.files) as folder:
        feeds = [build(examples, folder, int(random.integers(1 << 30))) for _ in range(2)]
        feeds = feeds[:1] * 2 if chance(random, 0.1) else feeds
        keep_bytes = _FEW_BYTES if data == LARGE else Budget().keep_bytes
        return outcome(*feeds, examples=part, keep_bytes=keep_bytes)


def planted(random: np.random.Generator, faults: tuple[Fault, ...]) -> Outcome:
    """A pipeline against the same with faults in it.

    Args:
        random: What is drawn: the examples, the batch size and both seeds.
        faults: What is planted.
    """
    kind = str(random.choice(["digits", "textures"]))
    images, labels = draw(random, kind, COUNT)
    pipeline = Pipeline()
    other = pipeline
    for fault in faults:
        other = fault.plant(other)
    data: Data = images, labels
    feeds = [one.build(*data, seed=int(random.integers(1 << 30))) for one in (pipeline, other)]
    return outcome(*feeds)
