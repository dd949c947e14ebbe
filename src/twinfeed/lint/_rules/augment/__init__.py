"""AUG: random changes."""

from twinfeed.lint._rules.augment import (
    augmentation_out_of_range,
    augmentation_without_effect,
    augmented_evaluation,
    frozen_at_trace,
    mask_out_of_step,
    one_draw_for_all,
    one_draw_per_batch,
    repeated_draws,
)

RULES = (
    augmented_evaluation.RULE,
    repeated_draws.RULE,
    one_draw_for_all.RULE,
    frozen_at_trace.RULE,
    augmentation_without_effect.RULE,
    one_draw_per_batch.RULE,
    augmentation_out_of_range.RULE,
    mask_out_of_step.RULE,
)
