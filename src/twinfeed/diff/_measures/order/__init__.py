"""ORD: the order in which examples arrive."""

from twinfeed.diff._measures.order import (
    different_order,
    predicted_in_another_order,
    same_order_each_epoch,
    short_shuffle_buffer,
    shuffled_batches,
    sorted_by_label,
    starts_elsewhere,
)

MEASURES = (
    sorted_by_label.MEASURE,
    short_shuffle_buffer.MEASURE,
    shuffled_batches.MEASURE,
    same_order_each_epoch.MEASURE,
    different_order.MEASURE,
    starts_elsewhere.MEASURE,
    predicted_in_another_order.MEASURE,
)
