"""Two traces become a report: which causes make them differ."""

from twinfeed.diff._catalogue import CATALOGUE
from twinfeed.diff._measure import Measure
from twinfeed.diff._run import compare
from twinfeed.diff._twins import Twins

__all__ = ["CATALOGUE", "Measure", "Twins", "compare"]
