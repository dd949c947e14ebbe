"""PIP: caching, prefetching and parallel work."""

from twinfeed.diff._measure import Measure

MEASURES: tuple[Measure, ...] = ()
