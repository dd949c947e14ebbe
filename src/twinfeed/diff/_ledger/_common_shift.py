"""The one shift by which all of B's pictures are cut elsewhere out of what A shows, however far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array

_OVERLAP = 0.3  # share of a picture that both sides must show
_ALIKE = 0.9  # median correlation of what both show
_CLEARLY = 0.1  # correlation that it must gain over no shift
_FOLLOWS, _MANY = 0.8, 0.6  # correlation of a picture that follows, and the share that must


@dataclass(frozen=True, slots=True)
class CommonShift:
    """Where B's middle lies in A, as shares of height and width, and how many pictures say so."""

    down: float
    right: float
    pictures: int


def common_shift(left: Array, right: Array) -> CommonShift | None:
    """Correlate grey pictures of one size, shape ``(pictures, height, width)``, at every shift."""
    height, width = left.shape[1:]
    scores = _correlations(left, right)
    middle = np.median(scores, axis=0)
    at = np.unravel_index(int(middle.argmax()), middle.shape)
    best = scores[:, at[0], at[1]]
    follows = int((best >= _FOLLOWS).sum())
    if middle[at] < max(_ALIKE, middle[0, 0] + _CLEARLY) or follows < _MANY * len(best):
        return None
    down, across = (
        (place if place < length else place - 2 * length) / length
        for place, length in zip(map(int, at), (height, width), strict=True)
    )
    return CommonShift(down, across, follows)


def _correlations(left: Array, right: Array) -> Array:
    """Of what is shown by both, shape ``(pictures, 2 * height, 2 * width)``; -1 where it is too little."""
    size = left.shape[1] * 2, left.shape[2] * 2
    # Counted from the mean, so that sums of squares lose nothing.
    a, b = (side - side.mean(axis=(1, 2), keepdims=True) for side in (left, right))
    shown = np.fft.rfft2(np.ones((1, *left.shape[1:])), size)

    def over_overlap(one: Array, other: Array) -> Array:
        return np.fft.irfft2(one * other.conj(), size)

    fa, fb, fa2, fb2 = (np.fft.rfft2(each, size) for each in (a, b, a * a, b * b))
    count = over_overlap(shown, shown).clip(min=1)
    sum_a, sum_b = over_overlap(fa, shown), over_overlap(shown, fb)
    power_a = over_overlap(fa2, shown) - sum_a**2 / count
    power_b = over_overlap(shown, fb2) - sum_b**2 / count
    both = over_overlap(fa, fb) - sum_a * sum_b / count
    power = power_a.clip(min=0) * power_b.clip(min=0)
    found = both / np.sqrt(np.where(power > 0, power, np.inf))
    return np.where(count >= _OVERLAP * left[0].size, found, -1.0)
