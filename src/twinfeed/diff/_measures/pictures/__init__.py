"""PIX: how files become pictures."""

from twinfeed.diff._measures.pictures import (
    different_alpha_handling,
    different_crop_policy,
    different_grey_weights,
    different_jpeg_decoder,
    different_resize_kernel,
    different_sharpness,
    different_tone_curve,
    encoded_again,
    fewer_levels,
    ignored_exif_orientation,
    shrunk_without_antialias,
)

MEASURES = (
    different_resize_kernel.MEASURE,
    shrunk_without_antialias.MEASURE,
    different_jpeg_decoder.MEASURE,
    encoded_again.MEASURE,
    ignored_exif_orientation.MEASURE,
    different_crop_policy.MEASURE,
    different_sharpness.MEASURE,
    different_tone_curve.MEASURE,
    fewer_levels.MEASURE,
    different_grey_weights.MEASURE,
    different_alpha_handling.MEASURE,
)
