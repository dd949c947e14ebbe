"""The augmentation policy of a side, recovered from how its views were taken."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import partial

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._policy._both import both
from twinfeed.diff._policy._closer import Closer, look_closer
from twinfeed.diff._policy._conventions import Way
from twinfeed.diff._policy._flips import Share, Ways, flipped, shares
from twinfeed.diff._policy._kept import kept_as_stated
from twinfeed.diff._policy._mirrors import shared_mirrors
from twinfeed.diff._policy._parameters import (
    MOVES,
    NO_PART,
    count_as_one,
    parameters,
    shared_between,
)
from twinfeed.diff._policy._randomness import Randomness, randomness
from twinfeed.diff._policy._spread import (
    LEAST_VIEWS,
    Scale,
    Spread,
    spread_of,
)
from twinfeed.diff._policy._stated import stated_ranges
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.diff._views._reference import MOST, Basis
from twinfeed.diff._views._register import Views
from twinfeed.diff._views._threads import of_each
from twinfeed.stats.intervals import wilson

_FEW = 0.4  # share of views below which those that could be registered are the odd ones
_ORDERED = ("zoom_y", "shift_x", "shift_y")
"""Moves that are other numbers in another order of steps."""
_WIDE = 45.0  # degrees by which a tenth of the views are turned
_FAR_OFF = 0.15  # of the picture, by which a tenth of them are shifted
_MIXED = 0.02  # share of flips, both ways, that makes a flip random
_MISREAD = 0.15  # share of flips up to which they may be none: far turned pictures fit either way
MOST_LOST = 0.35
"""Share of the examples without a partner above which more than patches hides them."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What one side does to its examples at random.

    Attributes:
        randomness: How often it draws anew.
        basis: What the views were held against; bounds of ``epochs`` are relative only, those
            of ``stated`` are of the graph, of draws that never change.
        views: Views that were registered.
        tried: Views that were compared, or should have found their like in the next epoch.
        flip_x: Share mirrored left to right.
        flip_y: Share mirrored top to bottom; where some are turned by quarters, those mirrored
            this way count as mirrored left to right and turned by a half.
        turned: Share turned by one to three quarters, where some are turned by one or three.
        zoom_x: Scale of columns; above 1 the view shows more, smaller.
        zoom_y: Scale of rows.
        rotation_degrees: Rotation.
        shear_degrees: Shear.
        shift_x: Shift as a share of the width.
        shift_y: Shift as a share of the height.
        brightness: What is added, as a share of the value range.
        contrast: Factor on values, 1 where nothing is done.
        pivot: The value that the factor leaves alone: ``black``, the ``mean`` of a picture, or
            its mean ``per channel``.
        level: What is added at each picture's own mean, whatever value the factor leaves alone.
        absolute: Whether brightness and contrast are in units that were known beforehand; where
            not, they are against the middle view.
        channel_shift: What is added to one channel, as a share of the value range, where each
            channel gets an amount of its own.
        saturation: Factor on the distance from grey, beyond that on values.
        hue_degrees: By how much colours are turned about the grey axis, red to green above 0.
        erased: Share of examples with a rectangle that is overwritten.
        erased_height: Its height as a share of the picture's.
        erased_width: Its width.
        erased_area: Its area.
        erased_fill: ``constant``, ``colours`` (one value in each), ``noise``, ``picture``,
            ``mixed``, or ``""`` without any.
        erased_value: The constant, as a share of the range from black.
        fill_mode: What is put where a view shows more than its picture has: ``nearest``,
            ``constant``, ``reflect``, ``wrap``, or ``""`` where that cannot be told.
        fill_value: The constant, as a share of the range from black.
        fill_views: Views that show enough of it.
        shared: Of what varies, the share of the variance that stands between batches rather
            than inside them: near 1 where a whole batch shares a draw, 0 where each example
            has its own; NaN where that cannot be told. The largest of all parameters.
        shared_of: The same of each parameter that is random.
        left: What each view shows beyond all that, as a share of its spread.
        way: The order of steps that moves are told in.
        retold: Moves that depend on it, told in the other side's, where that is another one.
    """

    randomness: Randomness
    basis: str
    views: int
    tried: int
    flip_x: Spread
    flip_y: Spread
    turned: Spread
    zoom_x: Spread
    zoom_y: Spread
    rotation_degrees: Spread
    shear_degrees: Spread
    shift_x: Spread
    shift_y: Spread
    brightness: Spread
    contrast: Spread
    pivot: str
    level: Spread
    absolute: bool
    channel_shift: Spread
    saturation: Spread
    hue_degrees: Spread
    erased: Spread
    erased_height: Spread
    erased_width: Spread
    erased_area: Spread
    erased_fill: str
    erased_value: float
    fill_mode: str
    fill_value: float
    fill_views: int
    shared: float
    shared_of: Mapping[str, float]
    left: Array
    way: Way
    retold: Mapping[str, Spread]

    @property
    def known(self) -> bool:
        """Whether enough views were registered to speak of parameters, or nothing is random."""
        if self.randomness.state == "none":
            return True
        return self.views >= max(LEAST_VIEWS, _FEW * self.tried) and not self.keeps_draws

    @property
    def keeps_draws(self) -> bool:
        """Whether what was drawn once and kept shows nothing against its own next epoch."""
        return self.randomness.state not in {"fresh", "none"} and self.basis == "epochs"

    @property
    def moves(self) -> bool:
        """Whether the views are zoomed or shifted at random."""
        return any(one.random for one in (self.zoom_x, self.zoom_y, self.shift_x, self.shift_y))

    @property
    def bounded(self) -> bool:
        """Whether bounds are those of the policy itself and not of two draws against each other."""
        return (
            self.basis in {"plain", "other plain", "other", "stated"} and self.views >= LEAST_VIEWS
        )


SPREADS = tuple(
    field.name for field in fields(Policy) if field.type == "Spread" and field.name != "level"
)
"""Names of the parameters that have a distribution; ``level`` is brightness, told another way."""


def policy(twins: Twins, name: SideName) -> Policy:
    """Recover the policy of one side."""
    return _policies(twins)[name]


@remembered
def _policies(twins: Twins) -> dict[SideName, Policy]:
    own: dict[SideName, Policy] = of_each(partial(_policy, twins), SIDES)
    if all(own[name].keeps_draws for name in SIDES):
        return _as_stated(twins, own)
    if own["A"].way == own["B"].way or not (own["A"].moves and own["B"].moves):
        return own
    return {
        name: replace(
            own[name],
            retold={each: getattr(_policy(twins, name, own[other].way), each) for each in _ORDERED},
        )
        for name, other in EACH_WAY
    }


def _as_stated(twins: Twins, own: dict[SideName, Policy]) -> dict[SideName, Policy]:
    """The policies that two sides state whose draws never change, where pairs bear that out."""
    stated = stated_ranges(twins.left), stated_ranges(twins.right)
    if stated[0] is None or stated[1] is None:
        return own
    fields = kept_as_stated(both(twins), (stated[0], stated[1]))
    if fields is None:
        return own
    return {name: replace(own[name], **each) for name, each in zip(SIDES, fields, strict=True)}


def _policy(twins: Twins, name: SideName, way: Way | None = None) -> Policy:
    found, views, basis = randomness(twins, name), twins.views[name], twins.basis[name]
    # What never changes is no augmentation, whatever a reference says of it.
    moving = found.state != "none" and not found.in_doubt and len(views) >= LEAST_VIEWS
    ways = _ways(twins, name, fresh=found.state == "fresh", moving=moving)
    mirrored = shares(ways.across, ways.down)
    closer = look_closer(twins, name) if moving else Closer.nothing(len(views))
    lost = _lost(twins, name, views)
    varying = parameters(
        views,
        closer,
        basis,
        moving=moving,
        fresh=found.state == "fresh",
        lost=lost,
        batches=int(twins.side(name).rows.batch.max(initial=0)) + 1,
        way=way,
    )
    spreads, shared = dict(varying.spreads), dict(varying.shared)
    sizes = closer.patches
    erased = _share(sizes.erased, moving=moving and bool(sizes.filling))
    erased = replace(erased, random=moving and bool(sizes.filling))
    if erased.random and lost < MOST_LOST:
        # Those that found no like are erased too, where nothing else hides them.
        least, most = (
            end * (1 - lost) for end in wilson(round(erased.low * len(views)), len(views))
        )
        # Where two draws are held against each other, the other one may have hidden them.
        one = basis.kind != "epochs"
        share = erased.low * (1 - lost) + lost * one
        moved = not one or any(spreads[field].random for field in MOVES)
        between = (least if moved else least + lost, most + lost)
        erased = replace(erased, low=share, high=share, low_between=between)
    for field, values in (
        ("erased_height", sizes.height),
        ("erased_width", sizes.width),
        ("erased_area", sizes.height * sizes.width),
    ):
        spreads[field] = spread_of(
            values[sizes.erased],
            Scale(0.0 if erased.random else np.inf, 0.0, 0.005, 0.02),
            group=None if found.state == "fresh" else basis.example[views.index][sizes.erased],
            lost=lost,
        )
    flips = {
        axis: _flip(share, len(ways), _together(each, views, basis), moving=moving)
        for axis, share, each in zip(
            ("flip_x", "flip_y"), mirrored, (views.flip_x, views.flip_y), strict=True
        )
    }
    for axis, flip in flips.items():
        if flip.random and flip.low >= _MISREAD:
            shared[axis] = _in_common(getattr(views, axis), views, basis)
    if erased.random:
        batch = basis.batch[views.index]
        # One rectangle for a whole batch lies at one place in all of it.
        places = [sizes.top + sizes.height / 2, sizes.left + sizes.width / 2]
        shared["erased"] = min(shared_between(place, batch) for place in places)
    return Policy(
        randomness=found,
        basis=basis.kind,
        views=len(views),
        tried=max(views.tried, _due(twins, name)),
        **flips,
        turned=_share(ways.transposed, moving=moving),
        pivot=closer.pivot,
        absolute=closer.absolute,
        erased=erased,
        erased_fill=sizes.filling,
        erased_value=sizes.value,
        fill_mode=closer.fill.mode,
        fill_value=closer.fill.value,
        fill_views=closer.fill.views,
        shared=max((one for one in shared.values() if not math.isnan(one)), default=math.nan),
        shared_of=shared,
        left=closer.left,
        way=varying.way,
        retold={},
        **spreads,
    )


def _lost(twins: Twins, name: SideName, views: Views) -> float:
    """Share of a side's examples without a partner, or that could not be registered.

    Where the two sides do not hold as many examples, some have no partner at all: only what
    was tried counts then.
    """
    pairs = twins.pairs
    rows = len(pairs.left_rows), len(pairs.right_rows)
    registered = len(views) / max(1, views.tried)
    if not twins.basis[name].kind.startswith("other") or not rows[0] or rows[0] != rows[1]:
        return 1 - registered
    return 1 - len(pairs) / rows[0] * registered


def _due(twins: Twins, name: SideName) -> int:
    """Examples shown of the first epoch and due in the next, where views are held against it."""
    again = twins.epochs_of(name)
    if twins.basis[name].kind != "epochs" or again is None:
        return 0
    trace = twins.side(name)
    first, later = (
        np.isin(rows, trace.shown) for rows in (again.pairs.left_rows, again.pairs.right_rows)
    )
    # Which of a changed example's draws are shown is chance, unless it has a name.
    due = 1.0 if trace.rows.id.all() else float(later.mean())
    return min(MOST, round(int(first.sum()) * due))


def _ways(twins: Twins, name: SideName, *, fresh: bool, moving: bool) -> Ways:
    """Which way round a side's views are, from all of its examples where they can be told."""
    views, trace, other = twins.views[name], twins.side(name), twins.other(name)
    own = Ways(views.flip_x, views.flip_y, views.transposed)
    if not moving:
        return own
    moved = np.maximum(np.abs(views.shift_x), np.abs(views.shift_y))
    if any(
        np.quantile(far, 0.9) > most
        for far, most in ((np.abs(views.rotation_degrees), _WIDE), (moved, _FAR_OFF))
    ):
        return own  # moved this far, a coarse view fits in a wrong way
    sideways = bool(views.transposed.any())
    quartered = _flip(Share(float(views.transposed.mean())), len(views), moving=True).random
    kind = twins.basis[name].kind
    found, again = own, twins.epochs_of(name)
    if kind == "plain":
        known = np.isin(trace.rows.id, trace.plain_shown)
        # What was drawn once is seen again in every epoch, and is no draw more.
        rows = np.flatnonzero(known if fresh else known & (trace.rows.epoch == 0))
        rows = twins.drawn(name, rows)
        found = flipped(trace, rows, trace, rows, sideways=sideways)
    elif kind.startswith("other"):
        mine, theirs = _next_too(twins, name) if fresh and kind == "other" else _paired(twins, name)
        found = flipped(trace, mine, other, theirs, sideways=sideways)
    elif again is not None:
        fairly = again.fairly
        rows = again.pairs.left[fairly], again.pairs.right[fairly]
        found = flipped(trace, rows[1], trace, rows[0], sideways=sideways)
    found = found if len(found) >= LEAST_VIEWS else own
    # All eight are a mirror image or none, turned by quarters: no two flips describe them.
    return found.quartered if quartered else replace(found, transposed=np.zeros(len(found), bool))


