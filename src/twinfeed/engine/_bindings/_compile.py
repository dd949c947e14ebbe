"""Compiling with Numba, and keeping what was compiled where nothing lies beside the user's files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import xxhash

from twinfeed.engine.places import kernel_cache

inner = numba.njit(error_model="numpy", nogil=True)
"""For functions that are called by kernels only."""


def compiled(function: Callable[..., Any]) -> Any:
    """``njit`` for a kernel: without the interpreter's lock, cached between processes."""
    before = numba.config.CACHE_DIR
    # Numba looks at one file's time and size; a package may give all its files the same time.
    numba.config.CACHE_DIR = str(kernel_cache() / _SOURCES)
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # nowhere to write: compile anew in each process
        return inner(function)
    finally:
        numba.config.CACHE_DIR = before


_SOURCES = xxhash.xxh3_64_hexdigest(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
)
