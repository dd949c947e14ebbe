"""View anything ``keras.Model.fit`` accepts as one kind of feed."""

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed._core.plan import Plan, Step
from twinfeed.feeds._registry import as_feed

__all__ = ["Batch", "Feed", "Plan", "Step", "as_feed"]
