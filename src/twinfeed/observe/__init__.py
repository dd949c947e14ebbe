"""A feed or a running script becomes a trace; a trace becomes a file."""

from twinfeed.observe.budget import Budget
from twinfeed.observe.read import observe
from twinfeed.observe.twinfile import load, save

__all__ = ["Budget", "load", "observe", "save"]
