"""Numbers of a picture that hardly change as it is moved, mirrored or scaled in its values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np

from twinfeed._core.batch import Array
from twinfeed._core.showing import channels_last
from twinfeed._core.trace import Trace

Look: TypeAlias = Literal["blocks", "detail", "levels", "tone", "colour", "contrast", "light"]

_SIDE = 96  # points of a side of the middle that are looked at, a multiple of the blocks
_BLOCK = 8  # points of a side of a block of JPEG
_FAR = 4  # points between which differences are those of a picture, not of its grain
_NOTHING = 1e-12
_NO_SPREAD = 1e-3  # of the range
_OF_BITS = 128, 256  # values that all pictures hold together, where they were rounded to 8 bits


def middles(trace: Trace, at: Array, width: float) -> list[Array]:
    """The middle of each picture, float32, channels last; it starts at the edge of a block.

    Args:
        trace: A feed of pictures.
        at: Which of its whole examples.
        width: Of the range, which becomes 1.
    """
    made: list[Array] = []
    chosen: list[int] = at.tolist()
    for index in chosen:
        picture = channels_last(trace.kept.values[index], trace.main) if trace.main else None
        assert picture is not None
        top, left = (
            max(0, (length - _SIDE) // 2 // _BLOCK * _BLOCK) for length in picture.shape[:2]
        )
        made.append(picture[top : top + _SIDE, left : left + _SIDE].astype(np.float32) / width)
    return made


def rounded(pictures: list[Array]) -> bool:
    """Whether values are rounded to 8 bits: that is fewer of them, but no levels that were lost."""
    low, high = _OF_BITS
    return low <= len(np.unique(np.stack([one[..., 0] for one in pictures]))) <= high


def _grey(picture: Array) -> Array:
    """The mean of the channels, shape ``(height, width)``."""
    return picture.mean(axis=-1)


def _steps(grey: Array, far: int = 1) -> tuple[Array, Array]:
    return grey[far:] - grey[:-far], grey[:, far:] - grey[:, :-far]


def _power(*parts: Array) -> float:
    return sum(float(np.square(part).mean()) for part in parts)


def _fine(grey: Array) -> float:
    """Mean square of the second differences of neighbours."""
    return _power(np.diff(grey, 2, axis=0), np.diff(grey, 2, axis=1))


def _detail(picture: Array) -> float:
    grey = _grey(picture)
    return float(np.log((_fine(grey) + _NOTHING) / (_power(*_steps(grey, _FAR)) + _NOTHING)))


def _blocks(picture: Array) -> float:
    """Steps at the edges of blocks, against the others."""
    at_edges, within = _NOTHING, _NOTHING
    for axis, steps in enumerate(_steps(_grey(picture))):
        lines: Array = np.abs(steps).mean(axis=1 - axis)
        at_edges += float(lines[_BLOCK - 1 :: _BLOCK].mean())
        within += float(np.delete(lines, np.s_[_BLOCK - 1 :: _BLOCK]).mean())
    return float(np.log(at_edges / within))


def _levels(picture: Array) -> float:
    return float(np.log(len(np.unique(picture[..., 0]))))


def _lively(picture: Array) -> Array:
    """Points that are not like all their neighbours, as what is laid around a picture is."""
    down, across = (np.abs(steps) for steps in _steps(_grey(picture)))
    return (down[:, :-1] > 0) & (across[:-1] > 0)


def _values(picture: Array) -> Array:
    """How light each point is that is not all alike with its neighbours, shape ``(points,)``."""
    return np.asarray(_grey(picture)[:-1, :-1][_lively(picture)])


def _tone(picture: Array) -> float:
    """The middle value, in spreads from the mean; 0 of pictures that are all alike."""
    values = _values(picture)
    spread = float(values.std()) if len(values) else 0.0
    return float(np.median(values) - values.mean()) / spread if spread > 0 else 0.0


def _colour(picture: Array) -> float:
    """Edges between colours, against those between light and dark."""
    lively = _lively(picture)
    # The edge of what is laid around a picture has no colour, and is no edge of the picture.
    inside = lively[1:] & lively[:-1], lively[:, 1:] & lively[:, :-1]
    coloured, grey = _NOTHING, _NOTHING
    for axis, kept in enumerate(inside):
        steps = np.diff(picture[:-1, :-1], axis=axis)[kept]
        of_grey = steps.mean(axis=-1, keepdims=True)
        coloured += float(np.abs(steps - of_grey).sum()) / picture.shape[-1]
        grey += float(np.abs(of_grey).sum())
    return float(np.log(coloured / grey))


def _contrast(picture: Array) -> float:
    values = _values(picture)
    return float(np.log(values.std() + _NO_SPREAD)) if len(values) else 0.0


def _light(picture: Array) -> float:
    values = _values(picture)
    return float(values.mean()) if len(values) else 0.0


LOOKS: dict[Look, Callable[[Array], float]] = {
    "blocks": _blocks,
    "detail": _detail,
    "levels": _levels,
    "tone": _tone,
    "colour": _colour,
    "contrast": _contrast,
    "light": _light,
}
