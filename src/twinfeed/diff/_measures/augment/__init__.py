"""AUG: random changes to the inputs."""

from twinfeed.diff._measures.augment import (
    augmentation_on_one_side,
    augmentation_without_effect,
    different_brightness,
    different_channel_shift,
    different_draws,
    different_erasing,
    different_fill_mode,
    different_flips,
    different_geometry,
    different_saturation,
    different_zoom,
    frozen_augmentation,
    not_as_stated,
    repeated_augmentation,
    shared_draws,
    values_pushed_out_of_range,
)

MEASURES = (
    augmentation_on_one_side.MEASURE,
    frozen_augmentation.MEASURE,
    repeated_augmentation.MEASURE,
    different_flips.MEASURE,
    different_zoom.MEASURE,
    different_brightness.MEASURE,
    values_pushed_out_of_range.MEASURE,
    augmentation_without_effect.MEASURE,
    different_geometry.MEASURE,
    different_draws.MEASURE,
    different_channel_shift.MEASURE,
    different_erasing.MEASURE,
    different_fill_mode.MEASURE,
    shared_draws.MEASURE,
    not_as_stated.MEASURE,
    different_saturation.MEASURE,
)
