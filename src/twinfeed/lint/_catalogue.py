"""Every rule, by code."""

from twinfeed.lint._rules import order

FAMILIES = (order,)
CATALOGUE = {rule.code: rule for family in FAMILIES for rule in family.RULES}