def _paired(twins: Twins, name: SideName) -> tuple[Array, Array]:
    """Rows of a side, and rows of the other one with the same examples."""
    pairs = twins.pairs
    return (pairs.left, pairs.right) if name == "A" else (pairs.right, pairs.left)


def _next_too(twins: Twins, name: SideName) -> tuple[Array, Array]:
    """The same, with a side's next epoch, which is another draw of each example."""
    mine, theirs = _paired(twins, name)
    again = twins.epochs_of(name)
    if again is None:
        return mine, theirs
    known = dict(zip(mine.tolist(), theirs.tolist(), strict=True))
    both = zip(again.pairs.left.tolist(), again.pairs.right.tolist(), strict=True)
    later = np.array([(row, known[first]) for first, row in both if first in known], int)
    later = later.reshape(-1, 2)
    return np.concatenate([mine, later[:, 0]]), np.concatenate([theirs, later[:, 1]])


def _share(flips: Array, *, moving: bool) -> Spread:
    share = float(flips.mean()) if len(flips) else 0.0
    return Spread(share, share, moving and _MIXED < share < 1 - _MIXED, len(flips))


def _flip(share: Share, count: int, alike: float = 1.0, *, moving: bool) -> Spread:
    """A share that is surely more than what single pictures told wrongly make of it."""
    value, whole = share.value, max(1, round(count / share.alike))
    mixed = bool(count) and wilson(round(min(value, 1 - value) * whole), whole)[0] > _MIXED
    return Spread(value, value, moving and mixed, count, alike=alike * share.alike)


def _together(flips: Array, views: Views, basis: Basis) -> float:
    """How many views count as one, where whole batches are mirrored."""
    batch = basis.batch[views.index]
    if not len(basis.before):
        return count_as_one(flips.astype(float), batch)
    share = _in_common(flips, views, basis)
    if math.isnan(share):
        return count_as_one(flips.astype(float), batch, basis.before[views.index])
    size = len(batch) / max(1, len(set(batch.tolist())))
    return 1 + (size - 1) * share if share > NO_PART else 1.0


def _in_common(flips: Array, views: Views, basis: Basis) -> float:
    """How far whole batches are mirrored, 0 to 1; NaN where that cannot be told."""
    batch = basis.batch[views.index]
    if not len(basis.before):
        return shared_between(flips.astype(float), batch)
    return shared_mirrors(flips, batch, basis.before[views.index])
