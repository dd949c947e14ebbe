"""Tuning in a process of its own, where the user's code can hang or crash without harm."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from twinfeed.observe._events import Event
from twinfeed.observe.child import failure, watch_job
from twinfeed.tune._job import RESULT, TuneJob
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
        ending = watch_job(
            "twinfeed.tune._child_main",
            job.given,
            job,
            folder,
            timeout_s=timeout_s,
            grace_s=grace_s,
            on_event=on_event,
            on_output=on_output,
            verbose=verbose,
        )
        result = folder / RESULT
        found = msgspec.json.decode(result.read_bytes(), type=Tuned) if result.exists() else None
    if ending.interrupted or (ending.done and not ending.timed_out):
        return found, ending.interrupted
    raise failure(job.given, ending, timeout_s)
