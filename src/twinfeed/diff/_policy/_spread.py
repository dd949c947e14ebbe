"""The distribution of one parameter over registered views, and when two of them differ."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._views._register import Views
from twinfeed.stats.bounds import Bounds, bounds_of
from twinfeed.stats.intervals import wilson
from twinfeed.stats.shapes import Shape, shape_of

LEAST_VIEWS = 20
OPEN_POLICY = "whether A and B augment alike"
"""How the question begins where two policies could not be held against each other."""
_STRAY = 0.025  # share of the views at either end that may be registered wrongly
_OWN = 0.3  # of the deviations of all views, within examples, below which nothing is drawn
_INSIDE = 0.5  # of what bounds must differ by, that quantiles inside them must differ by
_SOUND = 0.05  # residual up to which a registration is sound whatever the others leave
_LARGER = 2.0  # times the usual residual above which a registration may have gone astray
_TOUCHED = 40  # changed views from which bounds rest on them alone
_THINS = 4.0  # power of the distance from an end by which what thins out towards it may grow
_MOST_LOST = 0.5  # share of lost views up to which they widen an interval
_UNTOUCHED = 0.1  # of the views, by which the shares left as they are must differ
_STRAYS = 30  # views among which one registered badly makes up the bound of a side
_SPLITS = 8  # ways in which views are halved
_WIDE = 8.0  # times the tolerance, from which a range has room for many that are left alone
_OFTEN = 0.2  # of the views, by which the shares left alone must surely differ
_SURELY = 4.0  # deviations of the rank test: 1 in 16,000 by chance
NEAR = 2.0
"""Times the tolerance, about the middle, up to which a view counts as left alone."""


@dataclass(frozen=True, slots=True)
class Halves:
    """How far two halves of one side's views lie apart, at most of some ways to halve them.

    Attributes:
        low: Of their lower bounds.
        high: Of their upper bounds.
        core: Of their widths without the outer views.
        five: Of their 5 % quantiles.
        most: Of their 95 % quantiles.
    """

    low: float = 0.0
    high: float = 0.0
    core: float = 0.0
    five: float = 0.0
    most: float = 0.0


@dataclass(frozen=True, slots=True)
class Spread:
    """The distribution of one parameter over the views.

    Attributes:
        low: Lower bound, from the 1 % quantile.
        high: Upper bound, from the 99 % quantile.
        random: Whether it varies by more than the registration's own noise.
        views: Views that it rests on.
        core: Width that the outer views at either end have no part in, nor those that are
            registered worse than the others; ``None`` for the whole.
        inner: The 5 % and the 95 % quantile of the same views, which a few bad registrations do
            not reach; NaN where they are not known.
        halves: What two halves of the views show of difference: less is none.
        low_between: The 95 % interval of the lower bound; NaN where none is known.
        high_between: That of the upper bound.
        shape: What kind of distribution it is; ``None`` where that was not asked.
        draws: How many independent draws it rests on.
        middle: The median.
        deviation: The standard deviation, which a few strays at the ends do not reach.
        away: How far each view lies from their median, sorted.
        alike: How many views count as one, because those of a batch share a draw.
    """

    low: float
    high: float
    random: bool
    views: int
    core: float | None = None
    inner: tuple[float, float] = (np.nan, np.nan)
    halves: Halves = Halves()
    low_between: tuple[float, float] = (np.nan, np.nan)
    high_between: tuple[float, float] = (np.nan, np.nan)
    shape: Shape | None = None
    draws: int = 0
    middle: float = np.nan
    deviation: float = np.nan
    away: Array = field(default_factory=lambda: np.zeros(0), compare=False, repr=False)
    alike: float = 1.0

    @property
    def width(self) -> float:
        """Upper less lower bound."""
        return self.high - self.low

    @property
    def firm(self) -> float:
        """The width, without what a few views that were registered badly add to it."""
        return self.width if self.core is None else self.core

    @staticmethod
    def even(low: float, high: float) -> Spread:
        """What draws that are spread evenly between two bounds show."""
        inside = 0.05 * (high - low)
        return Spread(low, high, random=True, views=0, inner=(low + inside, high - inside))


def share_between(found: Spread, *, z: float = 1.96) -> tuple[float, float]:
    """The interval of a share, from as many draws as its views stand for; of none all of 0 to 1."""
    if not found.views:
        return 0.0, 1.0
    draws = max(1, round(found.views / found.alike))
    return wilson(round(found.low * draws), draws, z=z)


def sound_views(views: Views) -> Array:
    """Which views are registered about as well as most of their side, shape ``(views,)``.

    Where nearly all fit to the last digit, one that leaves a tenth has found another place: few
    points, or a picture that is much like itself elsewhere, let it.
    """
    usual = float(np.median(views.residual)) if len(views) else 0.0
    return views.residual <= max(_SOUND, _LARGER * usual)


@dataclass(frozen=True, slots=True)
class Scale:
    """How a parameter is measured.

    Attributes:
        noise: Width up to which it varies by nothing but the registration's own noise.
        neutral: The value that changes nothing.
        unsure: Deviation by which a bound may be off however many views there are.
        unsure_share: The same as a share of half the range, added to it.
    """

    noise: float
    neutral: float = 0.0
    unsure: float = 0.0
    unsure_share: float = 0.0


def spread_of(
    values: Array,
    noise: float | Scale,
    example: Array | None = None,
    sound: Array | None = None,
    *,
    group: Array | None = None,
    lost: float = 0.0,
) -> Spread:
    """The distribution of a parameter.

    Args:
        values: One per view; NaN where it is not known.
        noise: Width up to which it varies by nothing but the registration's own noise, or how
            it is measured.
        example: A number for the example each view shows, where it may be a property of those.
        sound: Which views evidence may rest on, all by default.
        group: A number for the draw that each view shows, where several show one.
        lost: Share of the views that could not be registered.
    """
    scale = noise if isinstance(noise, Scale) else Scale(noise)
    kept = np.isfinite(values)
    sound = kept if sound is None else sound
    values, sound = values[kept], sound[kept]
    example, group = (None if each is None else each[kept] for each in (example, group))
    if not len(values):
        return Spread(np.nan, np.nan, random=False, views=0)
    if not sound.any():
        sound = np.ones(len(values), bool)
    low, high, core, five, most = (float(q) for q in _figures(values, values[sound]))
    random = min(core, high - low) > scale.noise and not _belongs(values, example)
    halves, middle = _halves(values, sound), float(np.median(values))
    # All of them: which are sound hangs on how well those of this side were registered.
    away = np.sort(np.abs(values - np.median(values)))
    if not random:
        return Spread(
            low, high, random, len(values), core, (five, most), halves, middle=middle, away=away
        )
    draws = values if group is None else _per_draw(values, group)
    shape = shape_of(draws, neutral=scale.neutral, noise=max(scale.noise / 3, 1e-6), lost=lost)
    if shape.untouched and shape.touched.sum() >= _TOUCHED:
        # Where most views are left as they are, the outer hundredth is not all of the range.
        draws = draws[shape.touched]
    unsure = scale.unsure + scale.unsure_share * (high - low) / 2
    ends = bounds_of(draws, noise=unsure)
    if shape.kind == "discrete":
        first, last = shape.values[0], shape.values[-1]
        ends = Bounds(first, last, *((end - 2 * unsure, end + 2 * unsure) for end in (first, last)))
    least, last = ends.low_between[0], ends.high_between[1]
    if shape.kind in {"normal", "other", "undecided"}:
        # What thins out towards its ends may reach further than any of a few hundred draws.
        least, last = min(least, _reach(draws, 0.0)), max(last, _reach(draws, 1.0))
    # Of those that were lost, half may lie beyond either end.
    further = min(lost, _MOST_LOST) / 2 * (high - low)
    return Spread(
        ends.low,
        ends.high,
        random,
        len(values),
        core,
        (five, most),
        halves,
        (least - further, ends.low_between[1]),
        (ends.high_between[0], last + further),
        shape,
        len(draws),
        middle,
        _deviation(values),
        away,
    )


def _reach(draws: Array, end: float) -> float:
    """Where the lower (0) or upper (1) end lies if few draws come near it.

    As many as grow with a power of the distance from it lie outside of each quantile: two of
    them tell where it is.
    """
    near, far = (float(np.quantile(draws, abs(end - share))) for share in (0.01, 0.05))
    return near + (near - far) / (5 ** (1 / _THINS) - 1)


def _deviation(values: Array) -> float:
    first, last = np.quantile(values, (0.01, 0.99))
    return float(values.clip(first, last).std())


def _per_draw(values: Array, group: Array) -> Array:
    """The median of the views of each draw."""
    order = np.lexsort((values, group))
    _, start, sizes = np.unique(group[order], return_index=True, return_counts=True)
    ordered = values[order]
    return (ordered[start + (sizes - 1) // 2] + ordered[start + sizes // 2]) / 2


def _figures(values: Array, sound: Array) -> Array:
    """Lower and upper bound, the width without outer views, the 5 % and the 95 % quantile.

    Args:
        values: Views along the last axis.
        sound: The sound ones of them, along the last axis.

    Returns:
        The five along the first axis.
    """
    first, last = np.quantile(values, (0.01, 0.99), axis=-1)
    # Quantiles shrug off a stray registration; what they cut off a uniform draw is put back.
    rest = (last - first) * 0.01 / 0.98
    # A handful of views registered badly is no augmentation.
    low, five, most, high = np.quantile(sound, (_STRAY, 0.05, 0.95, 1 - _STRAY), axis=-1)
    return np.stack([first - rest, last + rest, (high - low) / (1 - 2 * _STRAY), five, most])


def _halves(values: Array, sound: Array) -> Halves:
    if len(values) < LEAST_VIEWS:
        return Halves()
    random = np.random.default_rng(0)
    # Sound views are halved by themselves, so that each half has some.
    mixed = [
        [values[random.permutation(np.flatnonzero(one))] for one in (sound, ~sound)]
        for _ in range(_SPLITS)
    ]
    parts = [np.stack(part) for part in zip(*mixed, strict=True)]
    one, other = (
        _figures(np.concatenate([part[:, start::2] for part in parts], 1), parts[0][:, start::2])
        for start in (0, 1)
    )
    low, high, core, five, most = (float(q) for q in np.abs(one - other).max(axis=1))
    return Halves(low, high, core, five, most)


def _belongs(values: Array, example: Array | None) -> bool:
    """Whether a parameter is a property of each example: the same in all of its views."""
    if example is None:
        return False
    _, group, sizes = np.unique(example, return_inverse=True, return_counts=True)
    again = sizes[group] > 1
    if again.sum() < 2 * LEAST_VIEWS:
        return False
    means = np.bincount(group, values) / sizes
    within = (
        np.abs(values - means[group])[again]
        * np.sqrt(sizes[group] / np.maximum(sizes[group] - 1, 1))[again]
    )
    between = np.abs(values[again] - np.median(values[again]))
    return bool(np.quantile(within, 1 - _STRAY) < _OWN * np.quantile(between, 1 - _STRAY))


def differ(left: Spread, right: Spread, *, tolerance: float, bounded: bool = True) -> bool:
    """Whether two parameters differ: random on one side only, or with other bounds.

    What two halves of one side differ by is no difference of the sides. Bounds of two draws
    against each other (``bounded=False``) are compared by their widths, since the noise of both
    views is in them.
    """
    a, b = left.halves, right.halves
    draws = min(each.views / each.alike for each in (left, right))
    few = 1 + _STRAYS / max(1, draws) if draws else 1
    if nearer(left, right, tolerance):
        return True
    if not bounded:
        narrow, wide = sorted((left.firm, right.firm))
        least = max(2 * tolerance, 0.5 * few * narrow, a.core, b.core)
        random = left.random or right.random
        return random and wide - narrow > least and surely_wider(left, right)
    if left.random != right.random:
        return True
    if not left.random:
        return False
    if _otherwise_often(left, right) or _far_wider(left, right, tolerance, few):
        return True
    slack = max(tolerance, 0.25 * few * max(left.width, right.width))
    ends = (
        (left.low - right.low, max(a.low, b.low)),
        (left.high - right.high, max(a.high, b.high)),
    )
    inside = (
        (left.inner[0] - right.inner[0], max(a.five, b.five)),
        (left.inner[1] - right.inner[1], max(a.most, b.most)),
    )
    # Bounds rest on a few views; where policies differ, the views inside them do as well.
    return any(
        abs(outer) > max(slack, unsure) and not abs(inner) <= max(_INSIDE * slack, doubtful)
        for (outer, unsure), (inner, doubtful) in zip(ends, inside, strict=True)
    )


def nearer(left: Spread, right: Spread, tolerance: float) -> bool:
    """Whether far more of one side's views are left about as they are, of ranges that are wide."""
    if not (left.random and right.random) or max(left.firm, right.firm) < _WIDE * tolerance:
        return False
    if not (len(left.away) and len(right.away)):
        return False
    shares: list[tuple[float, float]] = []
    for one in (left, right):
        draws = max(1, round(len(one.away) / one.alike))
        shares.append(wilson(round(left_alone(one, tolerance) * draws), draws, z=_SURELY))
    return max(low for low, _ in shares) - min(high for _, high in shares) > _OFTEN


