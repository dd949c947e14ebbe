"""Tuning in a process of its own, where the user's code can hang or crash without harm."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from twinfeed.observe._events import Event
from twinfeed.observe._watch import watch
from twinfeed.observe.child import child_environment, failure
from twinfeed.tune._job import JOB, RESULT, STACKS, TuneJob
from twinfeed.tune.outcome import Tuned


def tune_factory(
    job: TuneJob,
    *,
    timeout_s: float = 120.0,
    grace_s: float = 20.0,
    on_event: Callable[[Event], None],
    on_output: Callable[[bytes], None],
    verbose: bool = False,
) -> tuple[Tuned | None, bool]:
    """Tune what a factory returns.

    Args:
        job: What to tune, and how.
        timeout_s: Seconds without a sign of life after which the process is killed; 0 waits.
        grace_s: Seconds that an interrupted process has to say what it has.
        on_event: Called with each sign of life.
        on_output: Called with what the user's code prints.
        verbose: Let TensorFlow log.

    Returns:
        What was found, if anything, and whether the user ended it.

    Raises:
        FeedError: If the user's code raised, hung or died.
    """
    with tempfile.TemporaryDirectory(prefix="twinfeed-") as name:
        folder = Path(name)
        (folder / JOB).write_bytes(msgspec.json.encode(job))
        ending = watch(
            [sys.executable, "-P", "-m", "twinfeed.tune._child_main", name],
            environment=child_environment(os.environ, verbose=verbose),
            timeout_s=timeout_s or float("inf"),
            grace_s=grace_s,
            output_is_life=False,
            stacks=folder / STACKS,
            on_event=on_event,
            on_output=on_output,
        )
        result = folder / RESULT
        found = msgspec.json.decode(result.read_bytes(), type=Tuned) if result.exists() else None
    if ending.interrupted or (ending.done and not ending.timed_out):
        return found, ending.interrupted
    raise failure(job.given, ending, timeout_s)
