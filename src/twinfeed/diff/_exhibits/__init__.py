"""What a report shows of two feeds: pictures and the points of charts, from what was observed."""

from __future__ import annotations

from twinfeed._core.exhibits import Exhibits
from twinfeed.diff._exhibits._pictures import pictures
from twinfeed.diff._exhibits._streams import coverage, orders, runs, timelines
from twinfeed.diff._exhibits._values import drawn, histograms
from twinfeed.diff._twins import Twins


def exhibits(twins: Twins) -> Exhibits:
    """Gather what can be shown; what was not observed is left out."""
    samples, albums, shown_as = pictures(twins)
    return Exhibits(
        shown_as=shown_as,
        samples=samples,
        albums=albums,
        histograms=histograms(twins),
        orders=orders(twins),
        runs=runs(twins),
        coverage=coverage(twins),
        timelines=timelines(twins),
        drawn=drawn(twins),
    )
