"""The line from A's values to B's, in words and as evidence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from twinfeed.diff._values._value_map import ValueMap

_NEAR = 0.002  # relative difference up to which a factor gets the name of a round one
_MOST_SAID = 8  # channels or columns that a sentence lists one by one
_ROUND = {
    1 / 255: "1/255",
    255.0**2: "65025",
    1 / 255**2: "1/65025",
    255.0: "255",
    1 / 256: "1/256",
    256.0: "256",
    255 / 256: "255/256",
}


def number(value: float) -> str:
    """Four digits, and nothing of what is only rounding."""
    return f"{value:.4g}" if abs(value) > 1e-7 else "0"


def of_channels(values: Iterable[float]) -> str:
    """A value of each channel, once where it is the same in all."""
    said = [f"{value:.3g}" for value in values]
    return said[0] if len(set(said)) == 1 else f"({', '.join(said)})"


def in_words(line: ValueMap) -> str:
    """``B's values are A's times 1/255 plus 0.1``, by channel where channels differ."""
    factor = _each([_factor(gain, line) for gain in line.gain], line.gain)
    small = (1e-3 if line.basis == "aligned" else 0.1) * min(line.spread)
    small = 0.0 if line.whole else small
    offsets = [0.0 if abs(bias) < small else bias for bias in line.bias]
    said = "B's values are A's" if factor == "1" else f"B's values are A's times {factor}"
    if not any(offsets):
        return said
    if max(offsets) <= 0:
        offsets = [-offset for offset in offsets]
        return f"{said} less {_each([*map(number, offsets)], offsets)}"
    return f"{said} plus {_each([*map(number, offsets)], offsets)}"


def line_evidence(line: ValueMap) -> dict[str, int | float | str | bool | None]:
    """Factor and offset per channel, what is left over, and what they rest on."""
    gains, biases = _by_channel("factor", line.gain), _by_channel("offset", line.bias)
    known = bool(np.isfinite(line.interval).all())
    return {
        **gains,
        **biases,
        "factor_interval_low": line.interval[0] * line.gain[0] if known else None,
        "factor_interval_high": line.interval[1] * line.gain[0] if known else None,
        "left_over_share": line.residual_share if np.isfinite(line.residual_share) else None,
        "pairs": line.pairs,
        "pairs_that_follow": line.agreeing,
        "basis": line.basis,
    }


def _factor(gain: float, line: ValueMap) -> str:
    exact = line.basis == "aligned"
    # Where augmentation stands between, 255 and 256 are one.
    known = {value: name for value, name in _ROUND.items() if exact or "256" not in name}
    best = min(known, key=lambda value: abs(gain / value - 1))
    near = abs(gain / best - 1) < (_NEAR if exact else 0.05)
    return known[best] if near else number(gain)


def _each(texts: list[str], values: Sequence[float]) -> str:
    """All of the texts where they differ, or between which values they lie where they are many."""
    if len(set(texts)) == 1:
        return texts[0]
    if len(texts) <= _MOST_SAID:
        return f"({', '.join(texts)})"
    return f"{number(min(values))} to {number(max(values))} ({len(texts)} columns, each its own)"


def _by_channel(name: str, values: tuple[float, ...]) -> dict[str, float]:
    if len(values) == 1:
        return {name: values[0]}
    return {f"{name}_{channel}": value for channel, value in enumerate(values)}
