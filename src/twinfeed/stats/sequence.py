"""How well a sequence is mixed: neighbours that agree, and places that move."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array


@dataclass(frozen=True, slots=True)
class Mixing:
    """How often neighbours agree, against what mixing would give.

    Attributes:
        count: Values in the sequence.
        agreement: Share of neighbours that agree, 0 to 1; for ``serial_rank`` the
            correlation of neighbours, -1 to 1.
        expected: The mean of the same over all orders of the same values.
        z: Distance of the two in standard deviations over all orders.
    """

    count: int
    agreement: float
    expected: float
    z: float

    @property
    def excess(self) -> float:
        """Agreement beyond mixing: 0 is mixed, 1 is one run per value."""
        room = 1 - self.expected
        return (self.agreement - self.expected) / room if room > 0 else 0.0


def neighbours(keys: Array) -> Mixing | None:
    """Neighbours with the same key, against all orders of the same keys.

    Mean and variance over all orders are exact; the null is that every order is as likely.

    Args:
        keys: One key per example, in the order of arrival, shape ``(count,)``.

    Returns:
        ``None`` with fewer than four examples or a single key.
    """
    count = len(keys)
    _, sizes = np.unique(keys, return_counts=True)
    if count < 4 or len(sizes) < 2:
        return None
    size = sizes.astype(np.float64)
    pairs = float((size * (size - 1)).sum())
    triples = float((size * (size - 1) * (size - 2)).sum())
    fours = float((size * (size - 1) * (size - 2) * (size - 3)).sum())
    two_pairs = pairs**2 - float(np.square(size * (size - 1)).sum())
    same = pairs / (count * (count - 1))
    same_three = triples / (count * (count - 1) * (count - 2))
    same_twice = (fours + two_pairs) / (count * (count - 1) * (count - 2) * (count - 3))
    variance = (
        (count - 1) * same * (1 - same)
        + 2 * (count - 2) * (same_three - same**2)
        + (count - 2) * (count - 3) * (same_twice - same**2)
    )
    agreeing = int(np.count_nonzero(keys[1:] == keys[:-1]))
    z = (agreeing - (count - 1) * same) / np.sqrt(variance) if variance > 0 else 0.0
    return Mixing(count, agreeing / (count - 1), same, float(z))


def serial_rank(values: Array) -> Mixing | None:
    """Correlation of neighbours' ranks; equal values share the middle of theirs.

    The null is that every order is as likely: mean ``-1 / count``, variance about ``1 / count``.

    Returns:
        ``None`` with fewer than ten values or a single one.
    """
    count = len(values)
    _, place, sizes = np.unique(values, return_inverse=True, return_counts=True)
    if count < 10 or len(sizes) < 2:
        return None
    ranks = (np.cumsum(sizes) - (sizes + 1) / 2)[place]
    ranks -= ranks.mean()
    correlation = float((ranks[1:] * ranks[:-1]).sum() / np.square(ranks).sum())
    return Mixing(count, correlation, -1 / count, (correlation + 1 / count) * float(np.sqrt(count)))


def rank_correlation(left: Array, right: Array) -> float:
    """Spearman's correlation of two sequences without ties, -1 to 1; NaN below two values."""
    if len(left) < 2:
        return float("nan")
    first, second = (np.argsort(np.argsort(side)).astype(np.float64) for side in (left, right))
    return float(np.corrcoef(first, second)[0, 1])


@dataclass(frozen=True, slots=True)
class Company:
    """How often two examples that shared a batch share one again.

    Attributes:
        again: Share of the pairs that shared a batch the first time and do so the second, 0 to 1.
        expected: The same if the second batches were drawn at random.
        pairs: Pairs that shared a batch the first time.
        chance: Probability that batches drawn at random hold the very same examples as the first.
    """

    again: float
    expected: float
    pairs: int
    chance: float

    @property
    def excess(self) -> float:
        """Company kept beyond chance: 0 is mixed anew, 1 is the same batches."""
        return (self.again - self.expected) / (1 - self.expected) if self.expected < 1 else 0.0


def kept_company(first: Array, second: Array) -> Company | None:
    """Compare who shares a batch with whom in two passes.

    Args:
        first: Each example's batch in the first pass, shape ``(examples,)``.
        second: The same examples' batches in the second pass.

    Returns:
        ``None`` where no two examples shared a batch, or all did.
    """
    count = len(first)
    together = _pairs_in(first)
    again_at_random = _pairs_in(second)
    every = count * (count - 1) // 2
    if not together or every in (together, again_at_random):
        return None
    both = _pairs_in(first.astype(np.int64) * (int(second.max()) + 1) + second)
    return Company(both / together, again_at_random / every, together, _same_groups(first))


def kept_followers(first: Array, second: Array) -> float:
    """Share of the examples whose follower in one pass follows them in the other too.

    Args:
        first: Each example's place in the first pass, all different, shape ``(examples,)``.
        second: The same examples' places in the second pass.
    """
    order = np.argsort(first)
    ranks = np.argsort(np.argsort(second))[order]
    return float((np.diff(ranks) == 1).mean()) if len(ranks) > 1 else 0.0


_LAGS = 8


@dataclass(frozen=True, slots=True)
class Nearby:
    """How often examples that stand together in one pass stand near each other in another.

    Attributes:
        share: Of all that are a few places apart, those no further apart than a tenth of the pass.
        expected: The same if the second order were drawn at random.
        z: The excess in standard deviations.
    """

    share: float
    expected: float
    z: float

    @property
    def excess(self) -> float:
        """What is kept beyond chance: 1 where all stay near each other."""
        return (self.share - self.expected) / (1 - self.expected)


def kept_nearby(first: Array, second: Array) -> Nearby:
    """Compare how near examples stand that are a few places apart in one of two passes.

    Args:
        first: Each example's place in the first pass, all different, shape ``(examples,)``.
        second: The same examples' places in the second pass.
    """
    order = np.argsort(first)
    ranks = np.argsort(np.argsort(second))[order]
    count = len(ranks)
    within = max(1, count // 10)
    expected = 2 * within / count - within * (within + 1) / (count * max(1, count - 1))
    lags = range(1, 1 + min(_LAGS, count // 20))
    apart = np.concatenate([np.abs(ranks[lag:] - ranks[:-lag]) for lag in lags] or [ranks[:0]])
    if not len(apart):
        return Nearby(0.0, expected, 0.0)
    share = float((apart <= within).mean())
    return Nearby(share, expected, (share - expected) / math.sqrt(expected / len(apart)))


def _same_groups(groups: Array) -> float:
    """The probability that a random order falls into the same groups, in whatever order they come."""
    sizes, times = np.unique(np.unique(groups, return_counts=True)[1], return_counts=True)
    ways = sum(
        many * math.lgamma(size + 1) + math.lgamma(many + 1)
        for size, many in zip(sizes.tolist(), times.tolist(), strict=True)
    )
    return math.exp(ways - math.lgamma(len(groups) + 1))


def _pairs_in(groups: Array) -> int:
    sizes = np.unique(groups, return_counts=True)[1].astype(np.int64)
    return int((sizes * (sizes - 1)).sum() // 2)
