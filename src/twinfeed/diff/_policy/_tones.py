"""How the values of registered views were changed: one factor, and what is added per channel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._policy._blocks import blocks
from twinfeed.diff._policy._cells import Cells
from twinfeed.diff._views._threads import by_pairs

_ROUNDS = 3
_MANY = 1024  # cells from which every other one tells which do not go with the rest
_OUTLIER = 3.0  # deviations from which a cell does not count
_ENOUGH = 40  # cells that must count
_AS_IT_WAS = 0.004  # of the range, by which a cell that was left alone may differ
_MOST_OF_IT = 0.5  # of the cells, and of their spread, that must be so for the rest to be covered
_FLAT = 1e-3
_AGREES = 0.5
_GROWS = 0.03  # of correlations with the factor, of both ways to tell it; between the two lies 0
_NEARLY = 0.9  # of the spread about black that another pivot must leave at most


@dataclass(frozen=True, slots=True)
class Tones:
    """The line from expected to seen values of each view.

    Attributes:
        gain: The factor, common to all channels, shape ``(views,)``; NaN where too few cells count.
        offset: What is added per channel, as a share of the range, at the value that the factor
            leaves alone, shape ``(views, channels)``.
        level: What is added per channel at a picture's own mean, of the same shape.
        pivot: That value: ``black``, the ``mean`` of a picture, or its mean ``per channel``.
        fitted: ``expected`` after the line, of its shape.
    """

    gain: Array
    offset: Array
    level: Array
    pivot: str
    fitted: Array


def tones(cells: Cells) -> Tones:
    """Fit the lines; cells that are cut off, or show something else, do not count."""

    def fit(*columns: Array) -> tuple[Array, ...]:
        return _lines(*columns, side=cells.side)

    gain, bias, fitted, few = by_pairs(fit, cells.expected, cells.seen, cells.inside, cells.clear)
    gain = np.where(few, np.nan, gain)
    reference = cells.reference.reshape(len(cells), -1, cells.reference.shape[-1])
    means = _per_channel(reference) / reference.shape[1]
    pivot, offset = _pivot(means, gain, bias)
    level = bias + (gain - 1)[:, None] * means
    return Tones(gain, offset, level, pivot, fitted)


def _lines(
    expected: Array, seen: Array, inside: Array, clear: Array, *, side: int
) -> tuple[Array, Array, Array, Array]:
    """Gain per view, bias per channel, what is expected after both, and whether too little counts.

    Args:
        expected: As ``Cells`` has it, of some views.
        seen: The same.
        inside: The same.
        clear: The same.
        side: Cells per axis.
    """
    weight = inside[..., None] * clear
    # Where nearly everything is at an extreme, extremes are no sign of values cut off.
    crowded = weight.sum(axis=(1, 2)) < _ENOUGH
    weight[crowded] = inside[crowded][..., None]
    step = 2 if expected.shape[1] >= _MANY else 1
    gain, bias, far = _robust_line(expected[:, ::step], seen[:, ::step], weight[:, ::step])
    counted = weight * (_left(expected, seen, gain, bias) <= far)
    gain, bias = _line(*blocks(expected, seen, counted, side))
    fitted = gain[:, None, None] * expected + bias[:, None]
    few = counted.sum(axis=(1, 2)) < _ENOUGH
    # What does not go with its reference shows something else, and tells of no factor.
    few |= _agreement(expected, seen, counted) < _AGREES
    return gain, bias, fitted, few


def _robust_line(expected: Array, seen: Array, weight: Array) -> tuple[Array, Array, Array]:
    """Gain and bias that few cells of another kind do not move, and from where on cells are that."""
    counted = _left_alone(expected, seen, weight)
    gain, bias = _line(expected, seen, counted)
    far = np.full((len(seen), 1, 1), np.inf)
    for _ in range(_ROUNDS):
        left = _left(expected, seen, gain, bias)
        scale = 1.5 * _median(left, weight)
        far = _OUTLIER * np.maximum(scale, 1e-4)[:, None, None]
        gain, bias = _line(expected, seen, weight * (left <= far))
    return gain, bias, far


def _left(expected: Array, seen: Array, gain: Array, bias: Array) -> Array:
    """How far each cell is from the line."""
    return np.abs(gain[:, None, None] * expected + bias[:, None] - seen)


def _left_alone(expected: Array, seen: Array, weight: Array) -> Array:
    """The cells that count at first: those left alone in views of which others are covered.

    A rectangle on either side is no tone, and a line through all cells starts too far off to
    leave it out. A flat ground that no factor moves proves nothing.
    """
    alone = weight * (np.abs(expected - seen) <= _AS_IT_WAS)
    share = alone.sum(axis=(1, 2)) / np.maximum(weight.sum(axis=(1, 2)), 1e-9)
    wide = _spread(expected, alone) >= _MOST_OF_IT * _spread(expected, weight)
    return np.where(((share >= _MOST_OF_IT) & wide)[:, None, None], alone, weight)


def _spread(values: Array, weight: Array) -> Array:
    """The deviation of what counts, over all channels, shape ``(views,)``."""
    total = np.maximum(weight.sum(axis=(1, 2)), 1e-9)
    mean = np.einsum("ijc,ijc->i", weight, values) / total
    square = np.einsum("ijc,ijc->i", weight, np.square(values - mean[:, None, None]))
    return np.sqrt(square / total)


def _line(expected: Array, seen: Array, weight: Array) -> tuple[Array, Array]:
    """Gain per view and bias per view and channel."""
    amount = _per_channel(weight)
    total = np.maximum(amount, 1e-9)
    mean_e, mean_s = (_per_channel(weight * each) / total for each in (expected, seen))
    e, s = expected - mean_e[:, None], seen - mean_s[:, None]
    spread_e, spread_s, both = _products(weight, e, s)
    # Neither is without noise: the ratio of their spreads is biased to neither side.
    gain = np.sign(both) * np.sqrt(spread_s / np.maximum(spread_e, 1e-12))
    bias = np.where(amount > 0, mean_s - gain[:, None] * mean_e, np.nan)
    return gain, np.where(
        np.isnan(bias), np.nanmean(bias, axis=1, keepdims=True) if bias.shape[1] > 1 else 0.0, bias
    )


def _per_channel(values: Array) -> Array:
    """Sums over cells, ``(views, channels)``: numpy takes 20 times as long along an axis before three."""
    return np.ones(values.shape[1], values.dtype) @ values


def _products(weight: Array, e: Array, s: Array) -> tuple[Array, Array, Array]:
    """Weighted sums of ``e * e``, ``s * s`` and ``e * s`` over cells and channels, ``(views,)`` each."""
    heavy_e, heavy_s = weight * e, weight * s
    return (
        np.einsum("ijc,ijc->i", heavy_e, e),
        np.einsum("ijc,ijc->i", heavy_s, s),
        np.einsum("ijc,ijc->i", heavy_e, s),
    )


def _agreement(expected: Array, seen: Array, weight: Array) -> Array:
    """The correlation of what counts, over all channels, shape ``(views,)``."""
    total = np.maximum(weight.sum(axis=(1, 2)), 1e-9)
    e, s = (
        each - (np.einsum("ijc,ijc->i", weight, each) / total)[:, None, None]
        for each in (expected, seen)
    )
    spread_e, spread_s, both = _products(weight, e, s)
    return both / np.sqrt(np.maximum(spread_e * spread_s, 1e-24))


def _pivot(means: Array, gain: Array, bias: Array) -> tuple[str, Array]:
    """Which value a factor leaves alone: the one about which what is added varies least."""
    change = (gain - 1)[:, None]
    found = {
        "black": bias,
        "mean": bias + change * means.mean(axis=1, keepdims=True),
        "per channel": bias + change * means,
    }
    spread = {name: _width(values) for name, values in found.items()}
    best = min(spread, key=lambda name: spread[name])
    if spread[best] < _NEARLY * spread["black"]:
        return best, found[best]
    # What was added in front of the factor is as wide whatever the factor.
    before = bias / np.where(np.abs(gain) > _FLAT, gain, np.nan)[:, None]
    grows, shrinks = (_grows(values, gain) for values in (bias, before))
    return "black", before if grows + shrinks > _GROWS else bias


def _grows(values: Array, gain: Array) -> float:
    """The correlation of how far values lie from their middle with the factor."""
    kept = np.isfinite(gain) & np.isfinite(values).all(axis=1)
    if kept.sum() < _ENOUGH:
        return 0.0
    away = np.abs(values[kept] - np.median(values[kept], axis=0)).mean(axis=1)
    if min(away.std(), gain[kept].std()) < _FLAT:
        return 0.0
    return float(np.corrcoef(away, gain[kept])[0, 1])


def _width(values: Array) -> float:
    kept = values[np.isfinite(values).all(axis=1)]
    return (
        float(np.ptp(np.quantile(kept, (0.05, 0.95), axis=0), axis=0).mean()) if len(kept) else 0.0
    )


def _median(values: Array, counted: Array) -> Array:
    """The median over cells and channels that count, per view."""
    flat = np.where(counted > 0, values, np.inf).reshape(len(values), -1)[:, ::3]
    ordered = np.sort(flat, axis=1)
    at = (np.isfinite(flat).sum(axis=1) // 2).clip(max=flat.shape[1] - 1)
    return np.take_along_axis(ordered, at[:, None], axis=1)[:, 0]
