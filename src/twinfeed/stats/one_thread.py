"""Matrix products on one thread each, for code that runs several of them side by side."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock

import numpy as np

_NAMES = (
    "scipy_openblas_{}_num_threads64_",
    "openblas_{}_num_threads64_",
    "openblas_{}_num_threads",
)


@dataclass(frozen=True, slots=True)
class _Library:
    """What numpy's own OpenBLAS offers to ask and set its number of threads."""

    get: Callable[[], int]
    set: Callable[[int], None]


class _Inside:
    """How many callers are inside, and how many threads there were before the first came."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.callers = 0
        self.before = 0


_INSIDE = _Inside()


@contextmanager
def one_thread() -> Generator[None]:
    """Let numpy's products use one thread inside, and as many as before outside.

    Two threads inside a product wait for each other by spinning: where several products run at
    once, or another process keeps a core busy, that was seen to take ten times as long. Where
    numpy has no OpenBLAS of its own, nothing changes.
    """
    library = _library()
    if library is None:
        yield
        return
    with _INSIDE.lock:
        _INSIDE.callers += 1
        if _INSIDE.callers == 1:
            _INSIDE.before = library.get()
            library.set(1)
    try:
        yield
    finally:
        with _INSIDE.lock:
            _INSIDE.callers -= 1
            if not _INSIDE.callers:
                library.set(_INSIDE.before)


@cache
def _library() -> _Library | None:
    """The OpenBLAS that came with numpy, which is loaded already, or ``None``."""
    package = Path(np.__file__).parent
    for folder in (package.parent / "numpy.libs", package / ".dylibs"):
        for path in sorted(folder.glob("*openblas*")):
            found = _functions(path)
            if found is not None:
                return found
    return None


def _functions(path: Path) -> _Library | None:
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError:
        return None
    for name in _NAMES:
        get, put = (getattr(loaded, name.format(way), None) for way in ("get", "set"))
        if get is not None and put is not None:
            get.restype, put.argtypes = ctypes.c_int, [ctypes.c_int]
            return _Library(get, put)
    return None
