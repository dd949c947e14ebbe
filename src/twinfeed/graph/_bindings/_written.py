"""What a user wrote for a step, as far as its object and the source file tell."""

from __future__ import annotations

import ast
import linecache
from collections.abc import Callable, Sequence
from operator import attrgetter
from types import CodeType, FunctionType
from typing import Any

import numpy as np
import tensorflow as tf

_MOST_CHARACTERS = 120
"""A longer lambda is named instead: its lines are the user's to keep."""


def name_of_function(function: Any) -> str:
    """A name for people: ``"load"``, ``"RandomFlip"``, ``"your_function"``."""
    if function is None:
        return ""
    name = getattr(function, "__name__", None) or type(function).__name__
    return "your_function" if name == "<lambda>" else str(name)


def expression(function: Any) -> str:
    """What stands for a function in code: its name, or a lambda as it was written."""
    if isinstance(function, type) and function.__module__.startswith("tensorflow."):
        return f"tf.data.{function.__name__.removesuffix('V2')}"
    exported = _exported(function)
    if exported:
        return exported
    name = getattr(function, "__name__", "")
    if name == "<lambda>" and isinstance(function, FunctionType):
        return _lambda(function.__code__) or "your_function"
    return str(name) if str(name).isidentifier() else "your_function"


def _exported(function: Any) -> str:
    """The public name of one of TensorFlow's own functions, whatever it is called inside."""
    inner = getattr(function, "__wrapped__", function)
    names = (*getattr(function, "_tf_api_names", ()), *getattr(inner, "_tf_api_names", ()))
    for name in names:
        try:
            if attrgetter(name)(tf) is function:
                return f"tf.{name}"
        except AttributeError:
            continue
    return ""


def _lambda(code: CodeType) -> str:
    """The text of a lambda from its file; empty where that is not certain."""
    text = "".join(linecache.getlines(code.co_filename))
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return ""
    spans = [where for where in code.co_positions() if None not in where]
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Lambda) and node.lineno == code.co_firstlineno
        and all(_inside(where, node.body) for where in spans if where[2] != where[3])
    ]  # fmt: skip
    written = ast.unparse(found[-1]) if found else ""
    return written if len(written) <= _MOST_CHARACTERS else ""


def _inside(where: Sequence[int | None], node: ast.expr) -> bool:
    line, end_line, column, end_column = (number or 0 for number in where)
    begin = (node.lineno, node.col_offset)
    end = (node.end_lineno or 0, node.end_col_offset or 0)
    return begin <= (line, column) and (end_line, end_column) <= end


def written(part: Any, main: Any) -> str:
    """What a user wrote for a step beside the numbers that its stage holds.

    Args:
        part: The step's object.
        main: The object that gives its main input.
    """
    kind = type(part).__name__
    if kind == "_ZipDataset":
        return _zipped(part, main)
    if kind == "_PaddedBatchDataset":
        return _padding(part, main)
    wrapper = getattr(part, "_map_func", None) or getattr(part, "_predicate", None)
    return "" if wrapper is None else expression(getattr(wrapper, "_func", None))


def _zipped(part: Any, main: Any) -> str:
    """``(ds, other)``; further branches are ``other_2`` and so on."""
    count = 0

    def branch(one: Any) -> str:
        nonlocal count
        if one is main:
            return "ds"
        count += 1
        return "other" if count == 1 else f"other_{count}"

    return _shown(part._datasets, branch)


def _padding(part: Any, main: Any) -> str:
    """Shapes and values of the padding, where they are not the defaults."""
    said: list[str] = []
    given = [shape.numpy().tolist() for shape in tf.nest.flatten(part._padded_shapes)]
    specs = tf.nest.flatten(main.element_spec)
    usual = [[-1 if n is None else n for n in spec.shape.as_list()] for spec in specs]
    if given != usual:
        said.append(
            f"padded_shapes={_shown(part._padded_shapes, lambda x: str(x.numpy().tolist()))}"
        )
    values = [value.numpy() for value in tf.nest.flatten(part._padding_values)]
    if any(value not in {0, b""} for value in values):
        said.append(f"padding_values={_shown(part._padding_values, _typed)}")
    return ", ".join(said)


def _typed(value: Any) -> str:
    return f"tf.constant({np.asarray(value.numpy()).item()!r}, tf.{value.dtype.name})"


def _shown(value: Any, leaf: Callable[[Any], str]) -> str:
    """A structure of tuples and dictionaries as code."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_shown(one, leaf)}" for key, one in value.items()) + "}"
    if isinstance(value, tuple):
        inner = ", ".join(_shown(one, leaf) for one in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    return leaf(value)
