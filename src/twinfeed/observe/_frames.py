"""Finding the user's own lines among those of the libraries they call."""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator
from pathlib import Path

from twinfeed._core.users_code import OURS, is_users

_DUMPED = re.compile(r'^\s*File "(.*)", line (\d+),? in (.*)$', re.MULTILINE)


def raised_at(error: BaseException) -> str:
    """The user's line nearest to where an error came from, as ``file:line, in function``.

    Causes are followed, and so are the tracebacks that frameworks copy into their messages.
    Empty if no line of the user's took part.
    """
    found = ""
    for link in _chain(error):
        for frame in traceback.extract_tb(link.__traceback__):
            if is_users(frame.filename):
                found = _said(frame.filename, frame.lineno or 0, frame.name)
        if isinstance(link, SyntaxError) and link.filename and is_users(link.filename):
            found = _said(link.filename, link.lineno or 0, "")
        for file, line, function in _DUMPED.findall(str(link)):
            if is_users(file):
                found = _said(file, int(line), function)
    return found


def hung_at(dump: str) -> str:
    """The user's lines of a ``faulthandler`` dump, thread by thread, most recent call first.

    Where no thread runs a line of theirs, the newest calls of the thread that was asked.
    """
    threads = [block for block in re.split(r"\n(?=\S)", dump.strip()) if _DUMPED.search(block)]
    own = [
        [_said(file, int(line), function) for file, line, function in frames]
        for block in threads
        if (frames := [frame for frame in _DUMPED.findall(block) if is_users(frame[0])])
    ]
    if not own:
        asked = next(
            (b for b in threads if b.startswith("Current")), threads[-1] if threads else ""
        )
        frames = [frame for frame in _DUMPED.findall(asked) if not frame[0].startswith(OURS)]
        own = [[_said(file, int(line), function) for file, line, function in frames]]
    return "\n".join(f"  {line}" for lines in own[:3] for line in lines[:6])


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what led to it, the last one first."""
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _said(file: str, line: int, function: str) -> str:
    path = Path(file)
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{shown}:{line}" + (f", in {function}" if function and function != "<module>" else "")
