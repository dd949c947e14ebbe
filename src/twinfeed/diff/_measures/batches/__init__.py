"""BAT: batches, epochs and which examples they hold."""

from twinfeed.diff._measures.batches import (
    different_batch_size,
    different_epoch_length,
    missing_examples,
    partial_last_batch,
    repeated_examples,
    steps_cut,
    unknown_or_infinite_length,
)

MEASURES = (
    different_batch_size.MEASURE,
    different_epoch_length.MEASURE,
    partial_last_batch.MEASURE,
    unknown_or_infinite_length.MEASURE,
    missing_examples.MEASURE,
    repeated_examples.MEASURE,
    steps_cut.MEASURE,
)
