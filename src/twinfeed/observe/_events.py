"""What the watched process tells the watching one: one JSON object per line."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import msgspec

_EVERY_S = 0.05  # signs of life closer together than this tell nothing new


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One sign of life.

    Attributes:
        kind: ``phase`` (something new begins), ``batch``, ``alive`` (still at it), ``said``
            (worth a line that stays), ``error``
            (the last word of a process that failed) or ``done`` (the trace is written).
        text: What is being done, or the error's message.
        examples: Examples read in this pass so far.
        error: Name of the error's class in ``twinfeed.errors``; empty for a fault of our own.
        traceback: Where the error comes from, as Python prints it.
    """

    kind: Literal["phase", "batch", "alive", "said", "error", "done"]
    text: str = ""
    examples: int = 0
    error: str = ""
    traceback: str = ""


class Teller:
    """Writes events to a pipe; a watcher that has gone away is no reason to fail.

    Args:
        fd: The pipe's writing end.
    """

    def __init__(self, fd: int) -> None:
        self._fd: int | None = fd
        self._last_s = 0.0
        self._text = ""

    def phase(self, text: str) -> None:
        """Say what begins now."""
        self._text = text
        self.tell(Event(kind="phase", text=text))

    def said(self, text: str) -> None:
        """Say what stays to be read."""
        self.tell(Event(kind="said", text=text))

    def batch(self, text: str, examples: int) -> None:
        """Say that a batch came; most are left out when they come fast."""
        if text != self._text or time.monotonic() - self._last_s > _EVERY_S:
            self._text = text
            self.tell(Event(kind="batch", text=text, examples=examples))

    def alive(self) -> None:
        """Say that something moves."""
        if time.monotonic() - self._last_s > _EVERY_S:
            self.tell(Event(kind="alive", text=self._text))

    def tell(self, event: Event) -> None:
        """Write an event at once."""
        self._last_s = time.monotonic()
        if self._fd is None:
            return
        data = msgspec.json.encode(event) + b"\n"
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError:
            self._fd = None


class Hearer:
    """Puts the lines of a pipe together again."""

    def __init__(self) -> None:
        self._rest = b""

    def events(self, data: bytes) -> Iterator[Event]:
        """The events that these bytes complete; lines that are none are left out."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            try:
                yield msgspec.json.decode(line, type=Event)
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
