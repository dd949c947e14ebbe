"""Watching a process: its signs of life, its output, its end."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from twinfeed.observe._events import Event, Hearer

_TICK_S = 0.1
_TAIL_BYTES = 8192
_ENDING_S = 5.0  # after its last word a process has this long to go by itself
_STACKS_S = 2.0
_LAST_CHANCE_S = 3.0
_LEFT_OVER = 64  # reads of what is still in the pipes; one that left the group may write for ever


@dataclass(slots=True)
class Ending:
    """How a watched process ended.

    Attributes:
        code: Its exit code; negative for a signal.
        done: Whether it said that its work is done.
        timed_out: Whether it was killed because nothing came.
        interrupted: Whether the user asked for the end.
        error: Its own account of what went wrong.
        stacks: Where its threads were, as ``faulthandler`` prints it.
        output: The end of what it printed.
        doing: What it did last.
    """

    code: int = 0
    done: bool = False
    timed_out: bool = False
    interrupted: bool = False
    error: Event | None = None
    stacks: str = ""
    output: bytes = b""
    doing: str = ""


def watch(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    timeout_s: float,
    grace_s: float,
    output_is_life: bool,
    stacks: Path,
    on_event: Callable[[Event], None],
    on_output: Callable[[bytes], None],
) -> Ending:
    """Run a command to its end; nothing of its process group outlives this call.

    The command is given the number of the file descriptor for its events as last argument.
    SIGINT and SIGTERM that reach us are passed on as one SIGINT; a second one ends it at once.
    After a timeout it gets a SIGINT as well, and a few seconds to save what it has.

    Args:
        command: The command without that last argument.
        environment: Its whole environment.
        timeout_s: Seconds without an event after which it is killed.
        grace_s: Seconds that it has after an interrupt.
        output_is_life: Whether something printed is as good as an event.
        stacks: The file to which it writes its stacks when it gets SIGUSR1.
        on_event: Called with each event.
        on_output: Called with what it prints on either stream.
    """
    with _interrupts() as interrupts:
        event_end, event_start = os.pipe()
        try:
            process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
                [*command, str(event_start)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                pass_fds=(event_start,),
                start_new_session=True,
            )
        except BaseException:
            os.close(event_end)
            raise
        finally:
            os.close(event_start)
        watched = _Watched(process, event_end, stacks, on_event, on_output)
        watched.output_is_life = output_is_life
        try:
            return watched.run(interrupts, timeout_s=timeout_s, grace_s=grace_s)
        finally:
            watched.close()


class _Watched:
    def __init__(
        self,
        process: subprocess.Popen[bytes],
        events: int,
        stacks: Path,
        on_event: Callable[[Event], None],
        on_output: Callable[[bytes], None],
    ) -> None:
        self.process = process
        self.events = events
        self.stacks = stacks
        self.on_event = on_event
        self.on_output = on_output
        self.ending = Ending()
        self.output_is_life = False
        self.hearer = Hearer()
        self.killed = False
        self.last_life_s = time.monotonic()
        self.selector = selectors.DefaultSelector()
        assert process.stdout is not None, "it is a pipe"
        self.selector.register(events, selectors.EVENT_READ, self._hear)
        self.selector.register(process.stdout, selectors.EVENT_READ, self._print)

    def run(self, interrupts: list[int], *, timeout_s: float, grace_s: float) -> Ending:
        must_end_s = float("inf")
        finished_s = float("inf")
        while self.process.poll() is None:
            self._read(_TICK_S)
            now_s = time.monotonic()
            if interrupts and not (self.ending.interrupted or self.ending.timed_out):
                self.ending.interrupted = True
                self._signal(signal.SIGINT)
                must_end_s = now_s + grace_s
            if len(interrupts) > 1 or now_s > min(must_end_s, finished_s + _ENDING_S):
                break
            if (self.ending.done or self.ending.error) and finished_s == float("inf"):
                finished_s = now_s
            idle = now_s - self.last_life_s > timeout_s and finished_s == float("inf")
            if idle and not (self.ending.interrupted or self.ending.timed_out):
                self.ending.timed_out = True
                self._ask_for_stacks()
                self._signal(signal.SIGINT)  # it may still save what it has
                must_end_s = time.monotonic() + min(grace_s, _LAST_CHANCE_S)
        self._kill()
        self.ending.code = self.process.wait()
        for _ in range(_LEFT_OVER):
            if not self._read(0):
                break
        with suppress(OSError):
            self.ending.stacks = self.stacks.read_text(errors="replace")
        return self.ending

    def close(self) -> None:
        self._kill()
        self.process.wait()
        self.selector.close()
        os.close(self.events)
        assert self.process.stdout is not None, "it is a pipe"
        self.process.stdout.close()

    def _read(self, wait_s: float) -> bool:
        """Whether something was read."""
        ready = self.selector.select(wait_s)
        for key, _ in ready:
            data = os.read(key.fd, 1 << 16)
            if data:
                key.data(data)
            else:
                self.selector.unregister(key.fileobj)
        if not self.selector.get_map() and wait_s:
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(wait_s)
        return bool(ready)

    def _hear(self, data: bytes) -> None:
        self.last_life_s = time.monotonic()
        for event in self.hearer.events(data):
            if event.kind == "done":
                self.ending.done = True
            elif event.kind == "error":
                self.ending.error = event
            elif event.kind == "phase":
                self.ending.doing = event.text
            elif event.kind == "batch":
                self.ending.doing = f"{event.text}, after {event.examples:,} examples or more"
            self.on_event(event)

    def _print(self, data: bytes) -> None:
        if self.output_is_life:
            self.last_life_s = time.monotonic()
        self.ending.output = (self.ending.output + data)[-_TAIL_BYTES:]
        self.on_output(data)

    def _ask_for_stacks(self) -> None:
        """Wait until the process has written where its threads are, or cannot any more."""
        self._signal(signal.SIGUSR1)
        end_s, size = time.monotonic() + _STACKS_S, -1
        while time.monotonic() < end_s and self.process.poll() is None:
            self._read(_TICK_S)
            found = self.stacks.stat().st_size if self.stacks.exists() else 0
            if found and found == size:
                return
            size = found

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            self.process.send_signal(number)

    def _kill(self) -> None:
        """Kill the whole group, once: workers of the user's must not outlive their parent."""
        if self.killed:
            return
        self.killed = True
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)


@contextmanager
def _interrupts() -> Generator[list[int], None, None]:
    """Collect SIGINT and SIGTERM instead of being torn out of the middle of something."""
    caught: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield caught
        return

    def note(number: int, _frame: FrameType | None) -> None:
        caught.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield caught
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
