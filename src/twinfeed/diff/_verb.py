"""From two pipelines to one report."""

from __future__ import annotations

from collections.abc import Iterable

from twinfeed._core.results import Report
from twinfeed._core.trace import Trace
from twinfeed.diff._measure import Measure
from twinfeed.diff._run import compare
from twinfeed.feeds import as_feed
from twinfeed.observe.budget import Budget
from twinfeed.observe.read import Progress, observe


def diff(
    a: object,
    b: object,
    /,
    *,
    budget: Budget | None = None,
    every_value: bool = False,
    names: tuple[str | None, str | None] = (None, None),
    measures: Iterable[Measure] | None = None,
    progress: Progress | None = None,
) -> Report:
    """Say why two pipelines differ.

    Args:
        a: Anything ``keras.Model.fit`` accepts, a ``Feed``, or a ``Trace``.
        b: The other one.
        budget: Bounds of what is read of each.
        every_value: Count every value instead of a sample of each image.
        names: What the report calls them.
        measures: What to look for; the whole catalogue by default.
        progress: Called after each batch that is read.

    Returns:
        The verdict, the causes, and the evidence.
    """
    traces = [
        side
        if isinstance(side, Trace)
        else observe(
            as_feed(side), budget=budget, every_value=every_value, name=name, progress=progress
        )
        for side, name in zip((a, b), names, strict=True)
    ]
    return compare(traces[0], traces[1], measures=measures)
