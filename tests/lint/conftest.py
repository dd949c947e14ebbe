"""What the examples on the pages of rules may use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.lint.told import Model


@pytest.fixture(scope="session")
def tf() -> Any:
    return pytest.importorskip("tensorflow")


@pytest.fixture
def names(tf: Any, tmp_path: Path) -> Callable[[], dict[str, Any]]:
    """The names of an example: TensorFlow, numpy, ``folder`` to write to, and a ``model``."""

    def make() -> dict[str, Any]:
        import numpy as np

        return {
            "tf": tf,
            "np": np,
            "folder": str(tmp_path),
            "model": Model(),
            "server": Server(tf),
        }

    return make


class Server:
    """A dispatcher of tf.data service, started when its address is asked for."""

    def __init__(self, tf: Any) -> None:
        self._service = tf.data.experimental.service
        self._dispatcher: Any = None

    @property
    def target(self) -> str:
        if self._dispatcher is None:
            self._dispatcher = self._service.DispatchServer()
        return str(self._dispatcher.target)
