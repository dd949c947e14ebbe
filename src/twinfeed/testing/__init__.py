"""Checks for tests: that two pipelines feed the same, and that a feed keeps its contract."""

from twinfeed.testing._feed_contract import check_feed
from twinfeed.testing._same_feed import assert_same_feed

__all__ = ["assert_same_feed", "check_feed"]
