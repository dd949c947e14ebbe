"""The same pass with NumPy and SciPy: slower, and what the compiled one is held against."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, Protocol

import numpy as np

from twinfeed._core.batch import Array
from twinfeed.engine.decode import Grid


class _Sampling(Protocol):
    @property
    def fill_mode(self) -> str: ...
    @property
    def cval(self) -> float: ...
    @property
    def order(self) -> int: ...


@cache
def _ndimage() -> Any:
    # By name: SciPy's image module takes as long to load as everything else of ours.
    return import_module("scipy.ndimage")


def planes(x: Array, matrix: Array, sampling: _Sampling) -> Array:
    """Sample each channel.

    Args:
        x: ``(channels, height, width)`` float32.
        matrix: As in ``warp``.
        sampling: Fill mode, constant and order.

    Returns:
        ``(channels, height, width)``, contiguous.
    """
    linear, offset = matrix[:4].reshape(2, 2), matrix[4:]
    sampled = [
        _ndimage().affine_transform(
            channel,
            linear,
            offset,
            order=sampling.order,
            mode=sampling.fill_mode,
            cval=sampling.cval,
        )
        for channel in x
    ]
    return np.stack(sampled, axis=0)


def warp(
    grid: Grid,
    matrix: Array | None,
    sampling: _Sampling,
    *,
    mirror: bool,
    turn: bool,
    scale: float,
    out: Array,
) -> None:
    """As ``warp`` in the module of that name."""
    x = grid.taken().astype(np.float32)
    if matrix is not None:
        x = np.rollaxis(planes(np.rollaxis(x, 2, 0), matrix, sampling), 0, 3)
    if mirror:
        x = x[:, ::-1]
    if turn:
        x = x[::-1]
    np.multiply(x, np.float32(scale), out=out)
