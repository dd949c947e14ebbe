"""A network read from a dataset's Python objects, for graphs that cannot be serialised."""

from __future__ import annotations

from typing import Any

import tensorflow as tf
from tensorflow.python.data.util.structure import get_flat_tensor_shapes, get_flat_tensor_types

from twinfeed._core.plan import Setting
from twinfeed.graph._bindings._bodies import calls_of, inner_of, signature_of
from twinfeed.graph._bindings._held import held, parts_of
from twinfeed.graph._bindings._mentions import mentions_of
from twinfeed.graph._bindings._paths import paths_of
from twinfeed.graph._bindings._places import place_of
from twinfeed.graph._bindings._values import options_of
from twinfeed.graph.network import Network, Node

_SETTINGS = (
    "buffer_size", "batch_size", "drop_remainder", "count", "seed", "seed2", "filename",
    "reshuffle_each_iteration", "deterministic", "num_parallel_calls", "num_shards", "index",
    "cycle_length", "block_length", "size", "shift", "stride",
)  # fmt: skip


def walk_network(dataset: Any) -> Network:
    """A network of the datasets that the objects name; nothing is read."""
    nodes: dict[str, Node] = {}
    bodies: dict[str, Any] = {}
    for part in parts_of(dataset):
        names: list[str] = []
        for wrapper in part._functions() if hasattr(part, "_functions") else ():
            names += _add(bodies, getattr(wrapper, "function", None))
        nodes[name_of(part)] = Node(
            name=name_of(part),
            op=type(part).__name__.lstrip("_"),
            inputs={"input_datasets": tuple(name_of(one) for one in _inputs(part))},
            settings=_settings(part),
            functions=tuple(names),
            elements=int(tf.data.experimental.cardinality(part)),
            held_bytes=sum(_nbytes(tensor) for tensor in getattr(part, "_tensors", ())),
            place=place_of(part),
            **_elements(part),
        )
    functions = {name: calls_of(body, []) for name, body in bodies.items()}
    signatures = {name: signature_of(body) for name, body in bodies.items()}
    return Network(
        nodes=nodes,
        last=name_of(dataset),
        functions=functions,
        signatures=signatures,
        inner=inner_of(bodies, functions, signatures),
        paths=paths_of(dataset.element_spec),
        mentions=mentions_of(held(dataset), functions),
    )


def name_of(part: Any) -> str:
    """The name of a dataset's object in its network."""
    return f"{type(part).__name__}/{id(part)}"


def _inputs(part: Any) -> list[Any]:
    return list(part._inputs()) if hasattr(part, "_inputs") else []


def _settings(part: Any) -> dict[str, Setting]:
    if type(part).__name__ == "_OptionsDataset":
        return options_of(part._options_attr._to_proto())
    found: dict[str, Setting] = {}
    for name in _SETTINGS:
        value = getattr(part, f"_{name}", None)
        if isinstance(value, tf.Tensor) and value.shape.rank == 0:
            value = value.numpy().item() if value.dtype != tf.string else value.numpy().decode()
        if isinstance(value, int | float | str | bool) and value != "default":
            found[name] = value
    if getattr(part, "_rerandomize", None):
        found["rerandomize_each_iteration"] = True
    return found


def _add(bodies: dict[str, Any], concrete: Any) -> list[str]:
    if not hasattr(concrete, "function_def"):
        return []
    for body in concrete.graph.as_graph_def().library.function:
        bodies[body.signature.name] = body
    body = concrete.function_def
    bodies[body.signature.name] = body
    return [body.signature.name]


def _elements(part: Any) -> dict[str, Any]:
    """Dtype and shape of each tensor of the elements."""
    structure = part.element_spec
    return {
        "types": tuple(kind.name for kind in get_flat_tensor_types(structure)),
        "shapes": tuple(
            None if shape.rank is None else tuple(shape.as_list())
            for shape in get_flat_tensor_shapes(structure)
        ),
    }


def _nbytes(tensor: Any) -> int:
    return int(tensor.shape.num_elements() or 0) * max(1, tensor.dtype.size or 1)
