"""Paths of the tensors of a dataset's elements, as reports name them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

_PARTS = ("x", "y", "weight")


def paths_of(spec: Any) -> tuple[str, ...]:
    """One path per tensor, in TensorFlow's order.

    Args:
        spec: The dataset's ``element_spec``; a tuple of up to three is inputs, labels, weights.
    """
    if type(spec) is tuple and len(cast("tuple[object, ...]", spec)) <= len(_PARTS):
        parts = cast("tuple[object, ...]", spec)
        return tuple(
            path for name, part in zip(_PARTS, parts, strict=False) for path in _walk(part, name)
        )
    return tuple(_walk(spec, "x"))


def _walk(tree: Any, path: str) -> Iterator[str]:
    if isinstance(tree, Mapping):
        branches = cast("Mapping[str, object]", tree)
        for key in sorted(branches):
            yield from _walk(branches[key], f'{path}["{key}"]')
    elif isinstance(tree, tuple | list):
        for index, branch in enumerate(cast("tuple[object, ...]", tree)):
            yield from _walk(branch, f"{path}[{index}]")
    elif type(tree).__name__ != "NoneTensorSpec":  # holds no tensor
        yield path
