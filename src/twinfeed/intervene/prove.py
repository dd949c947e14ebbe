"""Whether two pipelines feed the same."""

from __future__ import annotations

import numpy as np

from twinfeed._core.finding import Severity
from twinfeed._core.results import Report
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, compare
from twinfeed.feeds import as_feed
from twinfeed.observe.budget import Budget
from twinfeed.observe.read import observe

LOOK = Budget(examples=2_000, epochs=2, seconds=20.0, timing_s=0.01, keep_bytes=32 << 20)
_BUILT = ("PIP", "SPD")
"""Families about how a feed is built and how fast it is, not about what it feeds."""


def look(dataset: object, *, name: str, budget: Budget | None = None) -> Trace:
    """Observe a copy of a pipeline, within bounds."""
    return observe(as_feed(dataset), budget=budget or LOOK, every_value=True, name=name)


def difference(left: Trace, right: Trace) -> Report:
    """What differs in what two pipelines feed, however they are built."""
    measures = [m for code, m in CATALOGUE.items() if not code.startswith(_BUILT)]
    return compare(left, right, measures=measures)


def changes(found: Report) -> list[str]:
    """What differs above a note, a sentence each; empty where the feeds are the same."""
    return [
        f"{one.code} {one.name}: {one.sentence}"
        for one in found.findings
        if one.severity is not Severity.NOTE
    ]


def changes_between(left: Trace, right: Trace) -> list[str]:
    """What differs between two feeds above a note; quick where they are equal bit by bit."""
    return [] if is_equal(left, right) else changes(difference(left, right))


def is_equal(left: Trace, right: Trace) -> bool:
    """Whether two observations saw the same examples with the same labels in the same order."""
    return left.spec == right.spec and all(
        np.array_equal(getattr(left.rows, name), getattr(right.rows, name))
        for name in ("epoch", "batch", "content", "label_key")
    )
