"""Whether the channels or columns of one feed are those of the other in another order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import Twins
from twinfeed.diff._values._column_order import matched_columns, moved_along
from twinfeed.diff._values._paired_values import PairedValues, paired_values
from twinfeed.stats.intervals import wilson

_LEAST_PAIRS = 3
_LEAST_MISFIT = 1e-3  # share of the variance that the order as it stands must leave unexplained
_SURELY = 3.3  # deviations: one of five orders fits most of a few pairs better by chance
_BY_FAR = 0.1  # share of the misfit, which an order leaves that needs no count of pairs
_FOLLOWED = 0.1  # share of the variance of columns that their order may leave
_BETTER = 0.4  # share of that misfit which the best order may leave
_FAINT_MISFIT, _EXACTLY = 1e-5, 1e-3  # the same of faintly coloured pictures, and what is left then


@dataclass(frozen=True, slots=True)
class ChannelOrder:
    """How A's channels have to be picked to become B's.

    Attributes:
        order: B's channel ``c`` is A's channel ``order[c]``.
        kept_share: Share of the variance that the order as it stands leaves unexplained.
        best_share: The same for ``order``.
        votes: Pairs that ``order`` explains better, each on its own.
        pairs: Pairs that were asked.
        colourful: Whether another order would show at all; ``False`` for grey pictures.
        along: By how many places B's rows are A's moved along, which is no other order; 0 if not.
    """

    order: tuple[int, ...]
    kept_share: float
    best_share: float
    votes: int
    pairs: int
    colourful: bool
    along: int = 0

    @property
    def moved(self) -> bool:
        """Whether the channels stand in another order."""
        return self.order != tuple(range(len(self.order)))

    @property
    def reversed(self) -> bool:
        """Whether red and blue changed places."""
        return self.order[:3] == (2, 1, 0)


@remembered
def channel_order(twins: Twins) -> ChannelOrder | None:
    """The order of the channels of pictures with three or four, or of the columns of vectors.

    Each order is fitted with one gain for all channels of an example and an offset for each
    channel: a gain for each could turn one colour into another. Columns have a gain each.
    """
    main = twins.left.main
    found = paired_values(twins)
    if main is None or found is None or len(found) < _LEAST_PAIRS:
        return None
    if not main.is_image:
        return _columns(found)
    if found.left.shape[-1] not in {3, 4}:
        return None
    left, right = _sides(found)
    orders = _orders(left.shape[-1])
    return _chosen(orders, [_misfit(left[..., list(order)], right) for order in orders])


def _columns(found: PairedValues) -> ChannelOrder | None:
    """The order of the columns of vectors, told by what each holds over all examples."""
    _, blocks, columns = found.left.shape
    if blocks != 1 or columns < 2:
        return None
    order, kept, best = matched_columns(found.left[:, 0], found.right[:, 0])
    as_it_is = tuple(range(columns))
    if best.sum() > _FOLLOWED:
        order, best = as_it_is, kept
    chosen = _chosen([as_it_is, order], [kept, best])
    along = moved_along(chosen.order, found.right[:, 0])
    return chosen if along is None else replace(chosen, order=as_it_is, along=along)


def _chosen(orders: list[tuple[int, ...]], misfits: list[Array]) -> ChannelOrder:
    """The order that leaves least, or the first one where no other is clearly better."""
    shares = np.array([misfit.sum() for misfit in misfits])
    pairs, best = len(misfits[0]), int(shares.argmin())
    clearly = shares[0] > _LEAST_MISFIT and shares[best] < _BETTER * shares[0]
    exactly = shares[0] > _FAINT_MISFIT and shares[best] < _EXACTLY * shares[0]
    if not (clearly or exactly):
        best = 0
    votes = int((misfits[best] < misfits[0]).sum())
    by_far = shares[best] < _BY_FAR * shares[0]
    if best and wilson(votes, pairs, z=_SURELY)[0] <= 0.5 and not by_far:
        best = 0
    return ChannelOrder(
        order=orders[best],
        kept_share=float(shares[0]),
        best_share=float(shares[best]),
        votes=votes,
        pairs=pairs,
        colourful=bool(best or shares.max() > _LEAST_MISFIT),
    )


def _sides(found: PairedValues) -> tuple[Array, Array]:
    return (found.left, found.right) if found.aligned else (found.left_orders, found.right_orders)


def _orders(channels: int) -> list[tuple[int, ...]]:
    if channels == 3:
        return list(permutations(range(3)))
    return [(0, 1, 2, 3), (2, 1, 0, 3), (3, 0, 1, 2), (3, 2, 1, 0), (1, 2, 3, 0)]


def _misfit(left: Array, right: Array) -> Array:
    """What the best line of each pair leaves of it, as a share of the variance of all pairs."""
    x, y = _centred(left), _centred(right)
    total = float((y * y).sum())
    if not total:
        return np.zeros(len(x))
    power = (x * x).sum(axis=(1, 2), keepdims=True)
    together = (x * y).sum(axis=(1, 2), keepdims=True)
    gain = np.clip(together / np.where(power > 0, power, np.inf), 0, None)
    return np.square(y - gain * x).sum(axis=(1, 2)) / total


def _centred(side: Array) -> Array:
    """Without the offset of each channel, and without the brightness of each example."""
    alike = side - side.mean(axis=(0, 1))
    return alike - alike.mean(axis=(1, 2), keepdims=True)
