"""Holding one feed against another in a test."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from twinfeed._core.finding import Severity
from twinfeed._core.results import Report
from twinfeed._core.select import chosen
from twinfeed._core.trace import Trace
from twinfeed.diff import CATALOGUE, Tolerances, check_runs
from twinfeed.errors import FeedsDifferError, UsageError
from twinfeed.feeds import as_feed
from twinfeed.observe import Budget, load, observe
from twinfeed.report import to_text

_EXAMPLES, _SECONDS, _KEEP_BYTES = 2_000, 30.0, 8 << 20
"""A test shall be quick, and the trace that it keeps beside itself small."""


def assert_same_feed(
    approved: object,
    now: object,
    /,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    fail_on: str = "warning",
    value_tolerance: float = 0.0,
    speed_tolerance: float | None = None,
    budget: Budget | None = None,
    names: tuple[str | None, str | None] = (None, None),
) -> Report:
    """Fail unless two pipelines feed the same.

    Args:
        approved: Anything ``keras.Model.fit`` accepts, a ``Feed``, a ``Trace``, or the path of a
            ``.twin`` file.
        now: The other one.
        select: Look for these causes only: codes, families (``"ORD"``) or names.
        ignore: Do not look for these.
        fail_on: The least severity that fails: ``"error"``, ``"warning"`` or ``"note"``.
        value_tolerance: How far a value may be from the approved one, in the units of the feed.
        speed_tolerance: How many times slower the second may be; speed is left out by default.
        budget: Bounds of what is read of each; 2,000 examples per epoch by default.
        names: What messages call them.

    Returns:
        The report, with what was found below the bar and what a tolerance let pass.

    Raises:
        FeedsDifferError: If something was found, or if they could not be judged. It is an
            ``AssertionError`` and holds the report.
        UsageError: If an argument means nothing.
    """
    __tracebackhide__ = True  # pytest points at the test, not here
    if fail_on not in set(Severity):
        expected = ", ".join(severity.value for severity in Severity)
        raise UsageError(f"fail_on={fail_on!r}", f"one of: {expected}", "leave it out for warning")
    tolerances = Tolerances(
        fail_on=Severity(fail_on), values=value_tolerance, speed=speed_tolerance
    )
    measures = chosen(CATALOGUE, _words(select), _words(ignore))
    bounds = budget or small_budget(timed=speed_tolerance is not None)
    sides = [
        traces_of(one, budget=bounds, name=name)
        for one, name in zip((approved, now), names, strict=True)
    ]
    report = check_runs(
        sides[0], sides[1], tolerances=tolerances, kept=_is_kept(approved), measures=measures
    )
    if report.verdict.kind != "same":
        raise FeedsDifferError(report, to_text(report))
    return report


def traces_of(one: object, *, budget: Budget, name: str | None = None) -> Sequence[Trace]:
    """The traces of a pipeline, or of a file that holds them."""
    if isinstance(one, Trace):
        return (one,)
    if _is_kept(one):
        return load(Path(cast("str", one)))
    return (observe(as_feed(one), budget=budget, name=name),)


def _is_kept(one: object) -> bool:
    """Whether it was recorded before, not read now."""
    is_path = isinstance(one, os.PathLike) or (isinstance(one, str) and one.endswith(".twin"))
    return is_path or isinstance(one, Trace)


def small_budget(*, timed: bool) -> Budget:
    """How much of a feed is read in a test."""
    return Budget(
        examples=_EXAMPLES,
        seconds=_SECONDS,
        keep_bytes=_KEEP_BYTES,
        timing_s=2.0 if timed else 0.0,
    )


def _words(given: str | Iterable[str]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)
