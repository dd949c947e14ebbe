"""Views of one feed laid over those of the other, where both draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._policy._cells import cells
from twinfeed.diff._policy._colours import colours
from twinfeed.diff._policy._parameters import MOVES
from twinfeed.diff._policy._spread import LEAST_VIEWS, sound_views
from twinfeed.diff._policy._tones import tones
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import Twins
from twinfeed.diff._views._reference import laid_over
from twinfeed.diff._views._register import register

NEUTRAL = {"zoom_x": 1.0, "zoom_y": 1.0, "contrast": 1.0, "saturation": 1.0}
"""What changes nothing; 0 of any other parameter."""
_WAYS = ("flip_x", "flip_y", "transposed")


@dataclass(frozen=True, slots=True)
class Both:
    """One row per paired example that could be registered.

    Attributes:
        columns: How B's view lies beside A's, by parameter; NaN where it is not known. Tones are
            left out where their units are not known beforehand.
        batches: A number for the batch that each came in, of B and of A.
    """

    columns: Mapping[str, Array]
    batches: tuple[Array, Array]

    def __len__(self) -> int:
        return len(self.batches[0])


@remembered
def both(twins: Twins) -> Both | None:
    """Lay them over each other; ``None`` for too few."""
    pairs = twins.pairs
    basis = laid_over(twins.right, pairs.right, twins.left, pairs.left, "both")
    views = register(basis.reference, basis.view, sideways=True)
    if len(views) < 2 * LEAST_VIEWS:
        return None
    sound = sound_views(views)
    columns: dict[str, Array] = {
        name: np.where(sound, getattr(views, name), np.nan) for name in MOVES
    }
    columns |= {name: getattr(views, name).astype(float) for name in _WAYS}
    laid = cells(basis, views, twins.right, twins.left)
    if laid is not None and laid.absolute:
        coloured = colours(laid)
        found = tones(coloured.cells)
        columns |= {"contrast": found.gain, "brightness": found.level.mean(axis=1)}
        columns |= {"saturation": coloured.saturation, "hue_degrees": coloured.hue_degrees}
    return Both(columns, (basis.batch[views.index], basis.before[views.index]))
