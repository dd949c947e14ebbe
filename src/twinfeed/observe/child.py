"""Observing a feed in a process of its own.

Nothing of the user's runs in ours: a hang can be killed, a crash is told from an error, and
their random state, environment and standard output are not touched by the rest of the work.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from twinfeed import errors
from twinfeed._core.trace import Trace
from twinfeed.errors import FeedTimeoutError, ProcessDiedError, TwinfeedError, UsageError
from twinfeed.observe._events import Event
from twinfeed.observe._frames import hung_at
from twinfeed.observe._job import JOB, STACKS, TRACE, Job
from twinfeed.observe._watch import Ending, watch
from twinfeed.observe.budget import Budget
from twinfeed.observe.source import ScriptSource, Source, TwinSource
from twinfeed.observe.twinfile import load


@dataclass(frozen=True, slots=True)
class Observed:
    """What came of observing a source.

    Attributes:
        traces: One per feed; a script has one per call of ``fit``, ``evaluate`` or ``predict``.
        interrupted: Whether the user ended it; then ``traces`` holds what there was, if anything.
        error: What ended it before its time; ``traces`` may hold what was saved before that.
    """

    traces: tuple[Trace, ...]
    interrupted: bool = False
    error: Exception | None = None

    def or_raise(self) -> Observed:
        """This, if nothing went wrong.

        Raises:
            FeedError: If the user's code raised, hung, died, or its feed cannot be read.
            MissingLibraryError: If a library that the feed needs is not installed.
        """
        if self.error is not None:
            raise self.error
        return self


class ChildTracebackError(Exception):
    """A traceback of the watched process, as text; the cause of the error raised here."""


def observe_source(
    source: Source,
    *,
    budget: Budget | None = None,
    every_value: bool = False,
    stop_after_epochs: int | None = None,
    stop_after_seconds: float | None = None,
    plan_only: bool = False,
    timeout_s: float = 120.0,
    grace_s: float = 10.0,
    on_event: Callable[[Event], None] | None = None,
    on_output: Callable[[bytes], None] | None = None,
    verbose: bool = False,
) -> Observed:
    """Observe what a user named, each in a process of its own; a saved trace is only read.

    Args:
        source: What to observe.
        budget: Bounds of the read.
        every_value: Count every value instead of a sample of each image.
        stop_after_epochs: Ask each ``fit`` of a script to stop after so many epochs.
        stop_after_seconds: Ask each ``fit`` of a script to stop once it has run so long.
        plan_only: Read no batch of a feed that is not a script's.
        timeout_s: Seconds without a batch or another sign of life after which the process is
            killed; 0 waits for ever.
        grace_s: Seconds that an interrupted process has to save what it has.
        on_event: Called with each sign of life.
        on_output: Called with what the user's code prints, on either stream.
        verbose: Let TensorFlow log.

    Raises:
        TwinFileError: If a saved trace cannot be read.
        UsageError: On a system where a process cannot be watched.
    """
    if isinstance(source, TwinSource):
        return Observed(load(source.path))
    job = Job(
        given=source.given,
        budget=budget or Budget(),
        every_value=every_value,
        stop_after_epochs=stop_after_epochs,
        stop_after_seconds=stop_after_seconds,
        plan_only=plan_only,
    )
    with tempfile.TemporaryDirectory(prefix="twinfeed-") as name:
        folder = Path(name)
        ending = watch_job(
            "twinfeed.observe._child_main",
            source.given,
            job,
            folder,
            timeout_s=timeout_s,
            grace_s=grace_s,
            output_is_life=isinstance(source, ScriptSource),
            on_event=on_event or (lambda _event: None),
            on_output=on_output or (lambda _data: None),
            verbose=verbose,
        )
        trace = folder / TRACE
        traces = load(trace) if trace.exists() else ()
    if ending.interrupted:
        return Observed(traces, interrupted=True)
    if ending.done and not ending.timed_out:
        return Observed(traces)
    return Observed(traces, error=failure(source.given, ending, timeout_s))


def watch_job(
    module: str,
    given: str,
    job: object,
    folder: Path,
    *,
    timeout_s: float,
    grace_s: float,
    output_is_life: bool = False,
    on_event: Callable[[Event], None],
    on_output: Callable[[bytes], None],
    verbose: bool,
) -> Ending:
    """Run a module in a process of its own, on a job that it finds in a folder.

    Args:
        module: What is run, as ``python -m`` takes it; it calls ``stay_under_watch``.
        given: What the user named.
        job: What to do: a dataclass that becomes ``JOB`` in the folder.
        folder: Where the job lies, and what comes of it.
        timeout_s: Seconds without a sign of life after which the process is killed; 0 waits.
        grace_s: Seconds that an interrupted process has to save what it has.
        output_is_life: Whether what the process prints counts as a sign of life.
        on_event: Called with each sign of life.
        on_output: Called with what the user's code prints, on either stream.
        verbose: Let TensorFlow log.

    Raises:
        UsageError: On a system where a process cannot be watched.
    """
    if os.name != "posix":
        raise UsageError(
            f"{given} on {sys.platform}",
            "Linux, macOS or WSL to run a feed in a process that can be watched",
            "run it there; a .twin file of `twinfeed trace` can be compared here",
        )
    (folder / JOB).write_bytes(msgspec.json.encode(job))
    return watch(
        [sys.executable, "-P", "-m", module, str(folder)],
        environment=child_environment(os.environ, verbose=verbose),
        timeout_s=timeout_s or float("inf"),
        grace_s=grace_s,
        output_is_life=output_is_life,
        stacks=folder / STACKS,
        on_event=on_event,
        on_output=on_output,
    )


def child_environment(outer: Mapping[str, str], *, verbose: bool) -> dict[str, str]:
    """The environment of a watched process."""
    inner = {**outer, "PYTHONDONTWRITEBYTECODE": "1"}  # nothing is written beside the user's files
    if not verbose:
        inner.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    return inner


def failure(given: str, ending: Ending, timeout_s: float) -> Exception:
    """What ended the process."""
    if ending.timed_out:
        return FeedTimeoutError(given, timeout_s, hung_at(ending.stacks), ending.doing)
    if ending.error is not None:
        error = _revived(ending.error)
        error.__cause__ = ChildTracebackError("\n" + ending.error.traceback)
        return error
    return _died(given, ending)


def _revived(event: Event) -> Exception:
    """The error of the watched process; only its class and its text travel."""
    kind: object = getattr(errors, event.error, None) if event.error else None
    if isinstance(kind, type) and issubclass(kind, TwinfeedError):
        error = kind.__new__(kind)
        error.args = (event.text,)
        return error
    return RuntimeError(event.text)


def _died(given: str, ending: Ending) -> ProcessDiedError:
    code = ending.code
    if code < 0:
        how = f"was ended by signal {-code} ({_signal_name(-code)})"
    else:
        how = f"ended by itself with exit code {code}, without a word"
    hint = "run it on its own to reproduce it"
    if code == -signal.SIGKILL:
        hint = "the system kills what takes too much memory; try a smaller batch or --examples 1000"
    elif code >= 0:
        hint = "look for os._exit or a library that ends the process"
    if code < 0 and (where := hung_at(ending.stacks)):
        how += f"; it was last seen here:\n{where}\n"
    said = ending.output.decode(errors="replace").strip()
    if said:
        how += "; its last words:\n" + "\n".join(f"  {line}" for line in said.splitlines()[-8:])
    return ProcessDiedError(given, how.rstrip(), hint)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
