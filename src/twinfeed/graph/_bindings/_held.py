"""What the Python objects of a dataset hold beside its graph.

The graph names neither which captured variables are one and the same, nor the user's
functions, nor the tensors in memory; the objects do. Their attributes are private to
TensorFlow, so whatever is not found is simply not used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf


@dataclass(frozen=True, slots=True)
class Held:
    """What the objects of a dataset hold.

    Attributes:
        captures: Tensors that each function captures, by the function's name.
        functions: The user's own functions.
        tensors: Tensors that sources hold in memory.
        kinds: Class names of the dataset objects, the last one first.
        written: What the user wrote for each function, by the function's name.
    """

    captures: dict[str, list[Any]]
    functions: tuple[Callable[..., object], ...]
    tensors: tuple[Any, ...]
    kinds: tuple[str, ...]
    written: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def variables(self) -> list[Any]:
        """Handles of the captured variables, each once."""
        handles = {
            id(tensor): tensor
            for captured in self.captures.values()
            for tensor in captured
            if is_variable(tensor)
        }
        return list(handles.values())


def held(dataset: Any) -> Held:
    """Look at a dataset's objects; nothing is read."""
    captures: dict[str, list[Any]] = {}
    functions: list[Callable[..., object]] = []
    tensors: list[Any] = []
    kinds: list[str] = []
    written: dict[str, Any] = {}
    for part in parts_of(dataset):
        kinds.append(type(part).__name__)
        tensors += [t for t in getattr(part, "_tensors", ()) if isinstance(t, tf.Tensor)]
        for wrapper in part._functions() if hasattr(part, "_functions") else ():
            concrete = getattr(wrapper, "function", None)
            if hasattr(concrete, "captured_inputs"):
                captures[_text(concrete.name)] = list(concrete.captured_inputs)
                written[_text(concrete.name)] = getattr(wrapper, "_func", None)
            functions.append(getattr(wrapper, "_func", None) or wrapper)
    return Held(captures, tuple(functions), tuple(tensors), tuple(kinds), written)


def is_variable(tensor: Any) -> bool:
    """Whether a captured tensor is the handle of a variable whose type is known."""
    return variable_dtype(tensor) is not None and "tensorflow::Var" in repr(tensor)


def variable_dtype(handle: Any) -> Any:
    """The dtype of a variable's values, or ``None`` if the handle does not tell."""
    if getattr(handle, "dtype", None) != tf.resource:
        return None
    data = getattr(handle, "_handle_data", None)
    if data is None or not data.is_set or not data.shape_and_type:
        return None
    return tf.dtypes.as_dtype(data.shape_and_type[0].dtype)


def values_of(handles: Sequence[Any]) -> list[Any]:
    """What variables hold now, as tensors."""
    return [
        tf.raw_ops.ReadVariableOp(resource=handle, dtype=variable_dtype(handle))
        for handle in handles
    ]


def put_values(handles: Sequence[Any], values: Sequence[Any]) -> None:
    """Make variables hold these values."""
    for handle, value in zip(handles, values, strict=True):
        tf.raw_ops.AssignVariableOp(resource=handle, value=value)


def parts_of(dataset: Any) -> Iterator[Any]:
    """A dataset's objects, the last one first, each once."""
    waiting, seen = [dataset], set[int]()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        if hasattr(part, "_inputs"):
            waiting += list(part._inputs())


def _text(name: Any) -> str:
    return name.decode() if isinstance(name, bytes) else str(name)
