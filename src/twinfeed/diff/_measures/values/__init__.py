"""VAL: the values that arrive."""

from twinfeed.diff._measure import Measure

MEASURES: tuple[Measure, ...] = ()
