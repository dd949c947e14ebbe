"""Changing calls in a method chain: the rest of the text stays byte for byte."""

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest

from tests.lint.handmade import SCRIPT, run as recorded
from twinfeed._core.plan import Place
from twinfeed.lint import CATALOGUE, lint_subjects
from twinfeed.lint._traces import subjects_of
from twinfeed.port.chains import Append, Drop, Edit, Move, RefusalError, SetArgument, Source
from twinfeed.port.mend import mend


def place(text: str, verb: str) -> Place:
    """Where the only call of a method ends, as the running code would tell it."""
    (call,) = (
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == verb
    )
    assert call.end_lineno is not None
    assert call.end_col_offset is not None
    end = call.end_lineno
    return Place(file="a.py", line=end, end_line=end, end_column=call.end_col_offset)


def move(text: str, verb: str, to: str, *, behind: bool = False) -> Edit:
    return Move(place(text, verb), verb, place(text, to), to, behind)


def argument(text: str, verb: str, name: str, code: str) -> Edit:
    return SetArgument(place(text, verb), verb, name, code)


def edited(text: str, *edits: Edit) -> str:
    return Source(text).edited(list(edits))


@pytest.mark.parametrize(
    ("before", "name", "after"),
    [
        ("ds = a.shuffle(100)\n", "buffer_size", "ds = a.shuffle(9)\n"),
        ("ds = a.shuffle(buffer_size=N)\n", "buffer_size", "ds = a.shuffle(buffer_size=9)\n"),
        ("ds = a.shuffle((100))\n", "seed", "ds = a.shuffle((100), seed=9)\n"),
        ("ds = a.shuffle(\n  100,  # é\n)\n", "seed", "ds = a.shuffle(\n  100, seed=9,  # é\n)\n"),
        ("ds = a.shuffle(100, 3)\n", "seed", "ds = a.shuffle(100, 9)\n"),
        ("é = 'é'; ds = a.shuffle(100)\n", "buffer_size", "é = 'é'; ds = a.shuffle(9)\n"),
    ],
)
def test_an_argument(before: str, name: str, after: str) -> None:
    assert edited(before, argument(before, "shuffle", name, "9")) == after


CHAIN = """\
ds = (
    tf.data.Dataset.range(3)  # source
    .map(augment)  # random
    # why it is kept
    .cache()  # kept
    .shuffle(8).batch(2)
)
"""


def test_moves_within_a_chain_and_leaves_comments() -> None:
    assert edited(CHAIN, move(CHAIN, "cache", "map")) == textwrap.dedent("""\
        ds = (
            tf.data.Dataset.range(3)  # source
            .cache()
            .map(augment)  # random
            # why it is kept  # kept
            .shuffle(8).batch(2)
        )
        """)
    flat = "ds = a.map(f).cache().take(3)\n"
    assert edited(flat, move(flat, "cache", "map")) == "ds = a.cache().map(f).take(3)\n"
    behind = edited(flat, move(flat, "cache", "take", behind=True))
    assert behind == "ds = a.map(f).take(3).cache()\n"


def test_appends_and_drops() -> None:
    last = Append(place(CHAIN, "batch"), "batch", "prefetch(2)")
    assert ".batch(2).prefetch(2)\n" in edited(CHAIN, last)
    last = Append(place(CHAIN, "cache"), "cache", "prefetch(2)")
    assert ".cache()  # kept\n    .prefetch(2)\n    .shuffle" in edited(CHAIN, last)
    assert ".cache()" not in edited(CHAIN, Drop(place(CHAIN, "cache"), "cache"))


LINES = """\
def make():
    ds = tf.data.Dataset.range(3)
    ds = ds.map(augment)  # random
    # kept
    ds = ds.cache()  # here
    return ds
"""


def test_whole_lines_move_with_their_comment() -> None:
    assert edited(LINES, move(LINES, "cache", "map")) == textwrap.dedent("""\
        def make():
            ds = tf.data.Dataset.range(3)
            ds = ds.cache()  # here
            ds = ds.map(augment)  # random
            # kept
            return ds
        """)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a = b.map(f)\nif c:\n    a = a.cache()\n", "another condition"),
        ("def g():\n    return b.map(f)\na = g().cache()\n", "different functions"),
        ("a = b.map(f)\npath = h()\na = a.cache(path)\n", "path, which is set between"),
    ],
)
def test_a_move_that_is_not_understood_is_refused(text: str, says: str) -> None:
    with pytest.raises(RefusalError, match=says):
        edited(text, move(text, "cache", "map"))


def test_other_changes_that_are_refused() -> None:
    unpacked = "ds = a.shuffle(*given)\n"
    with pytest.raises(RefusalError, match="unpacked"):
        edited(unpacked, argument(unpacked, "shuffle", "seed", "9"))
    bare = "ds = a.map(x for x in y)\n"
    with pytest.raises(RefusalError, match="no Python"):
        edited(bare, argument(bare, "map", "num_parallel_calls", "9"))
    with pytest.raises(RefusalError, match="not what it was"):
        edited("x = 1\n", Drop(Place(file="a.py", line=1, end_line=1, end_column=3), "cache"))
    with pytest.raises(RefusalError, match="another way"):
        edited("a.b()\n", Drop(Place(file="a.py", line=1, end_line=1, end_column=5), "cache"))
    with pytest.raises(RefusalError, match="no Python any more"):
        Source("def")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import tensorflow as tf", "tf.data"),
        ("import tensorflow", "tensorflow.data"),
        ("from tensorflow import data as d", "d"),
    ],
)
def test_what_a_module_calls_tensorflow(text: str, name: str) -> None:
    assert Source(text).tensorflow == name


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_file_keeps_its_encoding_and_its_line_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, ends: str
) -> None:
    monkeypatch.chdir(tmp_path)
    text = SCRIPT.format(mark="  # é")
    if encoding == "latin-1":
        text = text.replace("import tensorflow as tf\n", "# coding: latin-1\n", 1)
    Path("train.py").write_bytes(text.replace("\n", ends).encode(encoding))
    report = lint_subjects(subjects_of([recorded()]), rules=[CATALOGUE["ORD101"]])
    made = mend(report, unsafe=True)
    assert not made.refused
    (file,) = made.files
    wanted = text.replace("shuffle(100)", "shuffle(50000)").replace("\n", ends)
    assert file.after == wanted.encode(encoding)


def test_a_file_whose_lines_end_in_two_ways_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_bytes(SCRIPT.format(mark="").replace("\n", "\r\n", 2).encode())
    report = lint_subjects(subjects_of([recorded()]), rules=[CATALOGUE["ORD101"]])
    made = mend(report, unsafe=True)
    assert not made.files
    assert "two ways" in made.refused[0][1]


def test_an_unsafe_change_needs_a_word_and_an_unknown_place_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report = lint_subjects(subjects_of([recorded()]), rules=[CATALOGUE["ORD101"]])
    assert "--unsafe-fixes" in mend(report).refused[0][1]
    made = mend(report, unsafe=True)  # the file is not there
    assert not made.files
    assert "cannot be read" in made.refused[0][1]
