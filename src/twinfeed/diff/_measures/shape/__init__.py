"""GEO: shapes, sizes and channels."""

from twinfeed.diff._measure import Measure

MEASURES: tuple[Measure, ...] = ()
