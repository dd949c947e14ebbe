"""What a user writes to name a feed: read right, or refused with a reason, and never run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from twinfeed.errors import MissingLibraryError, SourceError
from twinfeed.observe import source as source_module
from twinfeed.observe.source import (
    FactorySource,
    FolderSource,
    ScriptSource,
    TfdsSource,
    TwinSource,
    parse_source,
)

FEEDS = """
raise SystemExit("this file must not be run")

from somewhere import imported
import numpy as np

ready = 3
names: list = []
maker = functools.partial(print)

def make(): ...
def batches(size=3, *, seed=1): yield
def needs(path, size=2, *, seed): ...
async def later(): ...
@given_by("a decorator")
def decorated(path): ...
class Loader: ...

if np:
    def sometimes(): ...
try:
    from a import tried
except ImportError:
    tried = None
with open("x") as opened:
    pass
for looped in []:
    pass
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feeds.py").write_text(FEEDS)
    (tmp_path / "train.py").write_text("raise SystemExit('this file must not be run')\n")
    (tmp_path / "run.twin").write_bytes(b"anything")
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    (tmp_path / "package" / "inner").mkdir(parents=True)
    (tmp_path / "package" / "inner" / "feeds.py").write_text("def make(): ...\n")
    (tmp_path / "package" / "__init__.py").write_text("raise SystemExit\ndef make(): ...\n")


def test_script() -> None:
    assert parse_source("train.py") == ScriptSource("train.py", Path("train.py"))


def test_script_with_arguments() -> None:
    given = "train.py --lr 0.1 --name 'a b' --url http://x:80/y"
    argv = ("--lr", "0.1", "--name", "a b", "--url", "http://x:80/y")
    assert parse_source(given) == ScriptSource(given, Path("train.py"), argv)


def test_script_with_a_space_in_its_name() -> None:
    Path("my train.py").write_text("pass\n")
    assert parse_source("my train.py") == ScriptSource("my train.py", Path("my train.py"))


@pytest.mark.parametrize(
    "name",
    [
        "make",
        "batches",
        "decorated",
        "maker",
        "Loader",
        "imported",
        "sometimes",
        "tried",
        "opened",
        "looped",
    ],
)
def test_factory_that_the_text_allows(name: str) -> None:
    given = f"feeds.py:{name}"
    assert parse_source(given) == FactorySource(given, Path("feeds.py"), name)


def test_factory_in_a_file_with_a_space() -> None:
    Path("my feeds.py").write_text("def make(): ...\n")
    assert isinstance(parse_source("my feeds.py:make"), FactorySource)


def test_factory_of_a_file_that_imports_everything() -> None:
    Path("star.py").write_text("from feeds import *\n")
    assert isinstance(parse_source("star.py:anything"), FactorySource)


def test_factory_of_a_module_is_found_without_running_its_package() -> None:
    found = parse_source("package.inner.feeds:make")
    assert isinstance(found, FactorySource)
    assert found.module == "package.inner.feeds"
    assert found.path == Path.cwd() / "package" / "inner" / "feeds.py"
    package = parse_source("package:make")
    assert isinstance(package, FactorySource)
    assert package.path.name == "__init__.py"


def test_tfds() -> None:
    pytest.importorskip("tensorflow_datasets")
    Path("data").mkdir()
    given = "tfds:glue/sst2:1.0.0/train[:10%]?batch_size=64&data_dir=data"
    options = (("batch_size", 64), ("data_dir", "data"))
    assert parse_source(given) == TfdsSource(given, "glue/sst2:1.0.0", "train[:10%]", options)


def test_tfds_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(library: str, for_what: str) -> None:
        raise MissingLibraryError(library, for_what, "tfds")

    monkeypatch.setattr(source_module, "require", absent)
    with pytest.raises(MissingLibraryError, match=r'pip install "twinfeed\[tfds\]"'):
        parse_source("tfds:mnist/train")


def test_folder() -> None:
    assert parse_source("dir:photos") == FolderSource("dir:photos", Path("photos"))
    given = "dir:photos?image_size=224x192&batch_size=8&label_mode=categorical&shuffle=true"
    options = (
        ("image_size", (224, 192)),
        ("batch_size", 8),
        ("label_mode", "categorical"),
        ("shuffle", True),
    )
    assert parse_source(given) == FolderSource(given, Path("photos"), options)
    square = parse_source("dir:photos?image_size=64")
    assert isinstance(square, FolderSource)
    assert dict(square.options)["image_size"] == (64, 64)


def test_folder_with_a_question_mark_in_its_name() -> None:
    Path("what?", "cats").mkdir(parents=True)
    assert parse_source("dir:what?") == FolderSource("dir:what?", Path("what?"))


def test_saved_trace() -> None:
    assert parse_source("run.twin") == TwinSource("run.twin", Path("run.twin"))


