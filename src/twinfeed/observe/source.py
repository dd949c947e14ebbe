"""What a user writes to name a feed, read without running any of their code.

- ``train.py``: a script; ``"train.py --lr 0.1"`` in quotes passes arguments.
- ``file.py:make_feed``: a function that returns a feed; also ``package.module:make_feed``.
- ``tfds:mnist/train``: a TFDS name and split; ``?batch_size=64&data_dir=~/tfds``.
- ``dir:photos``: a folder with one folder per class; ``?image_size=224&batch_size=32``.
- ``run.twin``: a saved trace.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias

from twinfeed._core.optional import require
from twinfeed.errors import SourceError
from twinfeed.observe import _python_source, _source_options

EXPECTED = (
    "a script (train.py), a factory (file.py:make_feed or package.module:make_feed), "
    "tfds:NAME/SPLIT, dir:FOLDER or a saved trace (run.twin)"
)


@dataclass(frozen=True, slots=True)
class ScriptSource:
    """A script that trains, run as ``python path *argv`` would run it."""

    given: str
    path: Path
    argv: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactorySource:
    """A function that returns a feed.

    Attributes:
        given: What the user wrote.
        path: The file that defines it.
        function: Its name in that file.
        module: Its module's name if the user gave that instead of a file.
    """

    given: str
    path: Path
    function: str
    module: str | None = None


@dataclass(frozen=True, slots=True)
class TfdsSource:
    """A split of a data set of TensorFlow Datasets, e.g. ``mnist`` and ``train[:10%]``."""

    given: str
    name: str
    split: str
    options: tuple[tuple[str, _source_options.Option], ...] = ()


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder of pictures with one folder per class."""

    given: str
    path: Path
    options: tuple[tuple[str, _source_options.Option], ...] = ()


@dataclass(frozen=True, slots=True)
class TwinSource:
    """A saved trace."""

    given: str
    path: Path


Source: TypeAlias = ScriptSource | FactorySource | TfdsSource | FolderSource | TwinSource


def parse_source(given: str) -> Source:
    """Read what a user wrote; everything that needs none of their code to run is checked here.

    Raises:
        SourceError: If it names nothing that can be observed.
        MissingLibraryError: If the library that reads it is not installed.
    """
    if not given.strip() or "\0" in given:
        raise SourceError(
            repr(given), "it names nothing", EXPECTED, "twinfeed diff --help shows examples"
        )
    scheme, colon, rest = given.partition(":")
    if colon and scheme in _SCHEMES:
        return _SCHEMES[scheme](given, rest)
    if _is_file(given):
        return _file(given, Path(given))
    if colon and (not re.search(r"\s", given) or _is_file(given.rpartition(":")[0])):
        return _factory(given)
    return _script_with_arguments(given)


def _tfds(given: str, rest: str) -> TfdsSource:
    name, options = _source_options.split_options(given, rest, _source_options.TFDS)
    dataset, slash, split = name.rpartition("/")
    if not slash or not dataset or not split:
        raise SourceError(
            given,
            "no split is named" if name.strip("/") else "no data set is named",
            "tfds:NAME/SPLIT",
            f"tfds:{name.strip('/') or 'mnist'}/train reads the training split",
        )
    require("tensorflow_datasets", f"read {given}")
    data_dir = dict(options).get("data_dir")
    if isinstance(data_dir, str):
        _check_folder(given, Path(data_dir), "the data_dir of TensorFlow Datasets")
    return TfdsSource(given, dataset, split, options)


def _folder(given: str, rest: str) -> FolderSource:
    name, options = _source_options.split_options(given, rest, _source_options.FOLDER)
    path = Path(name).expanduser()
    if not name:
        raise SourceError(
            given, "no folder is named", "dir:FOLDER", "dir:photos reads the folder photos"
        )
    _check_folder(given, path, "a folder with one folder of pictures per class")
    if not any(path.iterdir()):
        raise SourceError(
            given,
            "the folder is empty",
            "a folder with one folder of pictures per class",
            "check the path; a data set may still have to be unpacked there",
        )
    return FolderSource(given, path, options)


_SCHEMES: dict[str, Callable[[str, str], Source]] = {"tfds": _tfds, "dir": _folder}


