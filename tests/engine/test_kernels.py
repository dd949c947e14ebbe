"""The compiled pass gives the bits of SciPy, in every mode, at every border."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from twinfeed.engine import reference
from twinfeed.engine._kernels import kernels
from twinfeed.engine._modes import CODES
from twinfeed.engine.decode import Grid
from twinfeed.engine.warp import Sampling, taken, warp

pytest.importorskip("numba")


def _settled(array: Any) -> Any:
    array = np.ascontiguousarray(array)
    array.setflags(write=False)
    return array


@st.composite
def grids(draw: Any, channels: Any) -> Grid:
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    height, width = draw(st.integers(1, 30)), draw(st.integers(1, 30))
    rows, columns = draw(st.integers(1, 25)), draw(st.integers(1, 25))
    depth, kind = draw(channels)
    pixels = random.integers(0, 256, (height, width, depth)).astype(kind)
    return Grid(
        _settled(pixels),
        _settled(np.sort(random.integers(0, height, rows)).astype(np.int32)),
        _settled(np.sort(random.integers(0, width, columns)).astype(np.int32)),
    )


_PART = st.one_of(st.floats(-1.5, 1.5), st.sampled_from([0.0, 1.0, -1.0, 0.5]))
MATRICES = st.builds(
    lambda a, b, c, d, y, x: np.array([a, b, c, d, y, x]),
    _PART, st.one_of(st.just(0.0), _PART), _PART, _PART, st.floats(-60, 60), st.floats(-60, 60),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    grids(st.sampled_from([(3, "u1"), (1, "u1"), (4, "u1"), (3, "f4"), (2, "f4")])),
    st.one_of(st.none(), MATRICES),
    st.builds(
        Sampling, st.sampled_from(sorted(CODES)), st.floats(-9, 300), st.sampled_from([1, 0])
    ),
    st.booleans(),
    st.booleans(),
    st.sampled_from([1.0, 1 / 255.0, 2.7]),
    st.booleans(),
)
def test_every_bit_is_that_of_scipy(  # noqa: PLR0917
    grid: Grid, matrix: Any, sampling: Sampling, mirror: bool, turn: bool, scale: float, first: bool
) -> None:
    shape = (len(grid.rows), len(grid.columns), grid.pixels.shape[2])
    ours, theirs = np.full((2, *shape), np.nan, np.float32)
    if first:  # channels first: the same pass through a view
        ours = np.full((shape[2], *shape[:2]), np.nan, np.float32).transpose(1, 2, 0)
    for out, by in ((ours, warp), (theirs, reference.warp)):
        by(grid, matrix, sampling, mirror=mirror, turn=turn, scale=scale, out=out)
    assert np.array_equal(ours.copy().view(np.uint32), theirs.view(np.uint32))


def test_no_byte_outside_of_the_picture_or_the_target_is_touched() -> None:
    guard = np.full(7 * 5 * 3 + 8, 77.0, np.float32)
    out = guard[4:-4].reshape(7, 5, 3)
    held = np.zeros(4 * 3 * 3 + 8, np.uint8)
    held[:4], held[-4:] = 255, 255
    pixels = held[4:-4].reshape(4, 3, 3)
    pixels.setflags(write=False)
    places = [_settled(np.linspace(0, n - 1, m).astype(np.int32)) for n, m in ((4, 7), (3, 5))]
    for tilt in (0.0, 0.01):
        matrix = np.array([1.0, tilt, 0.0, 1.0, 0.0, 0.0])
        warp(
            Grid(pixels, *places), matrix, Sampling(), mirror=False, turn=False, scale=1.0, out=out
        )
        assert np.array_equal(out, np.zeros_like(out))
        assert (guard[:4] == 77).all()
        assert (guard[-4:] == 77).all()


def test_threads_share_no_memory_that_was_freed() -> None:
    random = np.random.default_rng(0)
    pixels = _settled(random.integers(0, 256, (50, 60, 3), dtype=np.uint8))
    rows, columns = (_settled(np.arange(size, dtype=np.int32)) for size in (50, 60))
    grid = Grid(pixels, rows, columns)
    matrices = [np.array([0.9, tilt, 0.1, 1.1, 2.0, -3.0]) for tilt in (0.0, 0.07)]

    def made(by: Any, matrix: Any) -> Any:
        out = np.empty((50, 60, 3), np.float32)
        by(grid, matrix, Sampling(), mirror=False, turn=False, scale=1.0, out=out)
        return out

    expected = [made(reference.warp, matrix) for matrix in matrices]

    def often(number: int) -> bool:
        which = number % 2
        return all(np.array_equal(made(warp, matrices[which]), expected[which]) for _ in range(300))

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(often, range(8)))


@settings(max_examples=20, deadline=None)
@given(grids(st.sampled_from([(3, "u1"), (1, "f4")])))
def test_the_grid_alone_is_what_indexing_takes(grid: Grid) -> None:
    assert np.array_equal(taken(grid), grid.taken())


def test_kernels_are_kept_where_the_environment_says(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess
    import sys

    monkeypatch.setenv("TWINFEED_CACHE_DIR", str(tmp_path))
    code = (
        "import numpy as np; from twinfeed.engine.warp import *; from twinfeed.engine.decode import *;"
        "warp(as_grid(np.zeros((4, 4, 3), 'u1')), None, Sampling(), mirror=False, turn=False,"
        "scale=1.0, out=np.empty((4, 4, 3), 'f4'))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert list((tmp_path / "kernels").rglob("*.nbc"))
    assert kernels() is not None
