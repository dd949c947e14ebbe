"""The watched process: runs the user's code, reads the feed, writes the trace, says how far it is.

Started by ``twinfeed.observe.child`` as ``python -P -m twinfeed.observe._child_main FOLDER FD``.
"""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, cast

import msgspec

from twinfeed._core.trace import Trace
from twinfeed.errors import FeedError, TwinfeedError, UsageError, UserCodeError
from twinfeed.observe._arming import places_noted
from twinfeed.observe._events import Event, Teller
from twinfeed.observe._frames import raised_at
from twinfeed.observe._job import ASK_FOR_STACKS, JOB, STACKS, TRACE, Job
from twinfeed.observe._open import open_factory, open_named
from twinfeed.observe.read import observe, unread
from twinfeed.observe.script import run_script
from twinfeed.observe.source import FactorySource, ScriptSource, TwinSource, parse_source
from twinfeed.observe.twinfile import save


def main(arguments: Sequence[str]) -> int:
    """Do the job in a folder; the answer is a trace there, or an ``error`` event."""
    folder, teller = Path(arguments[0]), Teller(int(arguments[1]))
    stay_under_watch(folder / STACKS, int(arguments[1]), teller)
    job = msgspec.json.decode((folder / JOB).read_bytes(), type=Job)
    try:
        with places_noted():
            _work(job, folder / TRACE, teller)
    except KeyboardInterrupt:
        return 130
    except BaseException as error:  # noqa: BLE001 - the last word of this process, whatever it was
        teller.tell(last_word(error))
        return 3
    teller.tell(Event(kind="done"))
    return 0


def stay_under_watch(stacks_file: Path, fd: int, teller: Teller) -> None:
    """Let a watching process see signs of life and stacks, and end with it."""
    os.set_inheritable(fd, False)  # noqa: FBT003 - what the user starts must not hold the pipe
    stacks = stacks_file.open("wb", buffering=0)  # open as long as the process lives
    faulthandler.enable(stacks)
    faulthandler.register(signal.Signals[ASK_FOR_STACKS], stacks, all_threads=True)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # background jobs start without it
    if sys.platform == "linux":
        # A watcher that is killed takes this process with it (prctl PR_SET_PDEATHSIG).
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    sys.meta_path.insert(0, cast("Any", _SignOfLife(teller)))
    for stream in (sys.stdout, sys.stderr):
        cast("Any", stream).reconfigure(line_buffering=True)


class _SignOfLife:
    """A finder that finds nothing: each import of a large framework's parts shows that it moves."""

    def __init__(self, teller: Teller) -> None:
        self._teller = teller

    def find_spec(
        self, _name: str, _path: object = None, _target: object = None
    ) -> ModuleSpec | None:
        """Say so, and leave the module to the finders behind this one."""
        self._teller.alive()
        return None


def last_word(error: BaseException) -> Event:
    """An error as an event, with the user's line in it."""
    lines = str(error).splitlines()
    where = raised_at(error)
    if isinstance(error, FeedError) and where:
        told = next((i for i, line in enumerate(lines) if line.startswith("Expected ")), len(lines))
        lines.insert(told, f"It happened at {where}.")
    return Event(
        kind="error",
        text="\n".join(lines),
        error=type(error).__name__ if isinstance(error, TwinfeedError) else "",
        traceback="".join(traceback.format_exception(error)),
    )


def _work(job: Job, out: Path, teller: Teller) -> None:
    source = parse_source(job.given)
    assert not isinstance(source, TwinSource), "a saved trace is read without a process"
    if isinstance(source, ScriptSource):
        _run(source, job, out, teller)
        return
    feed = (
        open_factory(source, teller.phase)
        if isinstance(source, FactorySource)
        else open_named(source, teller.phase)
    )
    if job.plan_only:
        _write(unread(feed, name=job.given), out, teller)
        return
    trace = observe(
        feed,
        budget=job.budget,
        every_value=job.every_value,
        name=job.given,
        progress=teller.batch,
    )
    _write(trace, out, teller)


def _write(trace: Trace, out: Path, teller: Teller) -> None:
    if not trace.complete and not len(trace.rows):
        raise KeyboardInterrupt  # interrupted before there was anything to keep
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # from here on it takes no time
    teller.phase("saving")
    try:
        save(trace, out)
    except OSError as error:
        given = f"a temporary folder that cannot take the trace ({error.strerror or error})"
        raise UsageError(given, "room for it", "set TMPDIR to a folder with more room") from error


def _run(source: ScriptSource, job: Job, out: Path, teller: Teller) -> None:
    teller.phase("running")
    try:
        run_script(
            source.path,
            source.argv,
            out=out,
            name=job.given,
            budget=job.budget,
            every_value=job.every_value,
            stop_after_epochs=job.stop_after_epochs,
            stop_after_seconds=job.stop_after_seconds,
            progress=teller.batch,
        )
    except (KeyboardInterrupt, TwinfeedError):
        raise
    except BaseException as error:
        hint = f"run it on its own to reproduce it: python {source.given}"
        raise UserCodeError(
            str(source.path), error, "a script that runs to its end", hint
        ) from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
