"""Whether the channels of one feed are another colour space of the other's: YCbCr, HSV, Lab.

Where each channel of B is a mix of all three of A, what mixes them is fitted on one half of the pairs
and scored on the other, and its rows tell which space it leads to. HSV and Lab are no mixes: A's
colours are converted and held against B.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.trace import Trace
from twinfeed.diff._remembered import remembered
from twinfeed.diff._twins import EACH_WAY, SIDES, SideName, Twins
from twinfeed.diff._values._channel_order import channel_order
from twinfeed.diff._values._cut_off import paired_points
from twinfeed.diff._values._value_range import value_range

_SAME, _MANY_SAME = 0.01, 0.2  # of the range; share of the coloured points
_OTHER = 0.1  # of a channel's spread, that a line from the same channel must leave
_MIXED = 0.06  # that the mix may leave: chroma of photos spreads little, and is rounded to levels
_BETTER = 0.25  # of what lines leave
_RANK = 0.02  # of the largest singular value, below which channels are copies of a grey
_ROUNDS, _FAR = 4, 3.0  # of a line through most points, and times what the middle one is off
_ROW = 0.999  # cosine of the rows of a mix with those of a space that has a name
_BLACK_SPAN = {"0..255": (0.0, 255.0), "0..1": (0.0, 1.0), "-1..1": (-1.0, 2.0)}
_LINEAR = {
    "YCbCr or YUV": ((0.299, 0.587, 0.114), (-0.1687, -0.3313, 0.5), (0.5, -0.4187, -0.0813)),
    "YCrCb": ((0.299, 0.587, 0.114), (0.5, -0.4187, -0.0813), (-0.1687, -0.3313, 0.5)),
    "YIQ": ((0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112)),
}
"""Rec. ITU-R BT.601; YIQ as in ``colorsys``."""
_XYZ = np.array(
    [[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]]
)
"""From linear sRGB, D65: IEC 61966-2-1."""
_WHITE = _XYZ.sum(axis=1)


@dataclass(frozen=True, slots=True)
class ColourSpace:
    """Channels that are not the other side's, but made of them.

    Attributes:
        side: The side that holds the space with a name, B where the mix has none.
        name: Of the space; empty for any other mix of channels.
        line_share: What a line from channel to channel leaves of the spread.
        left_over_share: What the mix or the conversion leaves.
        pairs: Pairs it rests on.
    """

    side: SideName
    name: str
    line_share: float
    left_over_share: float
    pairs: int


@remembered
def colour_space(twins: Twins) -> ColourSpace | None:
    """The colour space that one side was converted to; ``None`` where both hold the same channels."""
    mains = twins.left.main, twins.right.main
    order = channel_order(twins)
    if order is None or order.moved or len(order.order) != 3 or not order.colourful:
        return None
    shown = paired_points(twins) if twins.is_plain("A") and twins.is_plain("B") else None
    if shown is None or None in mains:
        return None
    points = {name: side.reshape(len(side), -1, 3) for name, side in zip(SIDES, shown, strict=True)}
    lines = _left_by_lines(points["A"], points["B"])
    if lines < _OTHER or _same_colours(points["A"], points["B"]):
        return None
    pairs = len(shown[0])
    left, mix = _mixed(points["A"], points["B"])
    if mix is not None and left < min(_MIXED, _BETTER * lines):
        side, name = _named(mix)
        return ColourSpace(side, name, lines, left, pairs)
    for name, other in EACH_WAY:
        colours = _unit(twins.side(other), points[other])
        for space, convert in _CURVED.items():
            if colours is None:
                continue
            usual = _usual_rest(points[other], points[name])
            left = _usual_rest(convert(colours), points[name])
            if usual > _OTHER and left < min(_MIXED, _BETTER * usual):
                return ColourSpace(name, space, lines, left, pairs)
    return None


def _same_colours(left: Array, right: Array) -> bool:
    """Whether many colours, greys aside, are the same on both sides: no conversion leaves them."""
    least = _SAME * float(np.ptp(left))
    coloured = np.ptp(left, axis=-1) > 10 * least
    same = np.abs(left - right).max(axis=-1) <= least
    return bool(coloured.any()) and float(same[coloured].mean()) > _MANY_SAME


def _left_by_lines(left: Array, right: Array) -> float:
    """What a line from channel to channel leaves in the worst of them, as a share of its spread."""
    return max(_rest(left[..., [c]], right[..., c])[0] for c in range(3))


def _mixed(left: Array, right: Array) -> tuple[float, Array | None]:
    """What mixes of all channels leave in the worst of B's, and their rows; none that are one grey."""
    fits = [_rest(left, right[..., c]) for c in range(3)]
    rows = np.stack([row for _, row in fits])
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (lengths > 0).all():
        return np.inf, None
    strength = np.linalg.svd(rows / lengths, compute_uv=False)
    worst = max(share for share, _ in fits)
    return (worst, rows) if strength[-1] > _RANK * strength[0] else (np.inf, None)


