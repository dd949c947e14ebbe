"""Normalisations that have a name, as lines on levels 0..255 in red, green, blue."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import permutations

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._values._value_map import ValueMap
from twinfeed.diff._values._value_range import ValueRange

_SLACK = 0.45  # share of a preset's width that augmentation may add at either end
_DARKEST = 0.4  # share of it below which pictures around 0 have their darkest value
_LOST = 0.02  # share of the spread above which a line leaves more than another decoder does
_MOST_BENT = 0.05  # logarithm of a factor, by which what one side lost may bend it at most
_FILLED = 0.15  # share of it that the darkest set of pictures still fills


@dataclass(frozen=True, slots=True)
class Preset:
    """One named normalisation: ``levels * scale + offset``.

    Attributes:
        name: What a finding calls it.
        scale: Per channel in its own order, or one for all.
        offset: The same.
        blue_first: Whether its channels are blue, green, red.
        measured: Whether its constants were measured on a data set, so that others lie near.
    """

    name: str
    scale: tuple[float, ...]
    offset: tuple[float, ...]
    blue_first: bool = False
    measured: bool = False

    def fits(self, seen: ValueRange) -> bool:
        """Whether values in this range can have come from it."""
        low = min(self.offset)
        high = max(255 * s + o for s, o in zip(self.scale, self.offset, strict=True))
        width = high - low
        inside = seen.low >= low - _SLACK * width and seen.high <= high + _SLACK * width
        dark = low >= 0 or seen.low <= low + _DARKEST * width
        return inside and dark and seen.high - seen.low >= _FILLED * width

    def channels(self, count: int) -> tuple[Array, Array] | None:
        """Scale and offset of each of ``count`` channels, or ``None`` if it has another number."""
        if len(self.scale) not in {1, count}:
            return None
        shape = np.ones(count)
        return shape * self.scale, shape * self.offset


def _standard(
    name: str, mean: tuple[float, ...], std: tuple[float, ...], *, blue_first: bool = False
) -> Preset:
    """``(levels / 255 - mean) / std``."""
    return Preset(
        name,
        tuple(1 / (255 * s) for s in std),
        tuple(-m / s for m, s in zip(mean, std, strict=True)),
        blue_first,
        measured=True,
    )


RAW = Preset("levels 0..255", (1.0,), (0.0,))
PRESETS = (
    RAW,
    Preset("scaled by 1/255", (1 / 255,), (0.0,)),
    Preset("scaled to -1..1", (1 / 127.5,), (-1.0,)),
    Preset(
        "caffe (BGR less the means 103.939, 116.779, 123.68)",
        (1.0, 1.0, 1.0),
        (-103.939, -116.779, -123.68),
        blue_first=True,
    ),
    Preset("RGB less the caffe means", (1.0, 1.0, 1.0), (-123.68, -116.779, -103.939)),
    _standard("torch (ImageNet mean and std)", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    _standard(
        "ImageNet mean and std on BGR",
        (0.406, 0.456, 0.485),
        (0.225, 0.224, 0.229),
        blue_first=True,
    ),
    _standard(
        "CIFAR-10 mean and std (0.247, 0.2435, 0.2616)",
        (0.4914, 0.4822, 0.4465),
        (0.247, 0.2435, 0.2616),
    ),
    _standard(
        "CIFAR-10 mean and std (0.2023, 0.1994, 0.201)",
        (0.4914, 0.4822, 0.4465),
        (0.2023, 0.1994, 0.201),
    ),
    _standard(
        "CIFAR-100 mean and std", (0.5071, 0.4867, 0.4408), (0.2675, 0.2565, 0.2761)
    ),
    _standard("MNIST mean and std (0.1307, 0.3081)", (0.1307,), (0.3081,)),
)  # fmt: skip


def named_line(
    seen: ValueMap,
    left: ValueRange,
    right: ValueRange,
    *,
    colourful: bool,
    level_share: float = 0.0,
) -> tuple[Preset, Preset] | None:
    """The two presets whose difference is the line that was seen, or ``None``.

    Args:
        seen: The line from A to B.
        left: The range of A's values.
        right: The range of B's values.
        colourful: Whether the order of the channels would show.
        level_share: Distance of two levels as a share of the range, where a side has few.
    """
    # Point by point a line is exact but for rounding: 1/255 is not 1/256.
    exact = seen.basis == "aligned"
    gain_slack = 0.0015 + _bent(seen.residual_share) + level_share / 2 if exact else 0.3
    bias_slack = 0.03 + seen.residual_share + 3 * level_share if exact else 0.6
    best: tuple[float, Preset, Preset] | None = None
    for one, other in permutations(PRESETS, 2):
        line = _between(one, other, seen.order, colourful=colourful)
        if line is None or min(seen.gain) <= 0 or not (one.fits(left) and other.fits(right)):
            continue
        gain, bias = line
        off_gain = np.abs(np.log(np.array(seen.gain) / gain)).max()
        # Where the line pivots matters: an offset counts at the values that there are.
        off_bias = (np.abs(np.array(seen.bias) - bias) / np.array(seen.spread)).max()
        misfit = float(max(off_gain / gain_slack, off_bias / bias_slack))
        if misfit < 1 and (best is None or misfit < best[0]):
            best = misfit, one, other
    if best is None or exact:
        return None if best is None else (best[1], best[2])
    return _nearest(best[1]), _nearest(best[2])


def _bent(residual_share: float) -> float:
    """Logarithm of the factor by which what a line leaves may have bent its slope.

    What a side lost, to a blur or to JPEG, is part of what the other holds, so it bends the slope
    by its own size; what decoders and rounding leave is not, and bends it by the square.
    """
    if residual_share < _LOST:
        return residual_share**2
    return min(residual_share / 2, _MOST_BENT)


def _nearest(preset: Preset) -> Preset:
    """The preset under a name that leaves room for its neighbours."""
    if not preset.measured:
        return preset
    return replace(preset, name=f"standardised (nearest: {preset.name})")


def _between(
    one: Preset, other: Preset, order: tuple[int, ...], *, colourful: bool
) -> tuple[Array, Array] | None:
    """Gain and bias from ``one`` to ``other``, or ``None`` where the channel orders rule it out."""
    count = len(order)
    here, there = one.channels(count), other.channels(count)
    if here is None or there is None:
        return None
    if max(order) >= count:  # columns that never change were left out: the others are alike
        order = tuple(range(count))
    turned = order[:3] == (2, 1, 0) and count >= 3
    coloured = len(one.scale) > 1 or len(other.scale) > 1
    if coloured and colourful and turned != (one.blue_first != other.blue_first):
        return None
    picks = list(order)
    gain = there[0] / here[0][picks]
    return gain, there[1] - gain * here[1][picks]


def blue_first(name: str) -> bool:
    """Whether the preset of this name has its channels in the order blue, green, red."""
    return any(preset.blue_first for preset in PRESETS if preset.name in name)
