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

        return {"tf": tf, "np": np, "folder": str(tmp_path), "model": Model()}

    return make
