"""Attributing in a process of its own, where the user's code can hang or crash without harm."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from twinfeed._core.attribution import Attribution
from twinfeed.attribute._job import PARTS, TRACES, AttributeJob
from twinfeed.attribute._run import Parts
from twinfeed.attribute._verb import joined
from twinfeed.diff import compare
from twinfeed.observe._events import Event
from twinfeed.observe.child import failure, watch_job
from twinfeed.observe.twinfile import load


def attribute_named(
    job: AttributeJob,
    *,
    timeout_s: float = 600.0,
    grace_s: float = 30.0,
    on_event: Callable[[Event], None],
    on_output: Callable[[bytes], None],
    verbose: bool = False,
) -> tuple[Attribution | None, bool]:
    """Attribute the gap between two feeds that a user named.

    Args:
        job: What to do, and how.
        timeout_s: Seconds without a sign of life after which the process is killed; 0 waits.
        grace_s: Seconds that an interrupted process has to say what it has.
        on_event: Called with each sign of life.
        on_output: Called with what the user's code prints.
        verbose: Let TensorFlow log.

    Returns:
        What was found, if anything, and whether the user ended it.

    Raises:
        FeedError: If the user's code raised, hung or died.
        TrainError: If no network can be trained on the feeds.
    """
    given = f"{job.a} and {job.b}"
    with tempfile.TemporaryDirectory(prefix="twinfeed-") as name:
        folder = Path(name)
        ending = watch_job(
            "twinfeed.attribute._child_main",
            given,
            job,
            folder,
            timeout_s=timeout_s,
            grace_s=grace_s,
            on_event=on_event,
            on_output=on_output,
            verbose=verbose,
        )
        found = _read(folder)
    if ending.interrupted:
        return found if found is None else replace(found, complete=False), True
    if ending.done and not ending.timed_out:
        return found, False
    raise failure(given, ending, timeout_s)


def _read(folder: Path) -> Attribution | None:
    parts = folder / PARTS
    if not parts.exists():
        return None
    (left,), (right,) = (load(folder / name) for name in TRACES)
    return joined(compare(left, right), msgspec.json.decode(parts.read_bytes(), type=Parts))
