"""FIT: what Keras does to the feed."""

from twinfeed.diff._measures.consumption import (
    cast_by_fit,
    consumed_differently,
    ignored_argument,
    scaled_by_model_too,
    weights_dropped,
)

MEASURES = (
    ignored_argument.MEASURE,
    cast_by_fit.MEASURE,
    weights_dropped.MEASURE,
    consumed_differently.MEASURE,
    scaled_by_model_too.MEASURE,
)
