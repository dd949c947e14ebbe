"""The folder of the files that a data set of the user's lists."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from twinfeed.feeds._held_files import folder_of_held_files


@pytest.fixture
def names(tmp_path: Path) -> list[str]:
    for name in ("one.png", "two.JPG"):
        (tmp_path / name).touch()
    return [str(tmp_path / name) for name in ("one.png", "two.JPG")]


def around(inner: Any) -> SimpleNamespace:
    return SimpleNamespace(indices=[0], dataset=inner)


def test_a_list_is_found_however_it_is_held(names: list[str], tmp_path: Path) -> None:
    wanted = {"files": str(tmp_path)}
    rows = [(name, 1) for name in names]
    table = pytest.importorskip("pandas").DataFrame({"path": names})
    for held in (names, [Path(name) for name in names], rows, np.array(names), table["path"]):
        assert folder_of_held_files(SimpleNamespace(labels=[0, 1], held=held)) == wanted
        assert folder_of_held_files(around(SimpleNamespace(held=held))) == wanted
    assert folder_of_held_files(names) == wanted


def test_a_folder_is_found_where_no_list_is(names: list[str], tmp_path: Path) -> None:
    held = SimpleNamespace(split="train", csv="one.csv", root=tmp_path, names=["one", "two"])
    assert folder_of_held_files(held) == {"files": str(tmp_path)}
    (tmp_path / "below").mkdir()
    both = SimpleNamespace(root=tmp_path / "below", paths=names)
    assert folder_of_held_files(both) == {"files": str(tmp_path)}


def test_nothing_is_made_up(tmp_path: Path) -> None:
    gone = [str(tmp_path / "gone" / "one.png")]
    for held in (gone, ["a", "b"], [], np.zeros(3), "", b"one.png", [("one.txt", 1)]):
        assert folder_of_held_files(SimpleNamespace(held=held)) == {}
