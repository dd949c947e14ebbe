"""The question answered: observe three pipelines, compare them, train on each."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import platformdirs

from twinfeed._core.optional import require
from twinfeed._core.results import Report
from twinfeed._core.trace import Trace
from twinfeed.demo.outcome import Outcome
from twinfeed.diff import compare
from twinfeed.feeds import as_feed
from twinfeed.observe.budget import Budget
from twinfeed.observe.read import observe

NAMES: Mapping[str, str] = {
    "a": "a: TFDS and tf.data",
    "b": "b: ImageDataGenerator",
    "c": "c: imitation of b in tf.data",
}
EPOCHS = 4
SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the demo found.

    Attributes:
        data: The data set's name.
        versions: The versions that the figures belong to.
        outcomes: One short training per pipeline, as far as they came.
        reports: (b) against (c), then (a) against (b), as far as they came.
        complete: ``False`` if the work was interrupted.
    """

    data: str
    versions: str
    outcomes: tuple[Outcome, ...]
    reports: tuple[Report, ...]
    complete: bool


def answer(
    data: str | None = None, *, progress: Callable[[str, int], None] = lambda _what, _count: None
) -> Answer:
    """Observe the three pipelines, compare them, and train a small network on each.

    Args:
        data: ``tfds:NAME`` for another data set that is prepared here.
        progress: Called with what is being done and how far it is.

    Raises:
        MissingLibraryError: If TensorFlow, TFDS or Pillow is missing.
        SourceError: If the data set cannot be had.
    """
    for library in ("tensorflow", "keras", "tensorflow_datasets", "PIL"):
        require(library, "run the demo")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    progress("starting TensorFlow", 0)
    home = "twinfeed.demo._frameworks"
    pipelines, training = import_module(f"{home}.pipelines"), import_module(f"{home}.train")
    prepared = import_module(f"{home}.data").prepare(data, cache_folder(), progress)
    builders: dict[str, Callable[[], Any]] = {
        "a": lambda: pipelines.tfds_pipeline(prepared.builder, prepared.train),
        "b": lambda: pipelines.keras_pipeline(prepared.folder),
        "c": lambda: pipelines.imitation_pipeline(prepared.folder),
    }
    traces: dict[str, Trace] = {}
    reports: list[Report] = []
    outcomes: list[Outcome] = []
    complete = True
    try:
        for key, build in builders.items():
            traces[key] = observe(
                as_feed(build()),
                budget=Budget(timing_s=1.5),
                name=NAMES[key],
                progress=lambda what, count, key=key: progress(f"{NAMES[key]}: {what}", count),
            )
        for left, right in (("b", "c"), ("a", "b")):
            progress(f"comparing ({left}) and ({right})", 0)
            reports.append(compare(traces[left], traces[right]))
        outcomes = [
            training.train(
                NAMES[key], build(), prepared, epochs=EPOCHS, seed=SEED, progress=progress
            )
            for key, build in builders.items()
        ]
    except KeyboardInterrupt:
        complete = False
    return Answer(
        data=prepared.name,
        versions=training.version(),
        outcomes=tuple(outcomes),
        reports=tuple(reports),
        complete=complete and all(report.complete for report in reports),
    )


def cache_folder() -> Path:
    """Where the demo keeps its data."""
    chosen = os.environ.get("TWINFEED_CACHE_DIR")
    return Path(chosen or platformdirs.user_cache_dir("twinfeed")) / "demo"