@pytest.mark.parametrize(
    ("given", "why", "hint"),
    [
        ("", "names nothing", "twinfeed diff --help"),
        ("  ", "names nothing", "twinfeed diff --help"),
        ("a\0b", "names nothing", "twinfeed diff --help"),
        ("missing.py", "no such file", "looked for from"),
        ("trian.py", "no such file", "did you mean train.py?"),
        ("photos/missing.twin", "no such file", "looked for from"),
        ("nowhere/train.py", "no such file", "looked for from"),
        ("mnist/train", "no such file", "tfds:mnist/train"),
        ("x" * 5000, "no such file", "looked for from"),
        ("trian.py --lr 1", "no such file", "did you mean train.py?"),
        ("train.py 'open", "quotes do not match", "close the quote"),
        ("photos", "this is a folder", "dir:photos"),
        ("feeds.py:", "a name is missing", "train.py:make_feed"),
        (":make", "a name is missing", "train.py:make_feed"),
        ("feed.py:make", "no such file", "did you mean feeds.py?"),
        ("feeds.py:mkae", "does not define mkae", "did you mean make?"),
        ("feeds.py:zzz", "does not define zzz", "it defines make, batches"),
        ("feeds.py:ready", "ready (line 7) is not a function", "def make_feed(): return ready"),
        ("feeds.py:names", "names (line 8) is not a function", "def make_feed(): return names"),
        ("feeds.py:needs", "needs (line 13) needs path, seed", "def feed(): return needs(...)"),
        ("feeds.py:later", "is async", "plain `def`"),
        ("feeds.py:make()", "is not a function's name", "without the parentheses: feeds.py:make"),
        ("feeds.py:a.b", "is not a function's name", "feeds.py:make_feed"),
        ("package.wrong:make", "there is no module package.wrong", "wrong.py:..."),
        ("tdfs:mnist/train", "no known kind of feed", "did you mean tfds:mnist/train?"),
        ("http://x/y.zip", "no known kind of feed", "only local files"),
        ("tfds:", "no data set is named", "tfds:mnist/train"),
        ("tfds:mnist", "no split is named", "tfds:mnist/train"),
        ("tfds:mnist/", "no split is named", "tfds:mnist/train"),
        ("tfds:mnist/train?batchsize=3", "batchsize is not an option", "did you mean batch_size?"),
        ("tfds:mnist/train?x=3", "x is not an option", "leave x out"),
        ("tfds:mnist/train?batch_size=0", "batch_size=0 means nothing", "batch_size=32"),
        ("tfds:mnist/train?batch_size", "means nothing", "batch_size=32"),
        ("tfds:mnist/train?batch_size=1&batch_size=2", "given twice", "give it once"),
        ("tfds:mnist/train?data_dir=nowhere", "there is no folder nowhere", "looked for from"),
        ("dir:", "no folder is named", "dir:photos"),
        ("dir:nowhere", "there is no folder nowhere", "looked for from"),
        ("dir:train.py", "train.py is a file", "name its folder"),
        ("dir:photos/cats", "the folder is empty", "unpacked"),
        ("dir:photos?image_size=big", "image_size=big means nothing", "image_size=224"),
        ("dir:photos?color_mode=bgr", "color_mode=bgr means nothing", "color_mode=rgb"),
        ("dir:photos?shuffle=often", "shuffle=often means nothing", "shuffle=true"),
        ("dir:photos?image_size=1x2x3", "means nothing", "image_size=224"),
    ],
)
def test_refused_with_a_reason(given: str, why: str, hint: str) -> None:
    if given.startswith("tfds:mnist/train?data_dir"):
        pytest.importorskip("tensorflow_datasets")
    with pytest.raises(SourceError) as caught:
        parse_source(given)
    first, *middle, last = str(caught.value).split("\n")
    assert why in first
    assert any(line.startswith("Expected ") for line in middle)
    assert last.startswith("Hint: ")
    assert hint in last


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"x = 1\ndef make(:\n", "line 2: "),
        (b"def make():\nreturn 1\n", "line 2: "),
        (b"x = '\xff'\n", "line 1"),
        (b"a\0b", ""),
        (b"\x89PNG\r\n\x1a\n", ""),
    ],
)
@pytest.mark.parametrize("suffix", ["", ":make"])
def test_file_that_is_not_python(content: bytes, why: str, suffix: str) -> None:
    Path("bad.py").write_bytes(content)
    with pytest.raises(SourceError) as caught:
        parse_source(f"bad.py{suffix}")
    assert why in str(caught.value).split("\n")[0]
    assert "Expected a Python file" in str(caught.value)


def test_file_of_another_kind() -> None:
    Path("train.ipynb").write_text("{}")
    with pytest.raises(SourceError, match="jupyter nbconvert"):
        parse_source("train.ipynb")
    Path("data.csv").write_text("a,b\n")
    with pytest.raises(SourceError, match=r"ending in \.csv is not known"):
        parse_source("data.csv")


def test_special_file_is_not_opened() -> None:
    os.mkfifo("pipe.py")
    with pytest.raises(SourceError, match="neither a file nor a folder"):
        parse_source("pipe.py")
    with pytest.raises(SourceError, match="no such file"):
        parse_source("pipe.py:make")


def test_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rights themselves cannot be tried: the tests may run as root."""
    monkeypatch.setattr(os, "access", lambda *_args, **_more: False)
    for given in ("train.py", "run.twin", "dir:photos"):
        with pytest.raises(SourceError, match="you may not read"):
            parse_source(given)
