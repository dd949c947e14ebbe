"""A map's function that decodes of a JPEG only what it goes on to crop.

``tf.io.decode_and_crop_jpeg`` alone gives other values at the edges of the window than decoding and
cropping, where colours are stored at a lower resolution: the decoder has no neighbours to blend
with there. So a window with a margin is decoded, and the margin cut off: the same values bit by
bit. What is no JPEG, which ``decode_jpeg`` accepts as well, is decoded and cropped as before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import tensorflow as tf

from twinfeed.graph._bindings._edit import every_node

MARGIN = 2
"""Rows and columns around the window; blending reaches over one."""

_calls = count(1)
_KEPT = ("fancy_upscaling", "try_recover_truncated", "acceptable_fraction", "dct_method")


@dataclass(frozen=True, slots=True)
class Cropping:
    """The nodes that decode a picture and crop it.

    Attributes:
        decode: Decodes.
        crop: Cuts the window out: ``Slice`` or ``StridedSlice``.
        shapes: Ask for the shape of the whole, each with the rank that it is asked of.
        rank: Axes of what is cropped; 4 has a first axis of 1.
    """

    decode: Any
    crop: Any
    shapes: tuple[tuple[Any, int], ...]
    rank: int


def can_crop(function: Any) -> bool:
    """Whether a function decodes a JPEG, crops it, and uses the whole for nothing else."""
    return _found(function.graph.as_graph_def()) is not None


def crop_first(graph: Any) -> list[Any]:
    """Decode in a function's graph only what is cropped; what is returned must outlive the graph."""
    found = _found(graph)
    assert found is not None, "asked for before"
    contents, made = found.decode.input[0], list[Any]()
    shape_of, cropped = _functions(found, _strides(graph, found.crop))
    places = [name for name in found.crop.input[1:3] if found.crop.op == "Slice"]
    calls = [(node, partial(shape_of, rank=rank), ()) for node, rank in found.shapes]
    for node, function, more in (*calls, (found.crop, cropped, tuple(places))):
        kind = tf.dtypes.as_dtype(node.attr["Index"].type) if more else tf.int32
        specs = [tf.TensorSpec([], tf.string), *(tf.TensorSpec([found.rank], kind) for _ in more)]
        built = tf.function(function, autograph=False).get_concrete_function(*specs)
        _call(graph, node, built, [contents, *more])
        made.append(built)
    return made


def _found(graph: Any) -> Cropping | None:
    decodes = [node for node in every_node(graph) if node.op == "DecodeJpeg"]
    if len(decodes) != 1 or all(node is not decodes[0] for node in graph.node):
        return None
    decode = decodes[0]
    if decode.attr["channels"].i not in {1, 3} or decode.attr["ratio"].i not in {0, 1}:
        return None
    shapes: list[tuple[Any, int]] = []
    crops: list[tuple[Any, int]] = []
    waiting = [(node, 3) for node in _users(graph, decode)]
    while waiting:
        node, rank = waiting.pop()
        if node.op == "Identity" or (node.op == "ExpandDims" and rank == 3):
            waiting += [(one, rank + (node.op == "ExpandDims")) for one in _users(graph, node)]
        elif node.op == "Shape" and node.attr["out_type"].type != tf.int64.as_datatype_enum:
            shapes.append((node, rank))
        elif node.op == "Slice" or (rank == 3 and _strides(graph, node) is not None):
            crops.append((node, rank))
        else:
            return None
    if len(crops) != 1 or _is_output(graph, decode):
        return None
    return Cropping(decode, crops[0][0], tuple(shapes), crops[0][1])


def _users(graph: Any, node: Any) -> list[Any]:
    names = {node.name, f"{node.name}:0"}
    return [other for other in graph.node if names & set(other.input)]


def _is_output(graph: Any, decode: Any) -> bool:
    """Whether the whole picture is handed on as it is: nothing in the graph uses it then."""
    return not _users(graph, decode)


