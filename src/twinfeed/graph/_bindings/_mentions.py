"""Which functions of libraries a user's function names, read from its compiled code.

A random number of NumPy or Python that is drawn while TensorFlow traces a function leaves no
operation in the graph, only its result. The code tells it.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from twinfeed.graph._bindings._held import Held
from twinfeed.graph._functions import PYTHON
from twinfeed.graph.network import Call

_ROOTS = ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLOSURE", "LOAD_FROM_DICT_OR_GLOBALS")
_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")
_DEEPEST = 4
_DRAWERS = ("numpy.random", "random")
"""Modules whose objects, e.g. a ``Generator``, are told by their type."""


def mentions_of(holds: Held, library: Mapping[str, tuple[Call, ...]]) -> dict[str, tuple[str, ...]]:
    """The functions of libraries that each function's code names, by the function's name.

    What runs in Python for each element (``numpy_function``) is not traced: where a function
    does that, only its own code is read and not that of the functions it names.
    """
    found: dict[str, tuple[str, ...]] = {}
    for name, function in holds.written.items():
        in_python = any(call.op in PYTHON for call in library.get(name, ()))
        written, owner = _plain(function)
        named = set(_named(written, 1 if in_python else _DEEPEST, owner))
        if named:
            found[name] = tuple(sorted(named))
    return found


def _plain(function: Any) -> tuple[FunctionType | None, Any]:
    """The Python function behind what was given to a step, and the object whose method it is."""
    owner: Any = None
    for _ in range(_DEEPEST):
        if isinstance(function, FunctionType):
            return function, owner
        if isinstance(function, MethodType):
            owner, function = function.__self__, function.__func__
        elif isinstance(function, partial):
            function = function.func
        elif hasattr(function, "python_function"):  # tf.function
            function = function.python_function
        elif isinstance(called := vars(type(function)).get("__call__"), FunctionType):
            owner, function = function, called
        else:
            break
    return None, None


def _named(function: FunctionType | None, depth: int, owner: Any = None) -> Iterator[str]:
    if function is None or depth < 1 or _is_installed(function):
        return
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False))
    codes = [function.__code__]
    if depth > 1:
        codes += _inside(function.__code__)
    for code in codes:
        for root, attributes in _chains(code, function.__code__.co_varnames[:1] if owner else ()):
            own = root in function.__code__.co_varnames[:1]
            first = owner if own else _held_by_name(function, cells, root)
            thing, path, holder = _resolve(first, attributes)
            if isinstance(thing, FunctionType) and not _is_installed(thing):
                yield from _named(thing, depth - 1, holder)
            elif path:
                yield path


def _inside(code: CodeType) -> list[CodeType]:
    nested = [one for one in code.co_consts if isinstance(one, CodeType)]
    return [*nested, *(deeper for one in nested for deeper in _inside(one))]


def _chains(code: CodeType, local: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """Every ``name.attribute.attribute`` that the code loads; of its own variables only these."""
    root, attributes = "", list[str]()
    for instruction in dis.get_instructions(code):
        if instruction.opname in _ATTRIBUTES and root:
            attributes.append(str(instruction.argval))
            continue
        if root:
            yield root, attributes
        root, attributes = "", []
        if instruction.opname in _ROOTS or (
            instruction.opname == "LOAD_FAST" and instruction.argval in local
        ):
            root = str(instruction.argval)
    if root:
        yield root, attributes


def _held_by_name(function: FunctionType, cells: Mapping[str, Any], root: str) -> Any:
    return _held(cells[root]) if root in cells else function.__globals__.get(root)


def _resolve(thing: Any, attributes: list[str]) -> tuple[Any, str, Any]:
    """What a chain of attributes stands for, its name if a library owns it, and whose method it is.

    Attributes that a module or an object makes when asked are left alone.
    """
    name, holder = thing.__name__ if isinstance(thing, ModuleType) else "", None
    for attribute in attributes:
        if isinstance(thing, ModuleType) or (thing is None and name):
            thing = vars(thing).get(attribute) if thing is not None else None
            name = f"{name}.{attribute}"
            continue
        if type(thing).__module__.startswith(_DRAWERS):
            return None, f"{_type_name(thing)}.{attribute}", None
        holder, thing = thing, _part_of(thing, attribute)
        name = thing.__name__ if isinstance(thing, ModuleType) else ""
        if thing is None:
            return None, "", None
    drawer = None if name else getattr(thing, "__self__", None)
    if type(drawer).__module__.startswith(_DRAWERS):
        return None, f"{_type_name(drawer)}.{getattr(thing, '__name__', '')}", None
    if name or thing is None or (isinstance(thing, FunctionType) and not _is_installed(thing)):
        return thing, name, holder
    if holder is not None and isinstance(thing, FunctionType):
        return thing, "", None  # a method of a library's object
    return thing, _type_name(thing), holder


def _part_of(thing: Any, attribute: str) -> Any:
    """What an object keeps, or its class's function, of this name; nothing is computed for it."""
    kept = getattr(thing, "__dict__", {}).get(attribute)
    if kept is not None or isinstance(thing, type):
        return getattr(kept, "__func__", kept)
    found = next(
        (vars(one)[attribute] for one in type(thing).__mro__ if attribute in vars(one)), None
    )
    found = getattr(found, "__func__", found)  # static and class methods
    return found if isinstance(found, FunctionType | ModuleType) else None


def _type_name(thing: Any) -> str:
    named = thing if hasattr(thing, "__qualname__") else type(thing)
    return f"{named.__module__ or ''}.{named.__qualname__}"


def _held(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not bound yet
        return None


def _is_installed(function: FunctionType) -> bool:
    """Whether a function belongs to a library and not to the user."""
    file = function.__code__.co_filename
    return "site-packages" in file or file.startswith((sys.base_prefix + "/lib", "<frozen"))
