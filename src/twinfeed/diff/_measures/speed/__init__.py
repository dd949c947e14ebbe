"""SPD: how fast batches arrive."""

from twinfeed.diff._measures.speed import slow_first_batch, slower_feed, waiting_for_data

MEASURES = (slow_first_batch.MEASURE, slower_feed.MEASURE, waiting_for_data.MEASURE)
