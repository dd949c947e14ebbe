"""What registered views show beyond where they were taken from: tones, patches, filling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._policy._cells import Cells, cells
from twinfeed.diff._policy._colours import colours
from twinfeed.diff._policy._fill import NO_FILL, Fill, fill
from twinfeed.diff._policy._patches import Patches, no_patches, patches
from twinfeed.diff._policy._patches_of_two import patches_of_two
from twinfeed.diff._policy._tones import Tones, tones
from twinfeed.diff._twins import SideName, Twins
from twinfeed.diff._views._reference import Basis
from twinfeed.diff._views._register import Views

_APART = 0.35  # correlation of two channels' amounts below which each is drawn by itself
_TOGETHER = 0.9  # correlation above which they are one amount
_LESS = (
    0.5  # of how far channels part, that they part about another value where that is the right one
)


@dataclass(frozen=True, slots=True)
class Closer:
    """One row per registered view.

    Attributes:
        contrast: The factor on values, NaN where it could not be fitted.
        brightness: What is added, mean over channels, as a share of the range.
        channel_shift: What is added per channel, shape ``(views, channels)``.
        saturation: The factor on the distance from grey, NaN where it could not be fitted.
        hue_degrees: The angle by which colours are turned, NaN as well.
        level: The same at a picture's own mean, where the factor has no part in it.
        by_channel: Whether the channels' amounts differ from each other.
        independent: Whether they have nothing in common.
        absolute: Whether they are in units that were known beforehand.
        pivot: What the factor leaves alone.
        patches: Overwritten rectangles.
        fill: What is put outside.
        left: What a view shows beyond all that, as a share of its spread.
    """

    contrast: Array
    brightness: Array
    channel_shift: Array
    saturation: Array
    hue_degrees: Array
    level: Array
    by_channel: bool
    independent: bool
    absolute: bool
    pivot: str
    patches: Patches
    fill: Fill
    left: Array

    @staticmethod
    def nothing(views: int) -> Closer:
        """Nothing seen of so many views."""
        nan = np.full(views, np.nan)
        return Closer(
            nan,
            nan,
            nan[:, None],
            nan,
            nan,
            nan[:, None],
            by_channel=False,
            independent=False,
            absolute=False,
            pivot="black",
            patches=no_patches(views),
            fill=NO_FILL,
            left=nan,
        )


def look_closer(twins: Twins, name: SideName) -> Closer:
    """Look at the colours of one side's registered views."""
    basis, trace = twins.basis[name], twins.side(name)
    owner = twins.other(name) if basis.kind.startswith("other") else trace
    return look_closer_at(basis, twins.views[name], trace, owner)


def look_closer_at(basis: Basis, views: Views, trace: Trace, owner: Trace) -> Closer:
    """Look at the colours of registered views.

    Args:
        basis: What the views were held against.
        views: How they were registered.
        trace: The feed of the views.
        owner: The feed of what they were held against.
    """
    laid = cells(basis, views, trace, owner)
    if laid is None:
        return Closer.nothing(len(views))
    coloured = colours(laid)
    laid = coloured.cells
    found = tones(laid)
    added = _of_channels(found)
    likeness = _likeness(added)
    against_draws = basis.kind == "epochs"
    chosen: list[int] = views.index.tolist()
    wholes = [basis.wholes[index][1] for index in chosen]
    return Closer(
        contrast=found.gain,
        brightness=found.offset.mean(axis=1),
        channel_shift=added,
        saturation=coloured.saturation,
        hue_degrees=coloured.hue_degrees,
        level=found.level,
        by_channel=likeness < _TOGETHER,
        independent=likeness < _APART,
        absolute=laid.absolute,
        pivot=found.pivot,
        patches=patches_of_two(laid, found)
        if against_draws
        else patches(laid, found, wholes, basis.example[views.index], views),
        fill=NO_FILL if against_draws else fill(laid, found),
        left=_left(laid, found),
    )


def _left(laid: Cells, found: Tones) -> Array:
    weight = laid.inside[..., None] * laid.clear
    left = (weight * np.square(found.fitted - laid.seen)).sum(axis=(1, 2))
    left = np.sqrt(left / np.maximum(weight.sum(axis=(1, 2)), 1e-9))
    return left / np.maximum(laid.seen.std(axis=(1, 2)), 1e-6)


def _of_channels(found: Tones) -> Array:
    """What is added per channel, about the value at which channels part least, ``(views, channels)``.

    Where much is added to all of them, that hides which value a factor leaves alone; a factor about
    each channel's mean then looks like amounts that channels have for themselves.
    """
    apart = [_between_channels(each) for each in (found.level, found.offset)]
    return found.level if apart[0] < _LESS * apart[1] else found.offset


def _between_channels(added: Array) -> float:
    kept = added[np.isfinite(added).all(axis=1)]
    return float((kept - kept.mean(axis=1, keepdims=True)).std()) if len(kept) else 0.0


def _likeness(offset: Array) -> float:
    """The mean correlation of the channels' amounts; 1 for one channel, or where none varies."""
    kept = offset[np.isfinite(offset).all(axis=1)]
    if offset.shape[1] < 2 or len(kept) < 3 or kept.std(axis=0).min() < 5e-3:
        return 1.0
    together = np.corrcoef(kept.T)
    return float(together[np.triu_indices(len(together), 1)].mean())
