"""Files decoded once per way, resized at the points that are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.diff._replay._files import Header
from twinfeed.diff._replay._kernels import BY_NAME
from twinfeed.diff._replay._policies import POLICIES, turned
from twinfeed.diff._replay._resize import at_points

_SAME_SHAPE = 0.02  # of one side, by which shapes may differ and be the same
_POINTS = 32  # rows and columns compared per picture, at most


def binding() -> Any:
    """The image libraries, or ``None`` where Pillow is not installed."""
    try:
        return import_module("twinfeed.diff._replay._bindings.decoders")
    except ImportError:
        return None


@dataclass(frozen=True, slots=True)
class Way:
    """One complete guess at how a picture was made.

    Attributes:
        bars: The colour of what is padded, in levels; ``None`` where it is left open.
    """

    policy: str
    kernel: str
    decoder: str
    mode: str
    turn: bool = False
    blue_first: bool = False
    bars: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture of the feed at the compared points, and the file it came from.

    Attributes:
        seen: The feed's values, float64, shape ``(rows, columns, channels)``.
        size: Height and width of the feed's whole picture.
        points: The rows and columns compared.
        file: Its file.
    """

    seen: Array
    size: tuple[int, int]
    points: tuple[Array, Array]
    file: Header

    @property
    def is_reshaped(self) -> bool:
        """Whether a rule for the shape shows in it."""
        return reshapes(self.file, self.size)


def reshapes(file: Header, size: tuple[int, int]) -> bool:
    """Whether a picture is of another shape than its file, by more than rounding."""
    across, down = file.width * size[0], file.height * size[1]
    return abs(across - down) > _SAME_SHAPE * max(across, down)


def shot(example: Array, file: Header) -> Shot:
    """Take a feed's picture, channels last, at evenly spread points."""
    height, width = example.shape[:2]
    points = _spread(height), _spread(width)
    seen = example[np.ix_(*points)].astype(np.float64)
    return Shot(seen, (height, width), points, file)


def _spread(length: int) -> Array:
    return np.unique(np.linspace(0, length - 1, min(length, _POINTS)).round().astype(int))


class Studio:
    """Replays ways on files; each file is decoded once per decoder and mode.

    Args:
        library: What ``binding`` gave.
    """

    def __init__(self, library: Any) -> None:
        self._library = library
        self._decoded: dict[tuple[Path, str, str], Array | None] = {}

    def replay(self, taken: Shot, way: Way) -> Array | None:
        """The picture at the shot's points in levels, or ``None`` if it cannot be made so.

        Bars whose colour is left open are NaN.
        """
        decoder = self._library.settled(way.decoder, taken.file, taken.size)
        key = taken.file.path, decoder, way.mode
        if key not in self._decoded:
            self._decoded[key] = self._library.decode(*key)
        picture = self._decoded[key]
        if picture is None:
            return None
        if way.turn:
            picture = turned(picture, taken.file.orientation)
        axes = POLICIES[way.policy](_shape(picture), taken.size)
        found = at_points(picture, BY_NAME[way.kernel], axes, taken.points)
        found = found[..., ::-1] if way.blue_first else found
        rows, columns = (axis.beyond(at) for axis, at in zip(axes, taken.points, strict=True))
        if rows.any() or columns.any():
            found[rows[:, None] | columns] = np.nan if way.bars is None else way.bars
        return found

    def forget(self) -> None:
        """Let the decoded pictures go."""
        self._decoded.clear()


def _shape(picture: Array) -> tuple[int, int]:
    height, width = picture.shape[:2]
    return height, width


def misfits(studio: Studio, shots: Sequence[Shot], way: Way) -> Array:
    """What a way leaves of each shot: mean absolute difference in levels, NaN if it cannot be made.

    A line per channel and picture from levels to values is taken away first, so that scale and
    normalisation, standardised image by image or not, have no say. Bars may be of any one colour.
    """
    found: list[float] = []
    for taken in shots:
        levels = studio.replay(taken, way)
        if levels is None or levels.shape != taken.seen.shape:
            found.append(float("nan"))
            continue
        found.append(_misfit(levels, taken.seen))
    return np.array(found)


def bars(studio: Studio, shots: Sequence[Shot], way: Way) -> tuple[float, ...] | None:
    """The colour of what a way pads, in levels per channel; ``None`` where it pads none of the shots."""
    found: list[Array] = []
    for taken in shots:
        levels = studio.replay(taken, replace(way, bars=None))
        if levels is None or levels.shape != taken.seen.shape:
            continue
        beyond = np.isnan(levels[..., 0])
        if beyond.any() and not beyond.all():
            gain, x, y = _line(levels[~beyond], taken.seen[~beyond])
            gain = np.where(gain == 0, np.inf, gain)
            found.append(x + (np.median(taken.seen[beyond], axis=0) - y) / gain)
    return tuple(np.median(found, axis=0).tolist()) if found else None


def _misfit(levels: Array, seen: Array) -> float:
    beyond = np.isnan(levels[..., 0])
    if beyond.all():
        return float("nan")
    x, y = levels[~beyond].astype(np.float64), seen[~beyond]
    gain, middle_x, middle_y = _line(x, y)
    dx, dy = x - middle_x, y - middle_y
    if (np.abs(gain) < 1e-12).any():
        # A channel that does not follow at all: as bad as the values are wide.
        return float(np.abs(dx).mean())
    left = np.abs(dy / gain - dx)
    if not beyond.any():
        return float(left.mean())
    strip = seen[beyond]
    uneven = np.abs((strip - np.median(strip, axis=0)) / gain)
    return float(np.concatenate([left, uneven]).mean())


def _line(levels: Array, seen: Array) -> tuple[Array, Array, Array]:
    """Gain from levels to values, and the middles of both; each of shape ``(channels,)``."""
    x, y = levels.mean(axis=0), seen.mean(axis=0)
    dx, dy = levels - x, seen - y
    power = (dx * dx).sum(axis=0)
    return (dx * dy).sum(axis=0) / np.where(power > 0, power, np.inf), x, y
