"""Values in a GraphDef as plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from twinfeed._core.plan import Setting


def floats(node: Any) -> tuple[float, ...] | None:
    """The values of a constant of up to four floating point numbers."""
    if node is None or node.op != "Const":
        return None
    tensor = node.attr["value"].tensor
    shape = [axis.size for axis in tensor.tensor_shape.dim]
    if not tf.dtypes.as_dtype(tensor.dtype).is_floating or int(np.prod(shape)) not in range(1, 5):
        return None
    return tuple(float(value) for value in tf.make_ndarray(tensor).ravel())


def numbers(node: Any) -> tuple[float, ...] | None:
    """The values of a constant of up to sixteen numbers; ``None`` for any other node."""
    if node is None or node.op != "Const":
        return None
    tensor = node.attr["value"].tensor
    kind = tf.dtypes.as_dtype(tensor.dtype)
    size = int(np.prod([axis.size for axis in tensor.tensor_shape.dim]))
    if not (kind.is_floating or kind.is_integer or kind.is_bool) or size not in range(17):
        return None
    return tuple(float(value) for value in tf.make_ndarray(tensor).ravel())


def scalar(node: Any) -> Setting:
    """The value of a constant of one element; ``None`` for any other node."""
    if node is None or node.op != "Const":
        return None
    tensor = node.attr["value"].tensor
    if tensor.dtype in {tf.resource.as_datatype_enum, tf.variant.as_datatype_enum}:
        return None
    values = tf.make_ndarray(tensor)
    if values.size != 1:
        return None
    value = values.reshape(-1)[0]
    return value.decode(errors="replace") if isinstance(value, bytes) else value.item()


def attribute(value: Any) -> Setting:
    """A scalar attribute; ``None`` for any other."""
    kind = value.WhichOneof("value")
    if kind == "s":
        text = value.s.decode(errors="replace")
        return {"true": True, "false": False}.get(text, text)
    if kind == "type":
        return tf.dtypes.as_dtype(value.type).name
    return getattr(value, kind) if kind in {"i", "f", "b"} else None


def options_of(message: Any) -> dict[str, Setting]:
    """The options that someone set, under the names of ``tf.data.Options``."""
    groups = {
        "optimization_options": "experimental_optimization.",
        "threading_options": "threading.",
        "autotune_options": "autotune.",
        "distribute_options": "experimental_distribute.",
        "service_options": "experimental_service.",
    }
    found: dict[str, Setting] = {}
    for field, value in message.ListFields():
        if field.name in groups:
            for inner, set_to in value.ListFields():
                name = inner.name.removeprefix("autotune_")
                found[groups[field.name] + name] = _plain(inner, set_to)
        else:
            found[field.name] = _plain(field, value)
    return found


def _plain(field: Any, value: Any) -> Setting:
    if field.enum_type is not None:
        return str(field.enum_type.values_by_number[value].name)
    return value if isinstance(value, int | float | str | bool) else str(value)
