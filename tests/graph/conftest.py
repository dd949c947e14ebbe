"""TensorFlow is imported when a test runs, not when tests are collected."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest


@pytest.fixture(scope="session")
def tf() -> Any:
    return pytest.importorskip("tensorflow")


@pytest.fixture
def set_seed(tf: Any) -> Iterator[Callable[[int], None]]:
    """``tf.random.set_seed``, undone after the test."""
    from tensorflow.python.eager import context

    state = vars(context.context())
    before = {name: state[name] for name in ("_seed", "_rng") if name in state}
    yield tf.random.set_seed
    for name in ("_seed", "_rng"):
        state.pop(name, None)
    state.update(before)
