"""Paired pictures side by side, and what is left between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed.diff._ledger._stage import Stage, most_pairs, set_up, with_files
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._paired_values import whole_examples
from twinfeed.stats.coarse import scattered

_MOST_PAIRS = 128
_MOST_VALUES = 8_000_000  # of one side; float32, so 32 MB for each copy
_LEAST_PAIRS = 6
_POINTS = 64  # rows and columns at which the difference is taken


@dataclass(frozen=True, slots=True)
class Ground:
    """Paired pictures, channels last, float32.

    Attributes:
        left: A's, shape ``(pairs, height, width, channels)``.
        right: B's, with a shape of their own.
        rows: Row of each pair in A's trace and in B's, shape ``(2, pairs)``.
        fit: Whether a pair is for fitting; the others are for scoring.
        stage: Where the pairs' files can be replayed; both sides are then at points only.
    """

    left: Array
    right: Array
    rows: Array
    fit: Array
    stage: Stage | None = None


def ground(twins: Twins) -> Ground | None:
    """Take pairs whose pictures are whole, finite, and of one shape on each side."""
    mains = twins.left.main, twins.right.main
    if mains[0] is None or mains[1] is None or not (mains[0].is_image and mains[1].is_image):
        return None
    pairs = twins.pairs
    sides = (
        whole_examples(twins.left, pairs.left),
        whole_examples(twins.right, pairs.right),
    )
    at = [i for i, (a, b) in enumerate(zip(*sides, strict=True)) if a is not None is not b]
    filed = with_files(twins, at)
    if len(filed) >= _LEAST_PAIRS:
        at = filed
    if len(at) < _LEAST_PAIRS:
        return None
    first = sides[0][at[0]], sides[1][at[0]]
    size = max(example.size for example in first if example is not None)
    most = max(_LEAST_PAIRS, min(_MOST_PAIRS, _MOST_VALUES // max(1, size)))
    if filed:
        most = min(most, most_pairs(twins))
    picks: list[int] = np.linspace(0, len(at) - 1, min(len(at), most)).astype(int).tolist()
    chosen = [at[i] for i in picks]
    left = _stacked([sides[0][i] for i in chosen], mains[0])
    right = _stacked([sides[1][i] for i in chosen], mains[1])
    if left is None or right is None or left.ndim != 4 or right.ndim != 4:
        return None
    finite = np.isfinite(left).all(axis=(1, 2, 3)) & np.isfinite(right).all(axis=(1, 2, 3))
    if finite.sum() < _LEAST_PAIRS:
        return None
    rows = np.stack([pairs.left[chosen], pairs.right[chosen]])[:, finite]
    left, right = left[finite], right[finite]
    # At random: whatever comes every second time must not fall into one half.
    fit = np.random.default_rng(0).permutation(len(left)) < (len(left) + 1) // 2
    stage = set_up(twins, rows, left, right) if filed else None
    if stage is None:
        return Ground(left, right, rows, fit)
    at_left, at_right = stage.points
    return Ground(
        left[:, at_left[0][:, None], at_left[1]],
        right[:, at_right[0][:, None], at_right[1]],
        rows,
        fit,
        stage,
    )


def _stacked(examples: list[Array | None], main: LeafSpec) -> Array | None:
    whole = [example for example in examples if example is not None]
    if len({example.shape for example in whole}) != 1 or whole[0].dtype.kind not in "biuf":
        return None
    axis = 0 if main.channels_first else -1
    return np.stack([np.moveaxis(example, axis, -1) for example in whole]).astype(np.float32)


def points(pictures: Array) -> Array:
    """Pictures at rows and columns from all over."""
    for axis in (1, 2):
        if pictures.shape[axis] > _POINTS:
            pictures = np.take(pictures, scattered(pictures.shape[axis], _POINTS), axis=axis)
    return pictures


def same_channels(left: Array, right: Array) -> Array:
    """A's pictures with as many channels as B's; where they differ, their mean for each."""
    if left.shape[-1] == right.shape[-1]:
        return left
    return np.repeat(left[..., :3].mean(axis=-1, keepdims=True), right.shape[-1], axis=-1)


def squares(left: Array, right: Array) -> Array:
    """Mean squared difference per pair, shape ``(pairs,)``; from A's mean only if sizes differ."""
    if left.shape[:3] != right.shape[:3]:
        return squares_from_mean(left, right)
    a, b = points(same_channels(left, right)), points(right)
    return np.square(a.astype(np.float64) - b).mean(axis=(1, 2, 3))


def squares_from_mean(left: Array, right: Array) -> Array:
    """The same where no point of A's picture belongs to one of B's: all it tells is its mean."""
    seen = points(right).astype(np.float64)
    mean = left.mean(axis=(1, 2, 3), dtype=np.float64)
    return np.square(seen - mean[:, None, None, None]).mean(axis=(1, 2, 3))


def misfit(left: Array, right: Array) -> Array:
    """Share of B's variance that the best line per pair and channel leaves, shape ``(pairs,)``."""
    a, b = points(same_channels(left, right)), points(right)
    dx, dy = (
        side - side.mean(axis=(1, 2), keepdims=True)
        for side in (a.astype(np.float64), b.astype(np.float64))
    )
    power_x, power_y, both = (product.sum(axis=(1, 2)) for product in (dx * dx, dy * dy, dx * dy))
    rest = power_y - both**2 / np.where(power_x > 0, power_x, np.inf)
    return rest.clip(min=0).sum(axis=1) / np.maximum(power_y.sum(axis=1), 1e-300)


def grey(pictures: Array, side: int) -> Array:
    """Channel means of even areas, float64, shape ``(pairs, side, side)``."""
    rows, columns = (_area(length, side) for length in pictures.shape[1:3])
    # Whole slices are added: numpy is slow at means of three at a time.
    flat = pictures[..., 0].astype(np.float32)
    for channel in range(1, pictures.shape[-1]):
        flat = flat + pictures[..., channel]
    return rows @ (flat / np.float32(pictures.shape[-1])) @ columns.T


def shrunk(pictures: Array, size: tuple[int, int]) -> Array:
    """Pictures brought to another size by areas, shape ``(pairs, *size, channels)``."""
    if pictures.shape[1:3] == size:
        return pictures
    rows, columns = (
        _area(before, after).astype(np.float32)
        for before, after in zip(pictures.shape[1:3], size, strict=True)
    )
    return np.einsum("yh,nhwc,xw->nyxc", rows, pictures, columns, optimize=True)


def _area(before: int, after: int) -> Array:
    edges = np.arange(after + 1) * before / after
    cells = np.arange(before)
    weights = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
    weights = weights.clip(min=0)
    return weights / weights.sum(axis=1, keepdims=True)
