"""Registered views beside what their maps say they should show, in colour, cell by cell."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._values._value_range import value_range
from twinfeed.diff._views._occluded import mirrored
from twinfeed.diff._views._reference import Basis, shrunk
from twinfeed.diff._views._refine import grid_of, sample_at
from twinfeed.diff._views._register import Views

_NOMINAL = {"0..1": (0.0, 1.0), "-1..1": (-1.0, 2.0), "0..255": (0.0, 255.0)}
"""Black and span of the ranges in which black is known."""
_EDGE = 1e-3  # of a range: nearer to a view's extremes a value may have been cut off


@dataclass(frozen=True, slots=True)
class Cells:
    """Views at up to 48 x 48 cells. Values are shares of the nominal range: 0 black, 1 white.

    Attributes:
        seen: What each view shows, float32, shape ``(views, cells, channels)``.
        expected: What its reference shows there, clamped at the edges, of the same shape.
        inside: 1 where that lies within the reference, shape ``(views, cells)``.
        clear: Whether no pixel of a cell is at the view's extremes, shape of ``seen``.
        reference: The references, mirrored as their views are, shape
            ``(views, side, side, channels)``.
        maps: As ``Views.map``.
        absolute: Whether the values of both are in units that were known beforehand; where not,
            the middle view is taken for one that is neither brighter nor darker.
    """

    seen: Array
    expected: Array
    inside: Array
    clear: Array
    reference: Array
    maps: Array
    absolute: bool

    @property
    def side(self) -> int:
        """Cells per axis."""
        return self.reference.shape[1]

    def __len__(self) -> int:
        return len(self.seen)


def cells(basis: Basis, views: Views, trace: Trace, owner: Trace) -> Cells | None:
    """Lay registered views beside their references.

    Args:
        basis: The pictures.
        views: How they were registered.
        trace: The feed of the views.
        owner: The feed of the references.

    Returns:
        ``None`` where nothing was registered or a view's values are no numbers.
    """
    chosen: list[int] = views.index.tolist()
    small = [basis.small[index] for index in chosen]
    if not small:
        return None
    side, channels = basis.view.shape[-1], {each.shape[-1] for each in small[0]}
    grey = channels not in ({1}, {3})
    reference = _stack([each for each, _ in small], grey=grey)
    seen = _stack([each for _, each in small], grey=grey)
    clear = np.stack([_clear(basis.wholes[index][1], side, grey=grey) for index in chosen])
    reference = mirrored(reference, views.flips, views.transposed)
    maps = views.map.astype(np.float32)
    planes = [sample_at(reference[..., c], maps, grid_of(side)) for c in range(reference.shape[-1])]
    expected = np.stack([values for values, _ in planes], axis=-1)
    inside = planes[0][1]
    count, _, channels = expected.shape
    seen, clear = (each.reshape(count, -1, channels) for each in (seen, clear))
    if channels == 3 and _reversed(expected, seen, inside):
        expected, reference = expected[..., ::-1], reference[..., ::-1]
    units, own_units = _nominal(owner), _nominal(trace)
    if owner is trace:
        units = own_units = units or _own_units(reference)
    if units and own_units:
        (black_a, span_a), (black_b, span_b) = units, own_units
        expected, reference = (expected - black_a) / span_a, (reference - black_a) / span_a
        return Cells(
            (seen - black_b) / span_b, expected, inside, clear, reference, maps, absolute=True
        )
    black, span = units or _own_units(reference)
    expected, reference = (expected - black) / span, (reference - black) / span
    gain, bias = _usual_line(expected, seen, inside)
    return Cells((seen - bias) / gain, expected, inside, clear, reference, maps, absolute=False)


def _stack(images: list[Array], *, grey: bool) -> Array:
    made = np.stack(images).astype(np.float32)
    return made[..., :3].mean(axis=-1, keepdims=True) if grey else made


def _clear(image: Array, side: int, *, grey: bool) -> Array:
    low, high = float(image.min()), float(image.max())
    slack = _EDGE * (high - low)
    low, high = low + slack, high - slack
    if image.dtype.kind in "iu":  # whole numbers are compared four times as fast with whole ones
        low, high = math.floor(low), math.ceil(high)
    cut = (image <= low) | (image >= high)
    clear = shrunk(cut, side) < 1e-4
    return np.asarray(clear.all(axis=-1, keepdims=True) if grey else clear)


def _reversed(expected: Array, seen: Array, inside: Array) -> bool:
    """Whether the views' channels are in the opposite order."""
    outer = _likeness(expected, seen, inside)
    return outer < _likeness(expected[..., ::-1], seen, inside)


def _likeness(expected: Array, seen: Array, inside: Array) -> float:
    """How the first channel less the last one agrees, over all views."""
    a, b = (np.where(inside > 0, each[..., 0] - each[..., 2], 0.0) for each in (expected, seen))
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum())


def _nominal(trace: Trace) -> tuple[float, float] | None:
    found = value_range(trace.stats_of(trace.main.path)) if trace.main else None
    return _NOMINAL.get(found.kind) if found else None


def _own_units(reference: Array) -> tuple[float, float]:
    low, high = (float(q) for q in np.quantile(reference, (0.01, 0.99)))
    return low, (high - low) or 1.0


def _usual_line(expected: Array, seen: Array, inside: Array) -> tuple[Array, Array]:
    """Per channel, the gain and bias of the middle view."""
    total = np.maximum(inside.sum(axis=1), 1)[:, None]
    mean_e, mean_s = (np.einsum("ij,ijc->ic", inside, each) / total for each in (expected, seen))
    e, s = expected - mean_e[:, None], seen - mean_s[:, None]
    spread_e, spread_s, both = (
        np.einsum("ij,ijc,ijc->ic", inside, x, y) / total for x, y in ((e, e), (s, s), (e, s))
    )
    gain = np.sign(both) * np.sqrt(spread_s / np.maximum(spread_e, 1e-12))
    middle = np.median(gain, axis=0)
    middle = np.where(np.abs(middle) > 1e-12, middle, 1.0)
    return middle, np.median(mean_s - middle * mean_e, axis=0)
