"""Checks that authors of pipelines and adapters run on their own work."""

from twinfeed.testing._feed_contract import check_feed

__all__ = ["check_feed"]
