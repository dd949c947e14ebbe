"""SPD: how fast batches arrive."""

from twinfeed.diff._measure import Measure

MEASURES: tuple[Measure, ...] = ()
