"""BAT: batches, epochs, parts and shards."""

from twinfeed.lint._rules.batches import (
    each_worker_reads_all,
    epoch_without_end,
    evaluated_in_part,
    examples_in_both_parts,
    files_in_order,
    mix_runs_dry,
    part_drawn_anew,
    parts_of_other_classes,
    pictures_left_out,
    steps_beyond_data,
    tiny_last_batch,
    uneven_shards,
)

RULES = (
    epoch_without_end.RULE,
    tiny_last_batch.RULE,
    steps_beyond_data.RULE,
    evaluated_in_part.RULE,
    part_drawn_anew.RULE,
    examples_in_both_parts.RULE,
    uneven_shards.RULE,
    mix_runs_dry.RULE,
    each_worker_reads_all.RULE,
    files_in_order.RULE,
    parts_of_other_classes.RULE,
    pictures_left_out.RULE,
)
