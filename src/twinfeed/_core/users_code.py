"""Telling the user's own code from that of Python, of installed packages and of ours."""

from __future__ import annotations

import os
import sysconfig
from functools import lru_cache
from itertools import islice
from pathlib import Path
from types import FrameType

from twinfeed._core.plan import Place

OURS = str(Path(__file__).parents[1])
"""The folder of this package."""
_LIBRARIES = tuple(
    Path(path).resolve()
    for name, path in sysconfig.get_paths().items()
    if name in {"stdlib", "platstdlib", "purelib", "platlib"}
)
_START = Path.cwd()  # a script may go elsewhere; what was written relative to here stays so


@lru_cache(maxsize=4096)
def is_users(file: str) -> bool:
    """Whether a file is neither ours nor part of Python or an installed package."""
    if file.startswith("<"):
        return False
    path = Path(file).resolve()
    if {"site-packages", "dist-packages"} & set(path.parts):
        return False
    return not any(path.is_relative_to(root) for root in (OURS, *_LIBRARIES))


def called_at(frame: FrameType | None) -> Place | None:
    """The user's call nearest to a frame; ``None`` where none of their lines takes part.

    Args:
        frame: The innermost frame to look at.
    """
    while frame is not None and not is_users(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return None
    found = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), None)
    _, end_line, _, end_column = found or (None, None, None, None)
    return Place(
        file=_shown(frame.f_code.co_filename),
        line=frame.f_lineno,
        end_line=end_line or 0,
        end_column=end_column or 0,
    )


@lru_cache(maxsize=4096)
def _shown(file: str) -> str:
    """A file's name from where the process started, if it lies below."""
    path = Path(os.path.normpath(_START / file))
    return str(path.relative_to(_START)) if path.is_relative_to(_START) else str(path)
