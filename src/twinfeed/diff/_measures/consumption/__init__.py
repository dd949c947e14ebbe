"""FIT: what Keras does to the feed."""

from twinfeed.diff._measure import Measure

MEASURES: tuple[Measure, ...] = ()
