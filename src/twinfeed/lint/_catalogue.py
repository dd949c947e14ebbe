"""Every rule, by code."""

from twinfeed.lint._rules import (
    augment,
    batches,
    cache,
    consumption,
    labels,
    order,
    pictures,
    speed,
    values,
)

FAMILIES = (order, cache, augment, values, pictures, labels, batches, speed, consumption)
CATALOGUE = {rule.code: rule for family in FAMILIES for rule in family.RULES}
