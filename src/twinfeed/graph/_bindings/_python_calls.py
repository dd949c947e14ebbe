"""The Python functions that a graph calls back, and calling them with care.

``numpy_function``, ``py_function`` and ``from_generator`` leave tokens in the graph, which
TensorFlow looks up in a table of the process. A copy gets tokens of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from types import FunctionType
from typing import Any, TypeAlias

from tensorflow.python.ops import script_ops

from twinfeed.graph._bindings._edit import every_node
from twinfeed.graph._functions import PYTHON

Around: TypeAlias = Callable[[], AbstractContextManager[None]]


def python_functions(graph: Any) -> tuple[Any, ...]:
    """The user's functions that the graph calls back, each once."""
    found: dict[int, Any] = {}
    for token in sorted(_tokens(graph)):
        for function in _users(script_ops._py_funcs.get(token)):
            found[id(function)] = function
    return tuple(found.values())


def _users(function: Any) -> Iterator[Any]:
    """What stands behind a registered function; ``from_generator`` registers three of its own."""
    if function is None:
        return
    if isinstance(function, script_ops.EagerFunc):
        function = function._func
    yield function
    waiting, seen = [function], set[int]()
    while waiting:
        for inner in _captured(waiting.pop()):
            if type(inner).__name__ == "_GeneratorState":
                yield inner._generator
            elif isinstance(inner, FunctionType) and id(inner) not in seen:
                seen.add(id(inner))
                waiting.append(inner)


def _captured(function: Any) -> Iterator[Any]:
    for cell in getattr(function, "__closure__", None) or ():
        try:
            yield cell.cell_contents
        except ValueError:  # a name that is not bound yet
            continue


def put_around(graph: Any, around: Around) -> list[Any]:
    """Let the graph call its Python functions inside ``around()``.

    Returns:
        What must stay alive as long as the graph: TensorFlow keeps weak references.
    """
    kept: list[Any] = []
    tokens: dict[str, str] = {}
    for token in _tokens(graph):
        function = script_ops._py_funcs.get(token)
        if function is not None:
            wrapped = _wrapped(function, around)
            kept += [function, wrapped]
            tokens[token] = script_ops._py_funcs.insert(wrapped)
    for node in every_node(graph):
        token = node.attr["token"].s.decode() if node.op in PYTHON else ""
        if token in tokens:
            node.attr["token"].s = tokens[token].encode()
    return kept


def _wrapped(function: Any, around: Around) -> Any:
    call = function._func if isinstance(function, script_ops.EagerFunc) else function

    def wrapped(*arguments: Any) -> Any:
        with around():
            return call(*arguments)

    if isinstance(function, script_ops.EagerFunc):
        return script_ops.EagerFunc(wrapped, function._out_dtypes, is_grad_func=False)
    return wrapped


def _tokens(graph: Any) -> set[str]:
    return {node.attr["token"].s.decode() for node in every_node(graph) if node.op in PYTHON}
