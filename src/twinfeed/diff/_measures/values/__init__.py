"""VAL: the values that arrive."""

from twinfeed.diff._measures.values import (
    different_normalisation,
    different_value_dtype,
    different_value_range,
    nan_or_infinite_values,
    scale_and_offset_differ,
    unexplained_difference,
    values_cut_off,
)

MEASURES = (
    different_value_range.MEASURE,
    scale_and_offset_differ.MEASURE,
    different_normalisation.MEASURE,
    different_value_dtype.MEASURE,
    nan_or_infinite_values.MEASURE,
    unexplained_difference.MEASURE,
    values_cut_off.MEASURE,
)
