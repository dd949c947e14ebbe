"""Small folders of pictures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.images.parity import write_pictures


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("PIL")
    return write_pictures(tmp_path_factory.mktemp("images") / "small")
