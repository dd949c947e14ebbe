"""AUG: random changes to the inputs."""

from twinfeed.diff._measure import Measure

MEASURES: tuple[Measure, ...] = ()
