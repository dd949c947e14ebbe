"""LBL: labels."""

from twinfeed.lint._rules.labels import (
    beyond_one_hot,
    class_without_pictures,
    numbers_in_text_order,
)

RULES = (
    beyond_one_hot.RULE,
    numbers_in_text_order.RULE,
    class_without_pictures.RULE,
)