def left_alone(found: Spread, tolerance: float) -> float:
    """The share of views that lie near their middle."""
    return float(np.searchsorted(found.away, NEAR * tolerance, "right")) / max(1, len(found.away))


def _far_wider(left: Spread, right: Spread, tolerance: float, few: float) -> bool:
    """Whether one side reaches half as far again as the other could, and surely so.

    Of a wide range the outermost views are lost first: half of it may be missing at either end, so
    the narrow side is taken as wide as what it lost allows.
    """
    narrow, wide = sorted((left, right), key=lambda one: one.firm)
    reach = max(narrow.firm, narrow.high_between[1] - narrow.low_between[0])
    least = max(2 * tolerance, 0.5 * few * reach, left.halves.core, right.halves.core)
    return wide.firm - reach > least and surely_wider(left, right)


def surely_wider(left: Spread, right: Spread) -> bool:
    """Whether one side's views lie further from their middle than the other's, in ranks.

    Of two sides with one policy either is as likely to, whatever that draws from: a width rests
    on the few outermost views, ranks on all of them.
    """
    mine, theirs = left.away, right.away
    count, other = len(mine), len(theirs)
    if not count or not other:
        return False
    below = np.searchsorted(theirs, mine, "left") + np.searchsorted(theirs, mine, "right")
    share = float(below.mean()) / (2 * other)
    deviation = np.sqrt((count + other + 1) / (12 * count * other) * max(left.alike, right.alike))
    return abs(share - 0.5) > _SURELY * deviation


def _otherwise_often(left: Spread, right: Spread) -> bool:
    """Whether one side leaves another share of its examples as they are."""
    shares = [
        wilson(round(one.shape.untouched * len(one.shape.touched)), len(one.shape.touched))
        for one in (left, right)
        # None seen may mean that the range is too narrow to tell.
        if one.shape is not None and one.shape.untouched
    ]
    if len(shares) < 2:
        return False
    return max(low for low, _ in shares) - min(high for _, high in shares) > _UNTOUCHED
