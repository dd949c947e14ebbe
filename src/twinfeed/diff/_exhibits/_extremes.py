"""The views in which each recovered parameter is least, in the middle, and most."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.exhibits import Album
from twinfeed._core.showing import Showing, coloured, small
from twinfeed.diff._policy._recovered import SPREADS, policy
from twinfeed.diff._policy._spread import Spread, sound_views
from twinfeed.diff._twins import SideName, Twins

_MOST_PARAMETERS = 6
_SIDE = 64  # rows or columns of a picture: a dozen of them stay below 100 kB
_PLACES = (0.02, 0.5, 0.98)  # the outermost may be registered wrongly
_COLUMNS = {"brightness": "bias", "contrast": "gain"}  # of views, where a policy names it otherwise


def extremes(twins: Twins, name: SideName, way: Showing) -> Album | None:
    """Pictures of one side along each parameter that it draws, beside what they were made from."""
    found = list(_rows(twins, name, way))
    if not found:
        return None
    names, rows = zip(*found, strict=True)
    return Album(
        side=name,
        columns=("least", "middle", "most"),
        rows=rows,
        names=names,
        title=f"What {name} draws at random, from least to most",
    )


def _rows(twins: Twins, name: SideName, way: Showing) -> Iterator[tuple[str, tuple[Array, ...]]]:
    found, views, basis = policy(twins, name), twins.views[name], twins.basis[name]
    if not (found.known and found.bounded):
        return
    sound = np.flatnonzero(sound_views(views))
    drawn = 0
    for field in SPREADS:
        spread: Spread = getattr(found, field)
        values = getattr(views, _COLUMNS.get(field, field), None)
        if not spread.random or values is None or values.dtype == bool or not len(sound):
            continue
        order = sound[np.argsort(values[sound], kind="stable")]
        at = [int(views.index[order[int(place * (len(order) - 1))]]) for place in _PLACES]
        yield field, tuple(_shown(basis.wholes[index][1], way) for index in at)
        drawn += 1
        if drawn == _MOST_PARAMETERS:
            return


def _shown(picture: Array, way: Showing) -> Array:
    return small(coloured(way.levels(picture)), side=_SIDE)
