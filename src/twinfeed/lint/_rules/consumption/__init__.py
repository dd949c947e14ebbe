"""FIT: what Keras does with the feed."""

from twinfeed.lint._rules.consumption import (
    argument_without_effect,
    inputs_by_position,
    one_pass_feed,
)

RULES = (
    argument_without_effect.RULE,
    one_pass_feed.RULE,
    inputs_by_position.RULE,
)
