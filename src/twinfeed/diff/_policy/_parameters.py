"""The distribution of every parameter of a side's views, and how many views share a draw of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._policy._closer import Closer
from twinfeed.diff._policy._colours import HUE_NOISE, SATURATION_NOISE
from twinfeed.diff._policy._conventions import Way, conventions
from twinfeed.diff._policy._spread import LEAST_VIEWS, Scale, Spread, sound_views, spread_of
from twinfeed.diff._views._reference import SIDE, Basis
from twinfeed.diff._views._register import Views

MOVES = ("zoom_x", "zoom_y", "rotation_degrees", "shear_degrees", "shift_x", "shift_y")
_LEAST_IN_BATCH, _LEAST_BATCHES = 3, 5  # views of a batch, and batches, to compare draws
_HIDDEN = 2.5  # times wider is what says nothing, where every view has a patch
_MIXED = 499  # ways to mix the views among batches, of which none may look as shared
_OUTER = 0.05  # of the views, at either end, that may be registered badly
NO_PART = 0.3  # share of the variance between batches up to which each example draws by itself
PER_BATCH = 0.8  # share of the variance between batches from which each shares a draw


@dataclass(frozen=True, slots=True)
class Parameters:
    """What varies in a side's views.

    Attributes:
        spreads: The distribution of each parameter, by name.
        shared: Of those that are random, the share of the variance that stands between
            batches; NaN where that cannot be told.
        way: The order of steps that they are told in.
    """

    spreads: Mapping[str, Spread]
    shared: Mapping[str, float]
    way: Way


def parameters(
    views: Views,
    closer: Closer,
    basis: Basis,
    *,
    moving: bool,
    fresh: bool,
    lost: float,
    batches: int,
    way: Way | None = None,
) -> Parameters:
    """The distribution of each parameter.

    Args:
        views: The registered views.
        closer: What they show in colour.
        basis: What they were held against.
        moving: Whether anything is drawn at random.
        fresh: Whether it is drawn anew in each epoch.
        lost: Share of the views that could not be registered.
        batches: Batches of an epoch, as ``basis.batch`` counts them.
        way: The order of steps to tell them in; the one that spreads them least by default.
    """
    sound = sound_views(views)
    erased = closer.patches.erased & bool(closer.patches.filling)
    whole = ~erased
    wider = 1.0
    if erased.any():
        # What hides a part of a picture makes all that is registered of it less certain.
        if (sound & whole).sum() >= 2 * LEAST_VIEWS:
            sound = sound & whole
        else:
            whole, wider = np.ones(len(views), bool), _HIDDEN
    batch, one = basis.batch[views.index], basis.example[views.index]
    place = batch % batches
    before = basis.before[views.index] if len(basis.before) else None
    columns, way = _columns(views, closer, basis, sound, way)
    example = one if fresh else None  # only what is drawn anew can be told from what one is like
    shared: dict[str, float] = {}

    def spread(name: str, values: Array, scale: Scale, trusted: Array | None = None) -> Spread:
        between = shared_between(values, batch)
        # What was drawn once is seen again in every epoch.
        group = None if fresh else one
        if between > PER_BATCH:
            # A draw that comes again at the same place of each epoch is one draw.
            group = place if shared_between(values, place) > PER_BATCH else batch
        scale = replace(scale, noise=scale.noise * wider)
        values = np.where(whole, values, np.nan)
        found = spread_of(values, scale, example, trusted, group=group, lost=lost)
        if before is not None:
            between = shared_by_both(values, batch, before)
        seen_in = (batch,) if before is None else (batch, before)
        found = replace(found, alike=count_as_one(values, *seen_in))
        if found.random:
            shared[name] = between
        return found if moving else replace(found, random=False)

    shift = closer.channel_shift
    if not spread("contrast", *columns["contrast"]).random:
        # No factor is drawn: what is left of one is not to be told as something added.
        shift = closer.level
        columns["brightness"] = (shift.mean(axis=1), _BRIGHTNESS)
    # Values that are cut off are registered worse the more is added: those are no strays.
    spreads = {
        field: spread(field, *column, sound if field in MOVES else None)
        for field, column in columns.items()
    }
    # At a picture's own mean it hangs on no pivot: told for comparison, and no parameter by itself.
    spreads["level"] = spread("level", closer.level.mean(axis=1), _BRIGHTNESS)
    shared.pop("level", None)
    own = spread("channel_shift", shift[:, 0], _BRIGHTNESS) if closer.by_channel else None
    # What all channels share is no shift of single ones.
    alone = shift if closer.by_channel else shift - shift.mean(axis=1, keepdims=True)
    # A patch of another colour adds to each channel something else.
    alone = np.where(whole[:, None], alone, np.nan)
    channels = spread_of(
        alone.ravel(), replace(_BRIGHTNESS, noise=0.0 if own and own.random else np.inf)
    )
    # What is common to the channels of a picture counts once.
    each = shift.shape[1] * (own.alike if own else 1.0)
    spreads["channel_shift"] = replace(channels, alike=each)
    if not spreads["channel_shift"].random:
        shared.pop("channel_shift", None)
    if spreads["channel_shift"].random and closer.independent:
        spreads["brightness"] = replace(spreads["brightness"], random=False)
        shared.pop("brightness", None)
    return Parameters(spreads, shared if moving else {}, way)


NOISE = {
    "zoom_x": 0.03,
    "zoom_y": 0.03,
    "rotation_degrees": 2.0,
    "shear_degrees": 2.0,
    "shift_x": 0.02,
    "shift_y": 0.02,
    "contrast": 0.08,
    "brightness": 0.03,
    "saturation": SATURATION_NOISE,
    "hue_degrees": HUE_NOISE,
}
"""Widths up to which a parameter varies by nothing but the noise of fine views."""
# Values are cut to whole levels, and those at the ends of the range cut off.
_BRIGHTNESS = Scale(NOISE["brightness"], unsure=0.006, unsure_share=0.02)


def _columns(
    views: Views, closer: Closer, basis: Basis, sound: Array, way: Way | None
) -> tuple[dict[str, tuple[Array, Scale]], Way]:
    zoom_y, shift_x, shift_y, way = conventions(views, sound, way)
    coarse = max(1.0, SIDE / basis.view.shape[-1])
    zoom = Scale(NOISE["zoom_x"], 1.0, 0.003 * coarse, 0.02)
    shift = Scale(NOISE["shift_x"], 0.0, 0.001 * coarse, 0.02)
    columns = {
        "zoom_x": (views.zoom_x, zoom),
        "zoom_y": (zoom_y, zoom),
        "rotation_degrees": (
            views.rotation_degrees,
            Scale(NOISE["rotation_degrees"], 0.0, 0.2 * coarse, 0.01),
        ),
        # Of two points that are a coarse pixel apart, the angle is less certain.
        "shear_degrees": (
            views.shear_degrees,
            Scale(NOISE["shear_degrees"] * coarse**2, 0.0, 0.3 * coarse, 0.01),
        ),
        "shift_x": (shift_x, shift),
        "shift_y": (shift_y, shift),
        # Interpolation alone flattens by nearly as much, and small pictures more.
        "contrast": (
            closer.contrast,
            Scale(NOISE["contrast"] * coarse**1.5, 1.0, 0.008 * coarse, 0.02),
        ),
        "brightness": (closer.brightness, _BRIGHTNESS),
        "saturation": (
            closer.saturation,
            Scale(SATURATION_NOISE * coarse, 1.0, 0.01 * coarse, 0.02),
        ),
        "hue_degrees": (closer.hue_degrees, Scale(HUE_NOISE * coarse, 0.0, 0.5 * coarse, 0.02)),
    }
    return columns, way


def shared_by_both(values: Array, batch: Array, before: Array) -> float:
    """The share of the variance that stands between batches of two views held against each other.

    Each is the draw of one batch less that of another: what a sum of one number for either leaves.

    Args:
        values: One per view; NaN where it is not known.
        batch: A number for the batch that each came in.
        before: The same of what it was held against.

    Returns:
        NaN for too few views.
    """
    known = np.isfinite(values)
    values = values[known]
    own, other = (np.unique(each[known], return_inverse=True)[1] for each in (batch, before))
    if len(values) < 2 * LEAST_VIEWS:
        return math.nan
    parts = np.concatenate([np.eye(each.max() + 1)[each] for each in (own, other)], axis=1)
    basis, strength, _ = np.linalg.svd(parts, full_matrices=False)
    basis = basis[:, strength > strength[0] * 1e-9]
    freedom = len(values) - basis.shape[1]
    if freedom < LEAST_VIEWS or min(own.max(), other.max()) + 1 < _LEAST_BATCHES:
        return math.nan
    # A few registered badly would be all of the variance, and fitted by chance where little was
    # seen of their batches: they count as the outermost of the others do, and what mixed views
    # show as well is chance.
    values = values.clip(*np.quantile(values, (_OUTER, 1 - _OUTER)))
    total = float(values.var(ddof=1))
    if not total > 0:
        return math.nan
    random = np.random.default_rng(0)
    mixed = np.array([values, *(random.permutation(values) for _ in range(_MIXED))])
    mixed -= values.mean()
    left = np.square(mixed).sum(axis=1) - np.square(mixed @ basis).sum(axis=1)
    share, *chance = (1 - left / (freedom * total)).tolist()
    return float(share) if share <= NO_PART or share > max(chance) else math.nan


def count_as_one(values: Array, *batches: Array) -> float:
    """How many views count as one draw, because those of a batch share it; at least 1.

    Other than where it is told whether draws are shared, what few batches leave in doubt counts
    as shared here: of two batches that are zoomed otherwise, nothing follows for a policy.

    Args:
        values: One per view; NaN where it is not known.
        batches: A number for the batch that each came in, and for that of what it was held
            against, where that was drawn as well.
    """
    known = np.isfinite(values)
    values = values[known]
    groups = [np.unique(each[known], return_inverse=True)[1] for each in batches]
    count = len(values)
    size = count / (1 + min((int(each.max(initial=0)) for each in groups), default=0))
    if count < 2 or size <= 1:
        return 1.0
    parts = np.concatenate([np.eye(each.max() + 1)[each] for each in groups], axis=1)
    basis, strength, _ = np.linalg.svd(parts, full_matrices=False)
    basis = basis[:, strength > strength[0] * 1e-9]
    freedom = count - basis.shape[1]
    values = values.clip(*np.quantile(values, (_OUTER, 1 - _OUTER)))
    values = values - values.mean()
    total = float(values.var(ddof=1))
    if not total > 0:
        return 1.0
    if freedom < _LEAST_BATCHES:
        return size
    left = float(np.square(values).sum() - np.square(values @ basis).sum())
    share = 1 - left / (freedom * total)
    return 1 + (size - 1) * share if share > NO_PART else 1.0


def shared_between(values: Array, batch: Array) -> float:
    """The share of the variance that stands between batches; NaN for too few views.

    Args:
        values: One per view; NaN where it is not known.
        batch: A number for the batch that each came in.
    """
    known = np.isfinite(values)
    values, batch = values[known], batch[known]
    _, group, sizes = np.unique(batch, return_inverse=True, return_counts=True)
    inside = sizes[group] >= _LEAST_IN_BATCH
    if len(set(group[inside].tolist())) < _LEAST_BATCHES:
        return math.nan
    means = np.bincount(group, values) / sizes
    within = np.square(values - means[group]) * (sizes / np.maximum(sizes - 1, 1))[group]
    total = values[inside].var()
    return float(1 - within[inside].mean() / total) if total > 0 else math.nan
