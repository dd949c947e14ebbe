"""Names of images that a source holds."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

import tensorflow as tf

from twinfeed._core.plan import Setting

_SUFFIXES = (b".bmp", b".gif", b".jpeg", b".jpg", b".png", b".ppm", b".tif", b".tiff", b".webp")
_MOST_NAMES = 5_000_000


def folder_of_files(
    names: Iterable[str], nodes: Mapping[str, Any], large: Mapping[str, Any]
) -> dict[str, Setting]:
    """The folder that holds every image that a source names, as its setting ``directory``.

    Args:
        names: The nodes that a source slices.
        nodes: Every node of the graph by name.
        large: Tensors that the graph names and does not define.
    """
    for name in names:
        texts = _texts(name, nodes, large)
        if texts and all(text.lower().endswith(_SUFFIXES) for text in texts):
            try:
                folder = os.path.commonpath({os.path.dirname(text) for text in texts})  # noqa: PTH120 - bytes, and a million of them
            except ValueError:  # absolute and relative names together
                return {}
            return {"directory": os.fsdecode(folder) or "."}
    return {}


def _texts(name: str, nodes: Mapping[str, Any], large: Mapping[str, Any]) -> list[bytes]:
    if name in large:
        tensor = large[name]
        text = tensor.dtype == tf.string and tensor.shape.num_elements() <= _MOST_NAMES
        return tf.reshape(tensor, [-1]).numpy().tolist() if text else []
    node = nodes.get(name)
    if node is None or node.op != "Const":
        return []
    proto = node.attr["value"].tensor
    if proto.dtype != tf.string.as_datatype_enum:
        return []
    # ``make_ndarray`` cannot read the packed form that serialised graphs have.
    # A scalar has no array of its own: its value is bytes.
    found = tf.reshape(tf.io.parse_tensor(proto.SerializeToString(), tf.string), [-1])
    return found.numpy().tolist()
