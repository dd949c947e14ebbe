"""Every measure, by code."""

from twinfeed.diff._measures import (
    augment,
    batches,
    consumption,
    labels,
    order,
    pictures,
    pipeline,
    shape,
    speed,
    values,
)

FAMILIES = (shape, values, pictures, labels, augment, order, batches, pipeline, speed, consumption)
CATALOGUE = {measure.code: measure for family in FAMILIES for measure in family.MEASURES}
