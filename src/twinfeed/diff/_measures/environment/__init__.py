"""ENV: what the feeds were recorded under."""

from twinfeed.diff._measures.environment import other_versions

MEASURES = (other_versions.MEASURE,)
