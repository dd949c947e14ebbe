"""What the object handed to ``fit`` says about itself without being read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import numpy as np

from twinfeed._core.optional import is_instance
from twinfeed._core.plan import Plan, Setting, Step
from twinfeed._core.spec import FeedSpec, LeafKind, LeafSpec, leaf_spec

_KNOWN = (
    ("tensorflow", "data.Dataset", "tf.data.Dataset"),
    ("torch", "utils.data.DataLoader", "torch.utils.data.DataLoader"),
    ("grain", "DataLoader", "grain.DataLoader"),
    ("grain", "MapDataset", "grain.MapDataset"),
    ("grain", "IterDataset", "grain.IterDataset"),
    ("pandas", "DataFrame", "pandas.DataFrame"),
    ("pandas", "Series", "pandas.Series"),
)
_SHUFFLED = {
    "arrays", "keras.utils.PyDataset", "keras ImageDataGenerator", "twinfeed ImageDataGenerator",
}  # fmt: skip
"""Libraries of the plans whose feeds ``fit`` shuffles by itself."""
_SPEC_KINDS: Mapping[str, LeafKind] = {
    "TensorSpec": "dense",
    "RaggedTensorSpec": "ragged",
    "SparseTensorSpec": "sparse",
}


def type_name(x: object) -> str:
    """The type as its library's users write it."""
    for library, path, name in _KNOWN:
        if is_instance(x, library, path):
            return name
    kind = type(x)
    return f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")


def spec_of_handed(x: object, y: object, weight: object) -> FeedSpec | None:
    """The leaves of arrays or of a ``tf.data.Dataset``; ``None`` where nothing is shown."""
    element = getattr(x, "element_spec", None)
    if element is not None:
        parts = cast("tuple[object, ...]", element) if isinstance(element, tuple) else (element,)
        if len(parts) > 3:
            return None
        leaves = [
            _from_type_spec(path, leaf)
            for name, part in zip(("x", "y", "weight"), parts, strict=False)
            for path, leaf in leaves_of(part, name)
        ]
        return FeedSpec(tuple(leaves))
    found: list[LeafSpec] = []
    for name, part in (("x", x), ("y", y), ("weight", weight)):
        for path, leaf in leaves_of(part, name):
            spec = _from_array(path, leaf)
            if spec is None:
                return None
            found.append(spec)
    return FeedSpec(tuple(found))


def spec_of_given(given: object) -> FeedSpec | None:
    """The leaves of what ``as_feed`` was given; a tuple is ``x, y`` and the weights."""
    x, y, weight = (given, None, None)
    if isinstance(given, tuple):
        x, y, weight = (*cast("tuple[object, ...]", given), None, None, None)[:3]
    found = spec_of_handed(x, y, weight)
    return found if found and found.leaves else None


def examples_of(x: object, validation_split: float) -> int | None:
    """Examples in arrays, less those that ``fit`` sets aside; ``None`` for anything else."""
    lengths = {
        int(leaf.shape[0])
        for _, leaf in leaves_of(x, "x")
        if hasattr(leaf, "shape") and hasattr(leaf, "dtype") and len(leaf.shape)
    }
    if len(lengths) != 1:
        return None
    (length,) = lengths
    # The same rounding as Keras: what is set aside is the end of the arrays.
    return int(np.floor(length * (1.0 - validation_split))) if validation_split else length


def batch_size_in_fit(x: object, batch_size: int | None, steps: int | None) -> int | None:
    """The batch size that Keras cuts arrays into: as many batches as steps where only those are given."""
    if batch_size or not steps:
        return batch_size
    examples = examples_of(x, 0.0)
    return None if examples is None else -(-examples // steps)


def plan_in_fit(plan: Plan | None, shuffle: Setting) -> Plan | None:
    """The plan with the shuffle that ``fit`` itself does.

    Args:
        plan: The steps of the object, or ``None``.
        shuffle: The argument of ``fit``: arrays are mixed before they are cut into batches, or
            with ``"batch"`` inside each batch only; of a ``PyDataset`` whole batches are mixed.
    """
    if plan is None or not shuffle or plan.library not in _SHUFFLED:
        return plan
    batch = next(plan.of_kind("batch"), None)
    whole = plan.library != "arrays" or batch is None
    examples = None if batch is None else batch.examples_in
    buffer = batch.integer("batch_size") if batch and shuffle == "batch" else examples
    step = Step(
        kind="shuffle",
        where=f"Model.fit(shuffle={shuffle!r})",
        name="fit",
        settings={"whole_batches": True} if whole else {"buffer_size": buffer},
        examples_in=examples,
    )
    if whole or batch is None:
        return Plan((*plan.steps, step), plan.library)
    return Plan((*plan.before(batch), step, batch, *plan.after(batch)), plan.library)


def leaves_of(tree: Any, path: str) -> Iterator[tuple[str, Any]]:
    """The parts of what was handed in, each with its path."""
    if tree is None:
        return
    if isinstance(tree, Mapping):
        for key, branch in cast("Mapping[object, object]", tree).items():
            yield from leaves_of(branch, f'{path}["{key}"]')
    elif isinstance(tree, tuple | list):
        for index, branch in enumerate(cast("tuple[object, ...]", tree)):
            yield from leaves_of(branch, f"{path}[{index}]")
    else:
        yield path, tree


def _from_array(path: str, leaf: Any) -> LeafSpec | None:
    if isinstance(leaf, np.ndarray):
        array = cast("np.ndarray[Any, np.dtype[Any]]", leaf)
        if array.dtype.kind in "US":
            return LeafSpec(path=path, kind="text", dtype="bytes", shape=array.shape[1:])
        return leaf_spec(path, array)
    if is_instance(leaf, "pandas", "DataFrame"):
        kinds = sorted({str(kind) for kind in leaf.dtypes})
        shape = (int(leaf.shape[1]),)
        return LeafSpec(path=path, kind="dense", dtype="+".join(kinds), shape=shape)
    shape, dtype = getattr(leaf, "shape", None), getattr(leaf, "dtype", None)
    if shape is None or dtype is None:
        return None
    name = str(getattr(dtype, "name", dtype)).removeprefix("torch.")
    return LeafSpec(
        path=path, kind="dense", dtype=name, shape=tuple(int(side) for side in shape[1:])
    )


def _from_type_spec(path: str, spec: Any) -> LeafSpec:
    kind = _SPEC_KINDS.get(type(spec).__name__)
    if kind is None:
        return LeafSpec(path=path, kind="opaque", dtype=type(spec).__name__, shape=())
    rank = spec.shape.rank
    sides = () if rank is None else tuple(spec.shape.as_list())[1:]
    if spec.dtype.name == "string":
        return LeafSpec(path=path, kind="text", dtype="bytes", shape=sides)
    return LeafSpec(path=path, kind=kind, dtype=spec.dtype.name, shape=sides)
