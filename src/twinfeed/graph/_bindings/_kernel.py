"""A map's function with another implementation of TensorFlow's affine transform inside.

``ImageProjectiveTransformV3``, which augmentation layers end in, takes several times as long as
a compiled kernel. The function is built again from its graph with that one operation exchanged:
nothing of the user's code runs, and every seed and variable stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from types import SimpleNamespace
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.python.ops import script_ops

from twinfeed.graph._bindings._edit import every_node, make_known, rename_functions

OP = "ImageProjectiveTransformV3"
Kernel = Callable[[Any, Any, bytes], Any]
"""Images, transforms and fill mode in, images out; may raise ``ValueError`` for "not mine"."""
Edit = Callable[[Any], list[Any]]
"""Changes a graph; what it returns must stay alive as long as the graph."""

_builds = count(1)


def can_swap(function: Any, fills: frozenset[bytes]) -> bool:
    """Whether a function has transforms that a kernel can take over."""
    found = [node for node in every_node(function.graph.as_graph_def()) if node.op == OP]
    return bool(found) and all(
        node.attr["fill_mode"].s in fills and node.attr["interpolation"].s == b"BILINEAR"
        and node.attr["dtype"].type in {tf.float32.as_datatype_enum, tf.uint8.as_datatype_enum}
        for node in found
    )  # fmt: skip


def remade(wrapper: Any, edits: Sequence[Edit]) -> Any:
    """What stands for a step's function, with something else inside.

    Args:
        wrapper: The step's own function, as its object keeps it.
        edits: What is changed in its graph.
    """
    concrete = wrapper.function
    graph = concrete.graph.as_graph_def()
    rename_functions(graph, f"twinfeed_kernel_{next(_builds)}_")
    kept = [edit(graph) for edit in edits]
    make_known(graph)
    inputs = [tensor.name for tensor in concrete.graph.inputs]
    outputs = [tensor.name for tensor in concrete.graph.outputs]
    captured = list(concrete.captured_inputs)
    elements = concrete.graph.inputs[: len(inputs) - len(captured)]

    def call(*given: Any) -> Any:
        here = tf.compat.v1.get_default_graph()
        held = [here.capture(tensor) for tensor in captured]
        made = tf.graph_util.import_graph_def(
            graph,
            input_map=dict(zip(inputs, [*given, *held], strict=True)),
            return_elements=outputs,
            name="",
        )
        for tensor, like in zip(made, concrete.graph.outputs, strict=True):
            tensor.set_shape(like.shape)  # a Python function tells no shape
        return made

    built = tf.function(call, autograph=False).get_concrete_function(
        *(tf.TensorSpec(tensor.shape, tensor.dtype) for tensor in elements)
    )
    return SimpleNamespace(
        function=built,
        output_structure=wrapper.output_structure,
        _func=wrapper._func,
        keeps=kept,
    )


def exchanged(graph: Any, kernel: Kernel) -> list[Any]:
    """Put the kernel in the place of each transform; what is returned must outlive the graph."""
    return [_exchange(node, kernel) for node in every_node(graph) if node.op == OP]


def _exchange(node: Any, kernel: Kernel) -> Any:
    """Make a node call Python; what is returned must stay alive as long as the graph."""
    fill, dtype = node.attr["fill_mode"].s, tf.dtypes.as_dtype(node.attr["dtype"].type)

    def run(images: Any, transforms: Any, shape: Any, cval: Any) -> Any:
        if tuple(shape) == images.shape[1:3] and not np.asarray(transforms)[:, 6:].any():
            made = kernel(images, transforms, fill)
            return made if dtype == tf.float32 else made.astype(dtype.as_numpy_dtype)
        return tf.raw_ops.ImageProjectiveTransformV3(
            images=images, transforms=transforms, output_shape=shape, fill_value=cval,
            interpolation="BILINEAR", fill_mode=fill.decode(),
        ).numpy()  # fmt: skip

    node.op = "PyFuncStateless"
    node.attr.clear()
    node.attr["token"].s = script_ops._py_funcs.insert(run).encode()
    types = (dtype, tf.float32, tf.int32, tf.float32)
    node.attr["Tin"].list.type.extend(one.as_datatype_enum for one in types)
    node.attr["Tout"].list.type.append(dtype.as_datatype_enum)
    return run
