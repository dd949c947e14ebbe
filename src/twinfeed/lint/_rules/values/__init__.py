"""VAL: what the values are."""

from twinfeed.lint._rules.values import (
    float_image_not_converted,
    fraction_cut_off,
    not_fitted,
    scaled_by_model_too,
    scaled_on_one_side,
    scaled_twice,
    wrapping_cast,
)

RULES = (
    scaled_twice.RULE,
    float_image_not_converted.RULE,
    scaled_on_one_side.RULE,
    fraction_cut_off.RULE,
    wrapping_cast.RULE,
    not_fitted.RULE,
    scaled_by_model_too.RULE,
)
