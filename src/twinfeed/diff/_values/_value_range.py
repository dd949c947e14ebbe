"""Which of the usual ranges a feed's values lie in."""

from __future__ import annotations

from dataclasses import dataclass

from twinfeed._core.trace import LeafStats

_LEAST_EXAMPLES = 4
_APART = 0.4  # share of the wider range by which the ends must differ, both together


@dataclass(frozen=True, slots=True)
class ValueRange:
    """The range of one leaf.

    Attributes:
        kind: ``0..1``, ``-1..1``, ``0..255``, ``0..65535``, ``standardised``, ``centred``,
            ``nearly 0`` or ``other``.
        low: Smallest finite value.
        high: Largest finite value.
        examples: Examples counted.
    """

    kind: str
    low: float
    high: float
    examples: int

    def __str__(self) -> str:
        return f"{self.low:.4g} to {self.high:.4g}"


def value_range(stats: LeafStats | None) -> ValueRange | None:
    """The range of a leaf, or ``None`` where nothing finite and varied was counted.

    The bounds of each range are wide: augmentation may push values out of it, and dim pictures
    do not fill it.
    """
    if stats is None or stats.low is None or stats.high is None or stats.low == stats.high:
        return None
    return ValueRange(_kind(stats, stats.low, stats.high), stats.low, stats.high, stats.examples)


def apart(left: ValueRange, right: ValueRange) -> bool:
    """Whether two ranges are of two kinds, and their ends are where they differ."""
    if left.kind == right.kind or min(left.examples, right.examples) < _LEAST_EXAMPLES:
        return False
    width = max(left.high - left.low, right.high - right.low)
    return abs(left.low - right.low) + abs(left.high - right.high) >= _APART * width


def _kind(stats: LeafStats, low: float, high: float) -> str:
    width = max(stats.std)
    around_0 = max(abs(mean) for mean in stats.mean) < width
    kinds = (
        ("nearly 0", max(-low, high) < 0.02),
        ("0..1", low >= -0.6 and high <= 1.6),
        ("-1..1", low >= -1.6 and high <= 1.6),
        ("standardised", around_0 and low < -0.3 and 0.3 < width < 3 and max(-low, high) < 30),
        ("0..255", low >= -80 and 20 < high <= 340),
        ("centred", around_0 and -340 <= low < -20 and high <= 340),
        ("0..65535", low >= 0 and 340 < high <= 65535),
    )
    return next((name for name, holds in kinds if holds), "other")
