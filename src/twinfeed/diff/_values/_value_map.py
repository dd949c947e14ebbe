"""The straight line from the values of one feed to those of the other."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import LeafStats
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SIDES, SideName, Twins
from twinfeed.diff._values._bent_columns import bent_columns
from twinfeed.diff._values._channel_order import channel_order
from twinfeed.diff._values._few_pairs import surely_of
from twinfeed.diff._values._line import (
    MANY,
    WITHIN,
    Line,
    extent,
    line_of,
    middle_of,
    offset_of,
    own_factors,
    own_offsets,
    ratio_of,
    scatter,
    some_negative,
)
from twinfeed.diff._values._paired_values import PairedValues, own_ratios, paired_values

Basis: TypeAlias = Literal["aligned", "orders", "moments"]

_ROUNDS = 4
_LEAST_PAIRS = 3
_UNEVEN = 6.0  # ratio of the examples' own gains that no usual augmentation reaches
_REDRAWN, _REDRAWN_TIMES = 10, 2.0  # examples seen in two draws; times what those differ by
_REDRAWN_PAIRS = 40
_MOST_OF = 0.5  # share of the shorter feed in pairs from which likeness hardly paired strangers
_LARGE = (1.0, 2.5)  # log gain and shift in spreads that need no more than a few pairs
_EXACTLY = 0.99  # share of whole numbers that differ by just one number
_EXACT = 0.01  # share left unexplained that needs no more either
_OF_THINGS = 0.1  # share that no line of whole numbers leaves, but numbers of words do
_COVERED = 0.8  # share of both feeds' rows that must be paired to compare their moments
_GRAIN = 0.6  # share of the variance inside of blocks: 0.1 to 0.4 of photos, 0.9 of noise
_FOLLOWS = 0.7  # correlation and share of the pairs above which a negative is one
_TOLERANCE = {"aligned": (0.003, 0.02), "orders": (0.15, 0.2), "moments": (0.3, 0.4)}


@dataclass(frozen=True, slots=True)
class ValueMap:
    """B's value is A's value times ``gain`` plus ``bias``, channel by channel of B.

    Attributes:
        gain: One per channel; one in all where channels cannot be told apart.
        bias: In B's units.
        order: B's channel ``c`` was compared with A's channel ``order[c]``.
        spread: Standard deviation of B's values, per channel.
        residual_share: Root mean square of what the line leaves, as a share of ``spread``.
        example_gains: 5 % and 95 % quantile of the gains that single examples have; NaN where
            they have none of their own.
        interval: 95 % interval of the median of those, as factors of ``gain``; NaN likewise.
        pairs: Paired examples it rests on.
        agreeing: Those that follow the line.
        basis: ``aligned``: point by point; ``orders``: order statistics of each example, where
            flips and zooms stand between them; ``moments``: mean and spread of all.
        differs: Whether it is one line for all examples, and not the identity.
        uneven: Whether each example has a gain of its own, far apart.
        own_factors: Whether these explain what one for all leaves.
        whole: Whether all values are whole numbers of a table, which may be names of things.
        in_doubt: Whether it would differ, were what is drawn known from more pairs.
        example_offsets: 5 % and 95 % quantile of what is added in single examples, in B's units,
            where each has an offset of its own; NaN otherwise.
    """

    gain: tuple[float, ...]
    bias: tuple[float, ...]
    order: tuple[int, ...]
    spread: tuple[float, ...]
    residual_share: float
    example_gains: tuple[float, float]
    interval: tuple[float, float]
    pairs: int
    agreeing: int
    basis: Basis
    differs: bool
    uneven: bool
    own_factors: bool = False
    whole: bool = False
    in_doubt: bool = False
    example_offsets: tuple[float, float] = (math.nan, math.nan)

    @property
    def own_offsets(self) -> bool:
        """Whether it is one factor for all examples, and an offset of its own for each."""
        return not math.isnan(self.example_offsets[0])


@remembered
def value_map(twins: Twins) -> ValueMap | None:
    """The line from A to B, or ``None`` where too little is paired."""
    found = paired_values(twins)
    if found is None or len(found) < _LEAST_PAIRS:
        return _from_moments(twins)
    colours = channel_order(twins)
    order = colours.order if colours else tuple(range(found.left.shape[-1]))
    bent = {column.column for column in bent_columns(twins)}  # these follow no line
    straight = np.array([column not in bent for column in range(len(order))])
    made = _fit(found, order, straight, settled=_settled(twins))
    if made is None or not made.uneven:
        return made
    # Examples that were recognised by their values have these, and no factor of their own.
    if twins.pairs.method != "values" and _beats_draws(twins, made):
        return made
    return replace(made, uneven=False)


def _beats_draws(twins: Twins, made: ValueMap) -> bool:
    """Whether gains of single examples differ by more than augmentation drawn anew makes them."""
    low, high = made.example_gains
    for name in SIDES:
        still = twins.is_still(name)
        if still is not False:
            if _drawn_once(twins, name) or (still is None and twins.epochs_of(name) is not None):
                return False  # what was drawn differs between the two, by how much is not seen
            continue
        again = own_ratios(twins, name)
        other = "B" if name == "A" else "A"
        if twins.is_still(other) is False and min(made.pairs, 2 * len(again)) < _REDRAWN_PAIRS:
            return False  # both draw, and by how much is known from too few
        if low < 0 and len(again) < _REDRAWN:
            return False  # waves that were moved may be negatives of each other, by how far is not seen
        if len(again) >= _REDRAWN and high / low < _REDRAWN_TIMES * ratio_of(np.log(again)):
            return False
    return True


def _drawn_once(twins: Twins, name: SideName) -> bool:
    """Whether a side that repeats itself draws nonetheless: from a seed, or before a cache."""
    plan = twins.side(name).plan
    return plan is not None and any(s.random and s.kind == "augment" for s in plan.steps)


def _settled(twins: Twins) -> bool:
    """Whether nothing is drawn and the pairs are pairs, so that few of them show what all do."""
    pairs = twins.pairs
    rows = min(len(pairs.left_rows), len(pairs.right_rows))
    return all(twins.is_plain(name) for name in SIDES) and len(pairs) >= _MOST_OF * rows


def _fit(
    found: PairedValues, order: tuple[int, ...], straight: Array, *, settled: bool
) -> ValueMap | None:
    x = (found.left if found.aligned else found.left_orders)[..., list(order)]
    y = found.right if found.aligned else found.right_orders
    varied = straight & (np.ptp(x, axis=(0, 1)) > 0) & (np.ptp(y, axis=(0, 1)) > 0)
    if not varied.any():
        return None
    # A column that never changes has no gain: it is left out.
    x, y, order = x[..., varied], y[..., varied], tuple(np.array(order)[varied].tolist())
    keep = np.ones(len(x), bool)
    line = line_of(x, y, keep)
    for _ in range(_ROUNDS):
        # A pair that is none, or an odd example, must not bend the line.
        keep = line.error <= max(3 * float(np.median(line.error)), 1e-6)
        line = line_of(x, y, keep)
    made = ValueMap(
        gain=tuple(line.gain.tolist()),
        bias=tuple(line.bias.tolist()),
        order=order,
        spread=tuple(line.spread.tolist()),
        residual_share=float(np.sqrt(np.square(line.error[keep]).mean())),
        example_gains=(-1.0, 1.0) if some_negative(x, y) else extent(line),
        interval=middle_of(line.own_gains),
        pairs=len(x),
        agreeing=int(keep.sum()),
        basis="aligned" if found.aligned else "orders",
        differs=False,
        uneven=ratio_of(line.own_gains) > _UNEVEN or some_negative(x, y),
        whole=bool((x == np.rint(x)).all() and (y == np.rint(y)).all()),
    )
    certain = settled and found.aligned
    offsets = own_offsets(line, x, y) if certain and not made.uneven else None
    if offsets is not None:
        return replace(made, example_offsets=offsets)
    if certain and own_factors(line, x, y):
        return replace(made, uneven=True, own_factors=True)
    if made.uneven:
        return made
    # Of pictures that are all grain, a kernel narrows the values as a factor does.
    grain = not found.aligned and found.fine > _GRAIN
    return _judge(made, line, x[keep], y[keep], settled=settled, grain=grain)


def _judge(
    made: ValueMap, line: Line, x: Array, y: Array, *, settled: bool, grain: bool
) -> ValueMap:
    """Whether the line is the same for all examples and farther from the identity than noise."""
    by_gain, by_shift = _beyond(made, line, x, y, _TOLERANCE[made.basis])
    if grain:
        by_gain = np.zeros_like(by_gain)
    away = float(np.abs(np.log(np.abs(line.gain))).max())
    steady = made.basis == "aligned" and _steady(line, away)
    known = settled or len(x) >= MANY
    if known or made.residual_share > _EXACT:
        by_gain = by_gain | steady
    if not (by_gain.any() or by_shift.any()) or (made.whole and made.residual_share > _OF_THINGS):
        return made
    if by_gain.any():
        made = replace(made, bias=tuple(offset_of(line).tolist()))
    else:
        # The gains are one as far as can be seen: only the offset is to be said.
        difference = np.median(y.mean(axis=1) - x.mean(axis=1), axis=0)
        made = replace(made, gain=tuple(1.0 for _ in made.gain), bias=tuple(difference.tolist()))
    # What was drawn may lie on one side of 0 in all of few examples: such a line lies far from it.
    far = [known or made.residual_share <= _EXACT, *_beyond(made, line, x, y, _LARGE)]
    told = any(np.any(each) for each in far)
    return replace(made, differs=told, in_doubt=not told)


def _beyond(
    made: ValueMap, line: Line, x: Array, y: Array, least: tuple[float, float]
) -> tuple[Array, Array]:
    """Channel by channel, whether the gain and the shift are beyond noise and these least ones."""
    # What blurs or moves one side bends the slope by less than it leaves unexplained.
    doubt = np.maximum(-np.log(np.clip(line.correlation, 1e-3, 1)), made.residual_share)
    if x.shape[1] < WITHIN:  # examples tell no line of their own: all of them tell one
        doubt = doubt * max(1.0, surely_of(len(x)))
    away = np.abs(np.log(np.abs(line.gain)))
    narrow = np.minimum(x.std(axis=(0, 1)), y.std(axis=(0, 1)))
    difference = np.median(y.mean(axis=1) - x.mean(axis=1), axis=0)
    moved = np.abs(difference) / np.maximum(narrow, 1e-300)
    by_gain = away > np.maximum(np.maximum(least[0], doubt), scatter(line.own_gains))
    # Where nothing follows the line, or only those that it was drawn through, its sign is chance.
    follows = (line.correlation > _FOLLOWS) & (made.agreeing > _FOLLOWS * made.pairs)
    by_gain |= (line.gain < 0) & (made.basis == "aligned") & follows
    by_shift = moved > np.maximum(np.maximum(least[1], doubt), scatter(line.own_shifts))
    if made.whole:  # a number more or less is another thing, however wide the numbers spread
        by_shift |= (difference != 0) & ((y - x == difference).mean(axis=(0, 1)) > _EXACTLY)
    return by_gain, by_shift


def _steady(line: Line, away: float) -> bool:
    """Whether examples share a factor so exactly that what is added to each says nothing of it.

    Values that were cut off differ in it: of those nine in ten must not.
    """
    if not len(line.own_gains) or away < _TOLERANCE["aligned"][0]:
        return False
    left = float(np.sqrt(2 * (1 - np.minimum(line.correlation, 1))).max())
    most = float(np.quantile(np.abs(line.own_gains), 0.9))
    if len(line.own_gains) < MANY:
        most = max(most, scatter(line.own_gains))
    return left < away and most < away / 2


def _from_moments(twins: Twins) -> ValueMap | None:
    """The line that mean and spread of all values give, where both feeds hold the same examples."""
    pairs = twins.pairs
    rows = max(len(pairs.left_rows), len(pairs.right_rows))
    stats = _stats(twins)
    if stats is None or len(pairs) < max(50, _COVERED * rows):
        return None
    mean_x, mean_y = (np.array(side.mean) for side in stats)
    width_x, width_y = (np.array(side.std) for side in stats)
    if mean_x.shape != mean_y.shape or not ((width_x > 0) & (width_y > 0)).all():
        return None
    gain = width_y / width_x
    least_gain, least_shift = _TOLERANCE["moments"]
    moved = np.abs(mean_y - mean_x) / np.minimum(width_x, width_y)
    nothing = float("nan"), float("nan")
    return ValueMap(
        gain=tuple(gain.tolist()),
        bias=tuple((mean_y - gain * mean_x).tolist()),
        order=tuple(range(len(gain))),
        spread=tuple(width_y.tolist()),
        residual_share=float("nan"),
        example_gains=nothing,
        interval=nothing,
        pairs=len(pairs),
        agreeing=len(pairs),
        basis="moments",
        differs=bool(((np.abs(np.log(gain)) > least_gain) | (moved > least_shift)).any()),
        uneven=False,
    )


def _stats(twins: Twins) -> tuple[LeafStats, LeafStats] | None:
    mains = twins.left.main, twins.right.main
    if mains[0] is None or mains[1] is None or mains[0].is_image != mains[1].is_image:
        return None
    left, right = twins.left.stats_of(mains[0].path), twins.right.stats_of(mains[1].path)
    return None if left is None or right is None else (left, right)
