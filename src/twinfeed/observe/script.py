"""Running an unmodified training script under the tap, as ``coverage run`` would."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from twinfeed._core.trace import Trace
from twinfeed.errors import NoFitError, SourceError
from twinfeed.observe.budget import Budget
from twinfeed.observe.tap import Watch, tapped
from twinfeed.observe.twinfile import check_target, save


def run_script(
    path: str | os.PathLike[str],
    argv: Sequence[str] = (),
    *,
    out: str | os.PathLike[str] | None = None,
    name: str | None = None,
    budget: Budget | None = None,
    every_value: bool = False,
    stop_after_epochs: int | None = None,
    stop_after_seconds: float | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> tuple[Trace, ...]:
    """Run a script as ``python SCRIPT ARGUMENTS`` would, and record its trainings.

    The script runs in this process, as ``__main__``. Whatever it raises is raised again after
    what was recorded has been saved, marked as partial; ``sys.exit()`` without an error is a
    normal end.

    Args:
        path: The script.
        argv: Its arguments.
        out: The ``.twin`` file to write, or ``None``.
        name: What reports call its feeds; the script's path by default.
        budget: How much is looked at and kept of each feed.
        every_value: Count every value instead of a sample of each image.
        stop_after_epochs: Ask each ``fit`` to stop after so many epochs, as a callback would.
        stop_after_seconds: Ask each ``fit`` to stop once it has run so long.
        progress: Told after each step what is being done and the examples of this epoch.

    Raises:
        SourceError: If there is no such script.
        TwinFileError: If ``out`` cannot be written to without losing something.
        NoFitError: If the script never trained, evaluated or predicted on a batch.
        KerasVersionError: If this version of Keras cannot be watched.
    """
    script = Path(path)
    if not script.exists():
        raise SourceError(
            str(path), "there is no such file", "a Python script", "check the spelling"
        )
    if out is not None:
        check_target(out)
    watch = Watch(
        budget=budget,
        every_value=every_value,
        stop_after_epochs=stop_after_epochs,
        stop_after_seconds=stop_after_seconds,
        progress=progress,
    )
    name = name or str(path)
    with tapped(watch), as_python_would(script, argv):
        try:
            runpy.run_path(str(script), run_name="__main__")
        except BaseException as error:
            if not isinstance(error, SystemExit) or error.code not in {None, 0}:
                _save(watch.traces(name), out)
                raise
    traces = watch.traces(name)
    if not traces:
        raise NoFitError(path, *_why_nothing(watch))
    _save(traces, out)
    return traces


def _save(traces: tuple[Trace, ...], out: str | os.PathLike[str] | None) -> None:
    if out is not None and traces:
        save(traces, out)


@contextmanager
def as_python_would(script: Path, argv: Sequence[str]) -> Generator[None]:
    """``sys.argv`` and ``sys.path`` as the interpreter sets them for a script."""
    old_argv, old_path = sys.argv, list(sys.path)
    sys.argv = [str(script), *argv]
    if not script.is_dir():  # a folder or archive with a __main__.py is put there by runpy
        sys.path.insert(0, str(script.resolve().parent))
    try:
        yield
    finally:
        sys.argv = old_argv
        sys.path[:] = old_path


def _why_nothing(watch: Watch) -> tuple[str, str]:
    if watch.calls:
        return (
            "called Keras, but no batch reached a step",
            "check that its data are not empty and epochs is at least 1",
        )
    if "tf_keras" in sys.modules:
        return (
            "trains with Keras 2 (tf_keras), which is not recorded",
            "unset TF_USE_LEGACY_KERAS, or name the function that makes its feed: train.py:make_feed",
        )
    return (
        "ended without a call of fit, evaluate or predict",
        "name the function that makes its feed (train.py:make_feed) if it trains in a loop of its own",
    )
