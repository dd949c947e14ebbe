"""BAT: batches, epochs and which examples they hold."""

from twinfeed.diff._measure import Measure

MEASURES: tuple[Measure, ...] = ()
