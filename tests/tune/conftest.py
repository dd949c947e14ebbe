"""TensorFlow is imported when a test runs, not when tests are collected."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="session")
def tf() -> Any:
    return pytest.importorskip("tensorflow")
