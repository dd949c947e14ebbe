"""LBL: labels."""

from twinfeed.lint._rules.labels import (
    beyond_one_hot,
    numbers_in_text_order,
)

RULES = (
    beyond_one_hot.RULE,
    numbers_in_text_order.RULE,
)
