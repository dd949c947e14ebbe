"""The values of paired examples, reduced to what survives flips, zooms and other sizes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.spec import LeafSpec
from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import SideName, Twins, kept_index
from twinfeed.diff._values._other_inputs import exchanged
from twinfeed.stats.coarse import GRID_SIDE, channels_last

MOST = 256  # pairs looked at; their order statistics take a quarter of a second
_CELLS = 8  # blocks per axis: coarse enough that decoders and resize kernels agree on them
_ORDERS = np.linspace(0.02, 0.98, 33)  # without the extremes, which one odd pixel moves
_MIDDLE = 0.9  # radius of the disc that they are of, as a share of half a side
_MOST_COLUMNS = 64  # columns of a vector that are taken as channels of their own
_MOST_VALUES = 256
_ALIGNED = 0.99  # correlation of coarse pictures above which the same point shows the same thing


@dataclass(frozen=True, slots=True)
class PairedValues:
    """Paired examples of the main input, float64, finite.

    Attributes:
        left: A's block means (images) or values (vectors), shape ``(pairs, blocks, channels)``.
        right: B's, flipped to A's orientation where that fits better.
        left_orders: A's order statistics, shape ``(pairs, orders, channels)``.
        right_orders: B's.
        aligned: Whether the same block shows the same thing in most pairs.
    """

    left: Array
    right: Array
    left_orders: Array
    right_orders: Array
    aligned: bool

    def __len__(self) -> int:
        return len(self.left)

    @property
    def fine(self) -> float:
        """Share of the pictures' variance that lies inside blocks, 0 to 1, on the side where it is more."""
        shares = [
            1 - np.median(coarse.var(axis=1) / np.maximum(whole.var(axis=1), 1e-300))
            for coarse, whole in (
                (self.left, self.left_orders),
                (self.right, self.right_orders),
            )
        ]
        return float(max(shares))


@remembered
def paired_values(twins: Twins) -> PairedValues | None:
    """The paired examples, or ``None`` where there are none that can be compared.

    Where the channel counts differ, channels are averaged. A side that can be read without its
    augmentation is taken without it.
    """
    mains = twins.left.main, twins.right.main
    if mains[0] is None or mains[1] is None or mains[0].is_image != mains[1].is_image:
        return None
    if any(mains[0] is leaf for both in exchanged(twins) for leaf in both):
        return None  # the same input of the other side holds something else
    left = whole_examples(twins.left, twins.pairs.left)
    right = whole_examples(twins.right, twins.pairs.right)
    both = [pair for pair in zip(left, right, strict=True) if pair[0] is not None is not pair[1]]
    if not both:
        return None
    chosen = [both[i] for i in _spread(len(both))]
    sides = tuple(
        [_channels_last(pair[side], main) for pair in chosen]  # pyright: ignore[reportArgumentType]
        for side, main in enumerate(mains)
    )
    if mains[0].is_image:
        return _images(*_same_channels(*sides))
    return _vectors(*sides)


def own_ratios(twins: Twins, name: SideName) -> Array:
    """Of examples that one side gives twice, the ratio of the spreads of their order statistics.

    Returns:
        Shape ``(examples,)``; of images only, and of those that were kept whole in both epochs.
    """
    again, trace = twins.epochs_of(name), twins.side(name)
    if again is None or trace.main is None or not trace.main.is_image:
        return np.ones(0)
    kept = [kept_index(trace, rows) for rows in (again.pairs.left, again.pairs.right)]
    both = np.flatnonzero((kept[0] >= 0) & (kept[1] >= 0) & ~again.same)[:MOST]
    places: list[list[int]] = [index[both].tolist() for index in kept]
    shown = [[_channels_last(trace.kept.values[at], trace.main) for at in side] for side in places]
    if not len(both):
        return np.ones(0)
    first, second = (
        np.stack([np.quantile(_points(image), _ORDERS, axis=(0, 1)).std(axis=0) for image in side])
        for side in shown
    )
    clear = ((first > 0) & (second > 0)).all(axis=1)
    return np.exp(np.median(np.log(second[clear] / first[clear]), axis=1))


def _spread(count: int) -> list[int]:
    return np.linspace(0, count - 1, min(count, MOST)).astype(int).tolist()


def whole_examples(trace: Trace, rows: Array) -> list[Array | None]:
    """The whole example of each row, without augmentation where the trace has any so.

    Of a trace that has some, the others are left out: what was drawn of them is no difference.
    """
    plain: dict[int, int] = {key: i for i, key in enumerate(trace.plain_id.tolist())}
    at = [plain.get(key) for key in trace.rows.id[rows].tolist()]
    if any(one is not None for one in at):
        return [None if one is None else trace.plain[one] for one in at]
    rows_kept: list[int] = kept_index(trace, rows).tolist()
    return [trace.kept.values[kept] if kept >= 0 else None for kept in rows_kept]


def _channels_last(example: Array, main: LeafSpec) -> Array:
    return channels_last(example[None], main)[0] if main.is_image else example


def _points(image: Array) -> Array:
    """Evenly spaced points of the middle, enough for order statistics, shape ``(1, points, channels)``.

    What a turn fills the corners with is no value of the picture.
    """
    rows, columns = (_even(length) for length in image.shape[:2])
    down, across = (
        (at + 0.5) * 2 / length - 1
        for at, length in zip((rows, columns), image.shape, strict=False)
    )
    at = np.nonzero(np.hypot(down[:, None], across) < _MIDDLE)
    return image[rows[at[0]], columns[at[1]]][None]


