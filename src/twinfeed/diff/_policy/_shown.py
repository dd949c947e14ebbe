"""The recovered policies as a report shows them."""

from __future__ import annotations

import math

from twinfeed._core.augmentation import Augmentation, Parameter, Per
from twinfeed.diff._policy._parameters import PER_BATCH
from twinfeed.diff._policy._recovered import SPREADS, Policy, policy
from twinfeed.diff._policy._spread import Spread
from twinfeed.diff._policy._stated import stated_fill, stated_ranges
from twinfeed.diff._policy._stated_units import in_units_of
from twinfeed.diff._twins import SIDES, SideName, Twins
from twinfeed.stats.intervals import wilson

_SHARES = frozenset({"flip_x", "flip_y", "turned", "erased"})
_PER_EXAMPLE = 0.3  # share of the variance between batches up to which each example has its own
_SIZES = ("erased_height", "erased_width", "erased_area")


def augmentations(twins: Twins) -> tuple[Augmentation, ...]:
    """What each side draws; empty where neither side draws anything that shows."""
    if not all((trace := twins.side(name)).main and trace.main.is_image for name in SIDES):
        return ()
    found = tuple(_augmentation(twins, name) for name in SIDES)
    return found if any(one.parameters or one.state != "none" for one in found) else ()


def _augmentation(twins: Twins, name: SideName) -> Augmentation:
    found, plan = policy(twins, name), twins.side(name).plan
    stated = in_units_of(stated_ranges(twins.side(name)) or {}, found)
    fill = stated_fill(plan)
    drawn = [
        _drawn(found, field, stated.get(field))
        for field in SPREADS
        if (found.known and getattr(found, field).random) or field in stated
    ]
    # The sizes of what is erased are drawn only where something is.
    if not found.erased.random:
        drawn = [one for one in drawn if one.name not in _SIZES or one.stated]
    return Augmentation(
        label=name,
        state=found.randomness.state,
        known=found.known,
        basis=found.basis,
        views=found.views,
        tried=found.tried,
        parameters=tuple(drawn),
        fill=found.fill_mode if found.known else "",
        fill_value=found.fill_value,
        stated_fill=fill.mode if fill else "",
        filling=found.erased_fill,
        pivot=found.pivot if found.known and found.contrast.random else "",
    )


def _drawn(found: Policy, field: str, stated: tuple[float, float] | None) -> Parameter:
    spread: Spread = getattr(found, field)
    random = spread.random and found.known
    if field in _SHARES:
        count = spread.views
        between = spread.low_between
        if not all(map(math.isfinite, between)):
            between = wilson(round(spread.low * count), count) if count else (0.0, 1.0)
        return Parameter(
            name=field,
            drawn=random,
            low=spread.low,
            high=spread.low,
            low_between=between,
            high_between=between,
            shape="share",
            per=_per(found, field),
            views=count,
            draws=count,
            stated=stated,
        )
    # The difference of two draws has another shape than each of them has.
    relative = found.basis == "epochs"
    shape = None if relative else spread.shape
    return Parameter(
        name=field,
        drawn=random,
        low=spread.low,
        high=spread.high,
        low_between=spread.low_between,
        high_between=spread.high_between,
        shape="constant" if not random else shape.kind if shape else "undecided",
        scale=shape.scale if shape and random else "",
        untouched=shape.untouched if shape and random else 0.0,
        values=shape.values if shape and random else (),
        shares=shape.shares if shape and random else (),
        per=_per(found, field),
        views=spread.views,
        draws=spread.draws,
        deviation=spread.deviation / (math.sqrt(2) if relative else 1),
        stated=stated,
    )


def _per(found: Policy, field: str) -> Per:
    shared = found.shared_of.get("erased" if field in _SIZES else field, float("nan"))
    return "batch" if shared > PER_BATCH else "example" if shared < _PER_EXAMPLE else "undecided"
