"""One picture, sampled, flipped and scaled in one pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.engine import reference
from twinfeed.engine._kernels import kernels
from twinfeed.engine._modes import CODES
from twinfeed.engine.decode import Grid
from twinfeed.errors import UsageError


@dataclass(frozen=True, slots=True)
class Sampling:
    """How values between and outside of pixels are found.

    Attributes:
        fill_mode: SciPy's name of what lies outside.
        cval: The value outside for ``"constant"``.
        order: Order of the spline, 0 to 5.
    """

    fill_mode: str = "nearest"
    cval: float = 0.0
    order: int = 1


def warp(
    grid: Grid,
    matrix: Array | None,
    sampling: Sampling,
    *,
    mirror: bool,
    turn: bool,
    scale: float,
    out: Array,
) -> None:
    """Write a transformed picture into ``out``.

    Args:
        grid: The picture.
        matrix: ``m00, m01, m10, m11`` and the offsets of rows and columns, from places in the
            output to places in the input, float64; ``None`` leaves every pixel where it is.
        sampling: Fill mode, constant and order.
        mirror: Flip left and right, after the sampling.
        turn: Flip top and bottom, after the sampling.
        scale: Factor, applied in single precision; 1 changes nothing.
        out: ``(height, width, channels)`` float32; in memory, channels may come last or first.
    """
    factor = np.float32(scale)
    compiled = kernels()
    pixels = grid.pixels
    # The quick kernels read four bytes and write four values at a time.
    quick = (
        pixels.shape[2] == 3
        and pixels.dtype == np.uint8
        and pixels.size > 3
        and out.flags.c_contiguous
    )
    if compiled is not None and matrix is None:
        if quick:
            compiled.copy_rgb(*grid, mirror, turn, factor, out)
        else:
            compiled.copy_grid(*grid, mirror, turn, factor, *_flat(out))
    elif compiled is not None and sampling.order == 1 and sampling.fill_mode in CODES:
        how = (CODES[sampling.fill_mode], float(sampling.cval), mirror, turn, factor)
        if quick:
            compiled.warp_rgb(*grid, matrix, *how, out)
        else:
            compiled.warp_any(*grid, matrix, *how, *_flat(out))
    else:
        reference.warp(grid, matrix, sampling, mirror=mirror, turn=turn, scale=scale, out=out)


def _flat(out: Array) -> tuple[Array, tuple[int, int, int]]:
    """The memory of ``out`` in a row, and its steps in rows, columns and channels, in values.

    A kernel for flat memory serves either order of axes; one per layout would be compiled twice.
    """
    height, width, channels = out.shape
    if out.flags.c_contiguous:
        return out.reshape(-1), (width * channels, channels, 1)
    memory = out.transpose(2, 0, 1)
    if not memory.flags.c_contiguous:
        raise UsageError("a target in a third memory order", "channels last or first", "copy it")
    return memory.reshape(-1), (width, 1, height * width)


def taken(grid: Grid) -> Array:
    """The resized picture as an array of its own, in the type of its pixels, read-only."""
    compiled = kernels()
    if compiled is None:
        made = grid.taken()
    else:
        shape = (len(grid.rows), len(grid.columns), grid.pixels.shape[2])
        made = np.empty(shape, grid.pixels.dtype)
        compiled.take_grid(*grid, made)
    made.setflags(write=False)
    return made