def _even(length: int) -> Array:
    picks = (np.arange(GRID_SIDE) + 0.5) * length / GRID_SIDE
    return picks.astype(np.intp) if length > GRID_SIDE else np.arange(length)


def _same_channels(
    left: Sequence[Array], right: Sequence[Array]
) -> tuple[Sequence[Array], Sequence[Array]]:
    if {image.shape[-1] for image in left} == {image.shape[-1] for image in right} and len(
        {image.shape[-1] for image in left}
    ) == 1:
        return left, right
    # Alpha says nothing about brightness.
    return tuple(
        [image[..., :3].mean(axis=-1, keepdims=True, dtype=np.float64) for image in side]
        for side in (left, right)
    )  # pyright: ignore[reportReturnType]


def _images(left: Sequence[Array], right: Sequence[Array]) -> PairedValues | None:
    usable = [
        i
        for i, pair in enumerate(zip(left, right, strict=True))
        if all(min(image.shape[:2]) >= _CELLS and np.isfinite(image).all() for image in pair)
    ]
    if not usable:
        return None
    blocks = [np.stack([_blocks(side[i]) for i in usable]) for side in (left, right)]
    turned, likeness = _turn(blocks[0], blocks[1])
    orders = [_orders([_points(side[i]) for i in usable]) for side in (left, right)]
    flat = [side.reshape(len(side), _CELLS**2, -1) for side in (blocks[0], turned)]
    return PairedValues(
        flat[0], flat[1], orders[0], orders[1], bool(np.median(likeness) > _ALIGNED)
    )


def _orders(images: Sequence[Array]) -> Array:
    """The order statistics of each, shape ``(images, orders, channels)``; those of one shape at once."""
    of_shape: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for number, image in enumerate(images):
        of_shape[image.shape].append(number)
    made = np.empty((len(images), len(_ORDERS), images[0].shape[-1]))
    for shape, at in of_shape.items():
        points = np.stack([images[number] for number in at]).reshape(len(at), -1, shape[-1])
        made[at] = _quantiles(points.transpose(0, 2, 1)).transpose(0, 2, 1)
    return made


def _quantiles(values: Array) -> Array:
    """``np.quantile`` along the last axis; of so many orders at once, sorting is the quicker way."""
    ordered = np.sort(values, axis=-1)
    place = _ORDERS * (ordered.shape[-1] - 1)
    below = np.floor(place).astype(int)
    low, high = (
        ordered[..., np.minimum(at, ordered.shape[-1] - 1)].astype(np.float64)
        for at in (below, below + 1)
    )
    share: Array = place - below
    made = np.where(share < 0.5, low + (high - low) * share, high - (high - low) * (1 - share))
    return np.asarray(made)


def _blocks(image: Array) -> Array:
    """Means of 8 x 8 even areas, shape ``(8, 8, channels)``."""
    rows, columns = (_area(length) for length in image.shape[:2])
    planes = np.moveaxis(image, -1, 0).astype(np.float64)
    return np.moveaxis(rows @ planes @ columns.T, 0, -1)


@cache
def _area(length: int) -> Array:
    edges = np.arange(_CELLS + 1) * length / _CELLS
    cells = np.arange(length)
    overlap = np.minimum(edges[1:, None], cells + 1) - np.maximum(edges[:-1, None], cells)
    weights = overlap.clip(min=0)
    return weights / weights.sum(axis=1, keepdims=True)


def _turn(left: Array, right: Array) -> tuple[Array, Array]:
    """The right pictures in the orientation that fits the left best, and how well it fits."""
    ways = (right, right[:, :, ::-1], right[:, ::-1], right[:, ::-1, ::-1])
    scores = np.stack([_likeness(left, way) for way in ways])
    best = scores.argmax(axis=0)
    chosen: list[int] = best.tolist()
    return np.stack([ways[way][i] for i, way in enumerate(chosen)]), scores.max(axis=0)


def _likeness(left: Array, right: Array) -> Array:
    """Correlation of the grey pictures; negatives count, an inverted picture is aligned too."""
    grey = [side.mean(axis=-1).reshape(len(side), -1) for side in (left, right)]
    centred = [side - side.mean(axis=1, keepdims=True) for side in grey]
    lengths = [np.linalg.norm(side, axis=1) for side in centred]
    product = lengths[0] * lengths[1]
    return np.abs((centred[0] * centred[1]).sum(axis=1)) / np.where(product > 0, product, np.inf)


def _vectors(left: Sequence[Array], right: Sequence[Array]) -> PairedValues | None:
    if len({example.shape for example in (*left, *right)}) != 1 or left[0].dtype.kind not in "biuf":
        return None
    if not left[0].size:
        return None
    sides = [np.stack(side).astype(np.float64) for side in (left, right)]
    columns = sides[0].shape[-1] if sides[0].ndim > 1 else 1
    if columns > _MOST_COLUMNS:
        size = sides[0][0].size
        picks = np.linspace(0, size - 1, min(size, _MOST_VALUES), dtype=int)
        sides = [side.reshape(len(side), -1, 1)[:, picks] for side in sides]
    else:
        sides = [side.reshape(len(side), -1, columns) for side in sides]
    finite = np.isfinite(sides[0]).all(axis=(1, 2)) & np.isfinite(sides[1]).all(axis=(1, 2))
    if not finite.any():
        return None
    left_values, right_values = sides[0][finite], sides[1][finite]
    return PairedValues(left_values, right_values, left_values, right_values, aligned=True)
