r"""The demo's pipelines as functions, for any command that takes one.

    twinfeed attribute twinfeed.demo.feeds:keras twinfeed.demo.feeds:imitation \
        --evaluate twinfeed.demo.feeds:held_out

They are written as their users write them, faults included.
"""

from __future__ import annotations

import contextlib
import os
import sys
from importlib import import_module
from typing import Any

from twinfeed._core.optional import require
from twinfeed.demo.run import cache_folder

_HOME = "twinfeed.demo._frameworks"


def tfds() -> Any:
    """(a) TFDS and a hand-made pipeline."""
    data = _prepared()
    return import_module(f"{_HOME}.pipelines").tfds_pipeline(data.builder, data.train)


def keras() -> Any:
    """(b) Keras's ImageDataGenerator."""
    folder = _prepared().folder
    with contextlib.redirect_stdout(sys.stderr):  # it says how many files it found
        return import_module(f"{_HOME}.pipelines").keras_pipeline(folder)


def imitation() -> Any:
    """(c) An attempt to imitate (b) in tf.data."""
    return import_module(f"{_HOME}.pipelines").imitation_pipeline(_prepared().folder)


def held_out() -> Any:
    """The examples that none of the three trains on, unaugmented, in 0..1."""
    return import_module(f"{_HOME}.pipelines").test_pipeline(_prepared())


def _prepared() -> Any:
    for library in ("tensorflow", "keras", "tensorflow_datasets", "PIL"):
        require(library, "run the demo's pipelines")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    prepare = import_module(f"{_HOME}.data").prepare
    return prepare(None, cache_folder(), _silent)


def _silent(_what: str, _count: int) -> None:
    """Progress that nobody watches."""