def _strides(graph: Any, node: Any) -> tuple[Any, Any, int, int] | None:
    """Begin, end and their masks of a slice with constant bounds and steps of 1."""
    masks = ("ellipsis_mask", "new_axis_mask", "shrink_axis_mask")
    if node.op != "StridedSlice" or any(node.attr[name].i for name in masks):
        return None
    by_name = {one.name: one for one in graph.node}
    bounds = [by_name.get(name) for name in node.input[1:4]]
    if any(one is None or one.op != "Const" for one in bounds):
        return None
    begin, end, steps = (tf.make_ndarray(one.attr["value"].tensor) for one in bounds)  # pyright: ignore[reportOptionalMemberAccess]
    if (steps != 1).any() or len(steps) > 3:
        return None
    return begin, end, node.attr["begin_mask"].i, node.attr["end_mask"].i


def _call(graph: Any, node: Any, function: Any, inputs: list[str]) -> None:
    """Make a node call a function."""
    for body in (function.function_def, *function.graph.as_graph_def().library.function):
        if all(one.signature.name != body.signature.name for one in graph.library.function):
            graph.library.function.add().CopyFrom(body)
    control = [name for name in node.input if name.startswith("^")]
    # TensorFlow puts the function's nodes in the place of the call, under the call's name: that
    # must be nobody's prefix, or two nodes have one name, which ends the process.
    call = graph.node.add()
    call.name, call.op = f"twinfeed_call_{next(_calls)}", "PartitionedCall"
    call.input.extend([*inputs, *control])
    call.attr["f"].func.name = function.function_def.signature.name
    call.attr["Tin"].list.type.extend(one.dtype.as_datatype_enum for one in function.inputs)
    call.attr["Tout"].list.type.extend(one.dtype.as_datatype_enum for one in function.outputs)
    node.op = "Identity"
    del node.input[:]
    node.input.append(call.name)
    node.attr.clear()
    node.attr["T"].type = function.outputs[0].dtype.as_datatype_enum


def _functions(found: Cropping, strides: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """What tells the shape of the whole, and what decodes the window."""
    channels = int(found.decode.attr["channels"].i)
    given = {name: _plain(found.decode.attr[name]) for name in _KEPT}

    def whole(contents: Any) -> Any:
        return tf.raw_ops.DecodeJpeg(contents=contents, channels=channels, **given)

    def shape_of(contents: Any, rank: int = 3) -> Any:
        def header() -> Any:
            return tf.concat([tf.io.extract_jpeg_shape(contents)[:2], [channels]], 0)

        told = tf.cond(tf.io.is_jpeg(contents), header, lambda: tf.shape(whole(contents)))
        told = tf.ensure_shape(told, [3])
        return tf.concat([[1], told], 0) if rank == 4 else told

    def cropped(contents: Any, *places: Any) -> Any:
        shape = shape_of(contents)
        begin, size = _window(strides, places, shape)

        def part() -> Any:
            first = tf.maximum(begin[:2] - MARGIN, 0)
            last = tf.minimum(begin[:2] + size[:2] + MARGIN, shape[:2])
            decoded = tf.raw_ops.DecodeAndCropJpeg(
                contents=contents,
                crop_window=tf.concat([first, last - first], 0),
                channels=channels,
                **given,
            )
            return tf.slice(decoded, tf.concat([begin[:2] - first, begin[2:]], 0), size)

        made = tf.cond(
            tf.io.is_jpeg(contents), part, lambda: tf.slice(whole(contents), begin, size)
        )
        return made[None] if found.rank == 4 else made

    return shape_of, cropped


def _window(strides: Any, places: Sequence[Any], shape: Any) -> tuple[Any, Any]:
    """Begin and size on three axes."""
    if strides is None:
        begin, size = (tf.cast(one, tf.int32)[-3:] for one in places)
        return begin, tf.where(size < 0, shape - begin, size)
    first, last, open_first, open_last = strides
    begins, ends = [tf.zeros_like(shape[n]) for n in range(3)], [shape[n] for n in range(3)]
    for axis, (low, high) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
        if not open_first >> axis & 1:
            begins[axis] = tf.clip_by_value(low + shape[axis] * (low < 0), 0, shape[axis])
        if not open_last >> axis & 1:
            ends[axis] = tf.clip_by_value(high + shape[axis] * (high < 0), 0, shape[axis])
    begin = tf.stack(begins)
    return begin, tf.maximum(tf.stack(ends) - begin, 0)


def _plain(value: Any) -> Any:
    kind = value.WhichOneof("value")
    return value.s.decode() if kind == "s" else getattr(value, kind)
