"""ORD: the order in which examples arrive."""

from twinfeed.diff._measure import Measure

MEASURES: tuple[Measure, ...] = ()
