"""PIX: how pictures and masks are made."""

from twinfeed.lint._rules.pictures import (
    interpolated_masks,
    nearest_pictures,
    photos_on_their_side,
    shrunk_unfiltered,
)

RULES = (
    interpolated_masks.RULE,
    shrunk_unfiltered.RULE,
    nearest_pictures.RULE,
    photos_on_their_side.RULE,
)
