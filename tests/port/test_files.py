"""Scripts and notebooks on disk: what is written, and what is never lost."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("libcst")

from twinfeed.cli import main
from twinfeed.port import port_file, replace_file

BEFORE = "from keras.preprocessing.image import ImageDataGenerator  # é\n"
AFTER = "from twinfeed.images import ImageDataGenerator  # é\n"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(["port", *arguments])
        out, err = capfd.readouterr()
        return code, out, err

    return call


def script(folder: Path, text: str = BEFORE, name: str = "train.py") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_written_in_place(tmp_path: Path, run: Run) -> None:
    path = script(tmp_path)
    path.chmod(0o754)
    assert run("train.py") == (0, "train.py:1: ImageDataGenerator from twinfeed.images\n", "")
    assert path.read_text("utf-8") == AFTER
    assert stat.S_IMODE(path.stat().st_mode) == 0o754
    assert run("train.py") == (0, "train.py: nothing to port\n", "")
    assert [found.name for found in tmp_path.iterdir()] == ["train.py"]


def test_diff_writes_nothing(tmp_path: Path, run: Run) -> None:
    path = script(tmp_path)
    code, out, err = run("train.py", "--diff")
    assert code == 0
    assert out == f"--- train.py\n+++ train.py\n@@ -1 +1 @@\n-{BEFORE}+{AFTER}"
    assert "would be rewritten" in err
    assert path.read_text("utf-8") == BEFORE


def test_check(tmp_path: Path, run: Run) -> None:
    path = script(tmp_path)
    script(tmp_path, AFTER, "done.py")
    assert run("train.py", "done.py", "--check")[0] == 1
    assert run("done.py", "--check")[0] == 0
    assert path.read_text("utf-8") == BEFORE


def test_a_refused_file_stays_and_the_others_are_written(tmp_path: Path, run: Run) -> None:
    star = script(tmp_path, "from keras.preprocessing.image import *\n", "star.py")
    path = script(tmp_path)
    code, _, err = run("star.py", "train.py")
    assert code == 2
    assert err.startswith("star.py:1: from keras.preprocessing.image import *: which names")
    assert err.endswith("(left as it is)\n")
    assert "import *" in star.read_text("utf-8")
    assert path.read_text("utf-8") == AFTER


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("none.py", None, "does not exist"),
        ("train.py", b"x = '\xff'\n", "no text"),
        ("train.py", b"# coding: what\n", "no text"),
        ("book.ipynb", b"{", "no notebook"),
        ("book.ipynb", b"[]", "no notebook"),
    ],
)
def test_no_script_at_all(
    tmp_path: Path, run: Run, name: str, data: bytes | None, said: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    code, out, err = run(name)
    assert (code, out) == (2, "")
    assert said in err
    assert "Hint:" in err


def test_other_encodings_and_marks_stay(tmp_path: Path) -> None:
    for data, after in (
        (b"\xef\xbb\xbf" + BEFORE.encode(), b"\xef\xbb\xbf" + AFTER.encode()),
        (
            b"# coding: latin-1\r\n" + BEFORE.replace("\n", "\r\n").encode("latin-1"),
            b"# coding: latin-1\r\n" + AFTER.replace("\n", "\r\n").encode("latin-1"),
        ),
    ):
        path = tmp_path / "train.py"
        path.write_bytes(data)
        assert port_file(path).after == after


def test_a_link_stays_a_link(tmp_path: Path, run: Run) -> None:
    (tmp_path / "src").mkdir()
    path = script(tmp_path / "src")
    (tmp_path / "train.py").symlink_to(path)
    assert run("train.py")[0] == 0
    assert (tmp_path / "train.py").is_symlink()
    assert path.read_text("utf-8") == AFTER


def test_a_file_that_changed_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = script(tmp_path)
    done = port_file(path)
    path.write_text("other", "utf-8")
    with pytest.raises(ValueError, match="changed while"):
        replace_file(done)
    assert path.read_text("utf-8") == "other"
    assert [found.name for found in tmp_path.iterdir()] == ["train.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for root")
def test_a_read_only_file_stays(tmp_path: Path) -> None:
    path = script(tmp_path)
    path.chmod(0o444)
    with pytest.raises(ValueError, match="read-only"):
        replace_file(port_file(path))
    assert path.read_text("utf-8") == BEFORE


def cell(source: Any, kind: str = "code", **more: Any) -> dict[str, Any]:
    return {"cell_type": kind, "metadata": {"é": [1, {"source": ["x"]}]}, **more, "source": source}


def book(*cells: dict[str, Any], **style: Any) -> str:
    content = {"cells": list(cells), "metadata": {"a": "\u2028"}, "nbformat": 4}
    return json.dumps(content, **style) + "\n"


CELLS = (
    cell(["# from keras.preprocessing.image import ImageDataGenerator"], "markdown"),
    cell(["%matplotlib inline\n", "!pip install keras\n", "import keras\n", "files = !ls\n"]),
    cell("%%bash\nfrom keras.preprocessing.image import ImageDataGenerator"),
    cell([], outputs=[]),
    cell("%%time\ng = keras.preprocessing.image.ImageDataGenerator()  # é\ng?", outputs=["é\\n"]),
    cell(["if g:\n", "    %timeit next(g)\n", "    model.fit_generator(g)"]),
)


@pytest.mark.parametrize("style", [{"indent": 1, "ensure_ascii": False}, {}, {"indent": "\t"}])
def test_notebook(tmp_path: Path, style: dict[str, Any]) -> None:
    before = book(*CELLS, **style)
    done = port_file(script(tmp_path, before, "book.ipynb"))
    assert not done.refusals
    expected = [dict(one) for one in CELLS]
    expected[1]["source"] = [
        *CELLS[1]["source"][:3],
        "from twinfeed.images import ImageDataGenerator\n",
        "files = !ls\n",
    ]
    expected[4]["source"] = "%%time\ng = ImageDataGenerator()  # é\ng?"
    expected[5]["source"] = ["if g:\n", "    %timeit next(g)\n", "    model.fit(g)"]
    assert done.after.decode() == book(*expected, **style)
    assert [x.partition(": ")[0].partition("book.ipynb:")[2] for x in done.changes] == [
        "cell 5:2",
        "cell 6:3",
    ]


def test_notebook_that_is_no_python_is_refused(tmp_path: Path) -> None:
    path = script(tmp_path, book(cell("x = 1"), cell("y = (\n")), "book.ipynb")
    done = port_file(path)
    assert done.after == done.before
    assert "book.ipynb:cell 2:1" in done.refusals[0]
