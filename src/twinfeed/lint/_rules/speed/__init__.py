"""SPD: how fast the feed can be."""

from twinfeed.lint._rules.speed import (
    batch_of_one,
    heavy_shuffle_buffer,
    late_grain_batch,
    nothing_made_ahead,
    python_in_the_feed,
    serial_work,
    shuffle_behind_work,
    small_work_per_example,
)

RULES = (
    serial_work.RULE,
    nothing_made_ahead.RULE,
    python_in_the_feed.RULE,
    heavy_shuffle_buffer.RULE,
    shuffle_behind_work.RULE,
    batch_of_one.RULE,
    small_work_per_example.RULE,
    late_grain_batch.RULE,
)
