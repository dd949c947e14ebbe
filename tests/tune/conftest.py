"""TensorFlow is imported when a test runs, not when tests are collected."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="session")
def tf() -> Any:
    return pytest.importorskip("tensorflow")


def until_the_race(what: str) -> None:
    """A ``progress`` that interrupts tuning before the first form is timed.

    What each step costs and which forms are to be tried is known by then; a race would only tell
    which of them is faster on this machine.
    """
    if what not in {"measuring the original", "reading the running pipeline"}:
        raise KeyboardInterrupt
