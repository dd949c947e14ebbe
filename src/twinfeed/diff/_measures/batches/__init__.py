"""BAT: batches, epochs and which examples they hold."""

from twinfeed.diff._measures.batches import (
    different_batch_size,
    different_epoch_length,
    examples_in_both_parts,
    goes_on_between_epochs,
    little_in_common,
    missing_examples,
    part_drawn_anew,
    partial_last_batch,
    parts_of_other_classes,
    ran_out_of_data,
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
    examples_in_both_parts.MEASURE,
    part_drawn_anew.MEASURE,
    parts_of_other_classes.MEASURE,
    ran_out_of_data.MEASURE,
    goes_on_between_epochs.MEASURE,
    little_in_common.MEASURE,
)