def _rest(inputs: Array, target: Array) -> tuple[float, Array]:
    """What a fit on every other pair leaves of the others, as a share of the spread; and its factors."""
    sides = [
        (
            np.c_[inputs[part].reshape(-1, inputs.shape[-1]), np.ones(target[part].size)],
            target[part],
        )
        for part in (slice(0, None, 2), slice(1, None, 2))
    ]
    factors = cast("Array", np.linalg.lstsq(sides[0][0], sides[0][1].ravel(), rcond=None)[0])
    left = sides[1][1].ravel() - sides[1][0] @ factors
    spread = float(target.std())
    return float(np.sqrt(np.square(left).mean())) / spread if spread > 0 else 0.0, factors[:-1]


def _named(mix: Array) -> tuple[SideName, str]:
    """The side that holds a space with a name, and its name."""
    ways: tuple[tuple[SideName, Array], ...] = ("B", mix), ("A", np.linalg.inv(mix))
    for side, factors in ways:
        rows = factors / np.linalg.norm(factors, axis=1, keepdims=True)
        for name, known in _LINEAR.items():
            wanted = np.array(known) / np.linalg.norm(known, axis=1, keepdims=True)
            for columns in (slice(None), slice(None, None, -1)):
                # A channel may be the wrong way round; the luma is not.
                if (np.abs((rows * wanted[:, columns]).sum(axis=1)) > _ROW).all():
                    return side, name
    return "B", ""


def _unit(trace: Trace, points: Array) -> Array | None:
    """Colours in 0..1, red first."""
    found = value_range(trace.stats_of(trace.main.path)) if trace.main else None
    known = _BLACK_SPAN.get(found.kind) if found else None
    return None if known is None else np.clip((points - known[0]) / known[1], 0, 1)


def _usual_rest(made: Array, seen: Array) -> float:
    """What a line from each channel usually leaves of it, as a share of its spread: the worst.

    Hue is a circle, and that of grey points is noise: the middle of all points counts.
    """
    return max(_middle_rest(made[..., c].ravel(), seen[..., c].ravel()) for c in range(3))


def _middle_rest(x: Array, y: Array) -> float:
    """What the middle point is off a line, and that from the middle value; far points move neither."""
    left = np.abs(y - np.median(y))
    spread = float(np.median(left))
    for _ in range(_ROUNDS):
        keep = left <= max(_FAR * float(np.median(left)), 1e-9)
        if not x[keep].std() > 0:
            return np.inf
        gain, offset = np.polyfit(x[keep], y[keep], 1)
        left = np.abs(y - gain * x - offset)
    return float(np.median(left)) / spread if spread > 0 else np.inf


def _hsv(colours: Array) -> Array:
    """Hue, saturation and value, each 0 to 1, as ``colorsys.rgb_to_hsv`` has them."""
    red, green, blue = np.moveaxis(colours, -1, 0)
    value = colours.max(axis=-1)
    span = value - colours.min(axis=-1)
    wide = np.where(span > 0, span, 1)
    hue = np.select(
        [span == 0, value == red, value == green],
        [0.0 * span, (green - blue) / wide, 2 + (blue - red) / wide],
        4 + (red - green) / wide,
    )
    return np.stack([hue / 6 % 1, span / np.where(value > 0, value, 1), value], axis=-1)


def _lab(colours: Array) -> Array:
    """CIE L*a*b* of sRGB under D65: CIE 15, IEC 61966-2-1."""
    linear = np.where(colours > 0.04045, ((colours + 0.055) / 1.055) ** 2.4, colours / 12.92)
    x, y, z = np.moveaxis((linear @ _XYZ.T) / _WHITE, -1, 0)
    x, y, z = (np.where(t > 0.008856, np.cbrt(t), 7.787 * t + 16 / 116) for t in (x, y, z))
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


_CURVED: dict[str, Callable[[Array], Array]] = {"HSV": _hsv, "Lab": _lab}
