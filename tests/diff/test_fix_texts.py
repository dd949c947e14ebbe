"""What fixes tell a user to write exists: names in the installed libraries, arguments of their calls."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any, get_args

import pytest

from twinfeed.diff import CATALOGUE, Measure
from twinfeed.diff._fixes._arguments import _WORDS, Want
from twinfeed.diff._fixes._rewrite import _INPUTS, _LABELS
from twinfeed.diff._picture_steps import _of_library
from twinfeed.diff._replay._kernels import KERNELS, Kernel

ROOTS = {
    "tf": "tensorflow",
    "keras": "keras",
    "np": "numpy",
    "torch": "torch",
    "grain": "grain",
    "cv2": "cv2",
    "PIL": "PIL",
    "Image": "PIL.Image",
    "math": "math",
}
NAME = re.compile(rf"(?<![\w.])({'|'.join(ROOTS)})((?:\.[A-Za-z_]\w*)+)")
DATALOADER = "torch.utils.data.DataLoader"
CALL = re.compile(r"(?<![\w])\.?[A-Za-z_][\w.]*\(")


def resolved(root: str, rest: str) -> Any:
    """The object of a dotted name, submodules included; a test without the library is skipped."""
    home = ROOTS[root]
    if find_spec(home.partition(".")[0]) is None:
        pytest.skip(f"{home} is not installed")
    found: Any = importlib.import_module(home)
    path = home
    for part in rest.strip(".").split("."):
        path = f"{path}.{part}"
        if not hasattr(found, part):
            try:
                found = importlib.import_module(path)
            except ImportError:
                raise AssertionError(f"there is no {root}{rest}") from None
        else:
            found = getattr(found, part)
    return found


def calls(text: str) -> Iterator[str]:
    """The calls of a text, each with all that stands between its brackets."""
    for start in CALL.finditer(text):
        depth, at = 0, start.end() - 1
        while at < len(text):
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
            if not depth:
                yield text[start.start() : at]
                break
        else:
            raise AssertionError(f"a bracket is left open in {text!r}")


def judge(text: str) -> None:
    """Every dotted name of a text exists, and takes the arguments that are given to it."""
    for root, rest in NAME.findall(text):
        resolved(root, rest)
    for call in calls(text):
        code = f"_{call}" if call.startswith(".") else call
        if re.search(r"[a-z] [a-z]+ [a-z]", call):
            continue  # words in brackets
        made = ast.parse(code, mode="eval").body
        named = NAME.match(call)
        if not isinstance(made, ast.Call) or named is None or named.end() != call.index("("):
            continue
        target = resolved(named[1], named[2])
        try:
            known = inspect.signature(target).parameters
        except (TypeError, ValueError):
            continue
        if any(each.kind is each.VAR_KEYWORD for each in known.values()):
            continue
        given = {word.arg for word in made.keywords if word.arg}
        assert given <= set(known), f"{call} takes no {given - set(known)}"


def strings(measure: Measure) -> Iterator[str]:
    """The texts in a cause's module, without its pages: joined as they are written."""
    module = sys.modules[measure.look.__module__]
    tree = ast.parse(inspect.getsource(module))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                part.value if isinstance(part, ast.Constant) else "0" for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("measure", CATALOGUE.values(), ids=CATALOGUE)
def test_names_in_the_texts_of_a_cause_exist(measure: Measure) -> None:
    for text in strings(measure):
        if text == measure.page or "```" in text:
            continue  # the pages' examples are run by a test of their own
        for root, rest in NAME.findall(text):
            resolved(root, rest)


@pytest.mark.parametrize("want", get_args(Want))
@pytest.mark.parametrize(("library", "words"), _WORDS, ids=[name for name, _ in _WORDS])
def test_what_to_write_is_code_of_the_library(library: str, words: Any, want: Want) -> None:
    text = words[want].format(examples="1_000", batch=32)
    assert "{" not in text
    judge(text.replace("DataLoader(", f"{DATALOADER}(") if library == "torch" else text)


@pytest.mark.parametrize("table", [_INPUTS, _LABELS], ids=["inputs", "labels"])
def test_a_change_of_values_is_code(table: tuple[tuple[str, str], ...]) -> None:
    for _, text in table:
        judge(text.format(change="x / 255"))


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_the_call_for_a_kernel_exists(kernel: Kernel) -> None:
    text = _of_library(kernel.name)
    judge(re.sub(r"^image\.", "Image.Image.", text))


def applied(text: str, feed: Any, names: dict[str, Any]) -> Any:
    """A feed with the steps of a text put behind it."""
    return eval(f"feed{text}", {**names, "feed": feed})


def test_changes_of_values_run_in_tf_data() -> None:
    tf = pytest.importorskip("tensorflow")
    dataset = tf.data.Dataset.from_tensor_slices(([255.0, 0.0], [1, 2]))
    inputs = applied(dict(_INPUTS)["tf.data"].format(change="x / 255"), dataset, {})
    labels = applied(dict(_LABELS)["tf.data"].format(change="y - 1"), inputs, {})
    assert [(float(x), int(y)) for x, y in labels] == [(1.0, 0), (0.0, 1)]


def test_changes_of_values_and_steps_run_in_grain() -> None:
    grain = pytest.importorskip("grain")
    dataset = grain.MapDataset.source([(255.0, 1), (0.0, 2)])
    inputs = applied(dict(_INPUTS)["grain"].format(change="x / 255"), dataset, {})
    labels = applied(dict(_LABELS)["grain"].format(change="y - 1"), inputs, {})
    assert [tuple(labels[i]) for i in range(2)] == [(1.0, 0), (0.0, 1)]
    words = dict(_WORDS)["grain"]
    for want in ("parallel", "no python", "prefetch"):
        step = next(calls(words[want]))
        rest = words[want][words[want].index(step) + len(step) :]
        more = next(calls(rest), "") if rest.startswith(".") else ""
        assert applied(step + more, labels.batch(2), {"grain": grain}) is not None