def _check_folder(given: str, path: Path, expected: str) -> None:
    if not path.exists():
        raise SourceError(
            given, f"there is no folder {path}", expected, f"it is looked for from {Path.cwd()}"
        )
    if not path.is_dir():
        raise SourceError(given, f"{path} is a file", expected, f"name its folder: {path.parent}")
    if not os.access(path, os.R_OK | os.X_OK):
        raise SourceError(
            given,
            f"you may not read the folder {path}",
            expected,
            f"check its rights: ls -ld {path}",
        )


def _is_file(given: str) -> bool:
    try:
        return Path(given).exists()
    except OSError:  # a name too long for the system is no file's name
        return False


def _file(given: str, path: Path, argv: tuple[str, ...] = ()) -> ScriptSource | TwinSource:
    if path.is_dir():
        hint = f"dir:{given} reads it as a folder of pictures with one folder per class"
        raise SourceError(given, "this is a folder", EXPECTED, hint)
    if not path.is_file():
        raise SourceError(
            given, "this is neither a file nor a folder", EXPECTED, "name a regular file"
        )
    if not os.access(path, os.R_OK):
        raise SourceError(
            given, "you may not read this file", EXPECTED, f"check its rights: ls -l {given}"
        )
    if path.suffix == ".twin":
        return TwinSource(given, path)
    if path.suffix == ".py":
        _python_source.read_module(given, path)
        return ScriptSource(given, path, argv)
    hint = "rename it if it is a script (.py) or a trace (.twin)"
    if path.suffix == ".ipynb":
        hint = f"make a script of the notebook: jupyter nbconvert --to script {given}"
    raise SourceError(
        given, f"a file ending in {path.suffix or 'nothing'} is not known", EXPECTED, hint
    )


def _factory(given: str) -> FactorySource:
    place, _, function = given.rpartition(":")
    if not place or not function:
        raise SourceError(
            given, "a name is missing beside the colon", "file.py:FUNCTION", "train.py:make_feed"
        )
    is_module = re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", place) and "/" not in function
    if not place.endswith(".py") and not is_module:
        near = get_close_matches(place, _SCHEMES, n=1, cutoff=0.4)
        start = near[0] if near else "tfds"
        rest = given.partition(":")[2]
        hint = (
            f"did you mean {start}:{rest}?" if near else "only local files and TFDS names are read"
        )
        raise SourceError(given, f"{place}: is no known kind of feed", EXPECTED, hint)
    if not function.isidentifier():
        bare = re.match(r"\w+(?=\()", function)
        hint = f"without the parentheses: {place}:{bare[0]}" if bare else f"{place}:make_feed"
        raise SourceError(given, f"{function} is not a function's name", "file.py:FUNCTION", hint)
    if place.endswith(".py"):
        module, path = None, Path(place)
        if not path.is_file():
            raise _missing(given, place)
    else:
        module, path = place, _python_source.find_module(given, place)
    _python_source.check_function(given, path, function)
    return FactorySource(given, path, function, module)


def _script_with_arguments(given: str) -> ScriptSource | TwinSource:
    try:
        words = shlex.split(given)
    except ValueError as error:
        raise SourceError(
            given, f"its quotes do not match ({error})", EXPECTED, "close the quote"
        ) from None
    if len(words) > 1 and words[0].endswith(".py") and _is_file(words[0]):
        source = _file(words[0], Path(words[0]), tuple(words[1:]))
        assert isinstance(source, ScriptSource)
        return ScriptSource(given, source.path, source.argv)
    raise _missing(given, words[0] if words else given)


def _missing(given: str, name: str) -> SourceError:
    path = Path(name)
    hint = f"it is looked for from {Path.cwd()}"
    beside = path.parent if os.access(path.parent, os.R_OK | os.X_OK) else None
    entries = [entry.name for entry in beside.iterdir()] if beside and beside.is_dir() else []
    near = get_close_matches(path.name, sorted(entries), n=1)
    if near:
        hint = f"did you mean {path.with_name(near[0])}?"
    elif re.fullmatch(r"\w+(/[\w.]+)*/\w+(\[.*\])?", name):
        hint = f"a data set of TensorFlow Datasets is named tfds:{name}"
    return SourceError(given, "there is no such file", EXPECTED, hint)
