"""Every measure, by code."""

from twinfeed.diff._measures import (
    augment,
    batches,
    consumption,
    environment,
    labels,
    order,
    pictures,
    pipeline,
    shape,
    speed,
    values,
)

FAMILIES = (
    shape,
    values,
    pictures,
    labels,
    augment,
    order,
    batches,
    pipeline,
    speed,
    consumption,
    environment,
)
CATALOGUE = {measure.code: measure for family in FAMILIES for measure in family.MEASURES}
