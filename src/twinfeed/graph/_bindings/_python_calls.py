"""The Python functions that a graph calls back, and calling them with care.

``numpy_function``, ``py_function`` and ``from_generator`` leave tokens in the graph, which
TensorFlow looks up in a table of the process. A copy gets tokens of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from tensorflow.python.ops import script_ops

from twinfeed.graph._bindings._edit import every_node
from twinfeed.graph._functions import PYTHON

Around: TypeAlias = Callable[[], AbstractContextManager[None]]


def python_functions(graph: Any) -> tuple[Any, ...]:
    """What the graph calls back, each once."""
    found = (script_ops._py_funcs.get(token) for token in sorted(_tokens(graph)))
    return tuple(function for function in found if function is not None)


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
