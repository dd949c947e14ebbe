"""A dataset's objects as a recipe, and a recipe as a dataset.

The steps are built again one by one on the user's own source, with the functions that were
traced for them. So tensors in memory of any size, generators, Python functions, tables and
variables are those of the user; shuffles and caches are new, and the user's stay where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import tensorflow as tf
from tensorflow.core.framework import dataset_options_pb2
from tensorflow.python.data.ops import (
    batch_op,
    dataset_ops,
    interleave_op,
    map_op,
    options as options_lib,
)

from twinfeed._core.plan import AUTOTUNE, Setting
from twinfeed.graph._bindings._apart import draws, parts_of_function, rest
from twinfeed.graph._bindings._crop import can_crop, crop_first
from twinfeed.graph._bindings._kernel import Edit, Kernel, can_swap, exchanged, remade
from twinfeed.graph._bindings._stages import is_generator, main_input, main_parts, recipe_of
from twinfeed.graph._bindings._steps import UnknownStepError, known_step, knows
from twinfeed.graph._bindings._values import options_of
from twinfeed.graph._bindings._walk import walk_network
from twinfeed.graph.recipe import Recipe, Stage

_MAPS = frozenset({"_MapDataset", "_ParallelMapDataset"})
_NUMBERS = frozenset(
    {"buffer_size", "batch_size", "count", "num_shards", "index", "num_parallel_calls",
     "cycle_length", "block_length"}
)  # fmt: skip

_AT_ONCE: Mapping[str, tuple[Any, Mapping[str, Any]]] = {
    "_BatchDataset": (batch_op._ParallelBatchDataset, {}),
    "_MapDataset": (map_op._ParallelMapDataset, {"_use_unbounded_threadpool": False}),
    "_InterleaveDataset": (
        interleave_op._ParallelInterleaveDataset,
        {
            "_buffer_output_elements": AUTOTUNE,
            "_prefetch_input_elements": AUTOTUNE,
        },
    ),
}
"""For sequential steps the class that runs several calls at once, and what only its objects keep."""


class Chain:
    """A dataset that can be built again with other steps.

    Attributes:
        dataset: The user's dataset.
        parts: Its objects along the main input, the user's own source first.
        recipe: Its stages.
        kernel: What takes over affine transforms in stages with ``kernel=True``.
    """

    def __init__(self, dataset: Any) -> None:
        self.dataset = dataset
        self.parts = main_parts(dataset)
        self.recipe = recipe_of(self.parts, walk_network(dataset))
        self.kernel: Kernel | None = None

    def build(self, recipe: Recipe) -> Any:
        """A dataset of these stages.

        Raises:
            ValueError: If the steps do not fit each other.
            TypeError: The same.
        """
        rebuilt: dict[int, Any] = {}
        made = self.parts[0]
        for stage in recipe.stages[1:]:
            made = self._stage(stage, made, rebuilt)
        return made

    def kernel_places(self, fills: frozenset[bytes]) -> list[int]:
        """The stages whose affine transforms a kernel can take over.

        Args:
            fills: Fill modes that the kernel knows, under TensorFlow's names.
        """
        return [
            number
            for number, part in enumerate(self.parts)
            if type(part).__name__ in _MAPS and can_swap(part._map_func.function, fills)
        ]

    def crop_places(self) -> list[int]:
        """The stages that decode a JPEG of which they use only what they crop."""
        return [
            number
            for number, part in enumerate(self.parts)
            if type(part).__name__ in _MAPS and can_crop(part._map_func.function)
        ]

    def separable(self) -> list[int]:
        """The stages whose draws can be made apart from what is done with them."""
        return [
            number
            for number, part in enumerate(self.parts)
            if type(part).__name__ == "_MapDataset"
            and self.recipe.stages[number].seeded
            and parts_of_function(part._map_func.function) is not None
        ]

    def _stage(self, stage: Stage, before: Any, rebuilt: dict[int, Any]) -> Any:
        if stage.origin is None:
            return _new(stage, before)
        part = self.parts[stage.origin]
        kind = type(part).__name__
        if kind == "_OptionsDataset":
            return before.with_options(_options(part, stage))
        main = self.parts[stage.origin - 1]
        if kind == "_ZipDataset":
            branches = tf.nest.map_structure(
                lambda one: before if one is main else _again(one, rebuilt), part._datasets
            )
            return tf.data.Dataset.zip(branches)
        if any(stage.arguments.get(name) for name in ("draws", "drawn", "vectorised")):
            return self._remade(stage, part, before, main.element_spec)
        fits = before.element_spec == main.element_spec
        if stage.verb in {"batch", "padded_batch"} and not fits:
            return _new(stage, before)
        if part._functions() and not fits:
            raise ValueError(f"{stage.verb} would be given other elements than it was made for")
        changes = _changes(stage)
        if edits := self._edits(stage):
            changes["_map_func"] = remade(part._map_func, edits)
        return _clone(_parallel(part, stage), before, changes)

    def _edits(self, stage: Stage) -> list[Edit]:
        """What is changed inside a stage's function."""
        edits: list[Edit] = []
        if stage.arguments.get("crop"):
            edits.append(crop_first)
        if stage.arguments.get("kernel") and self.kernel is not None:
            edits.append(partial(exchanged, kernel=self.kernel))
        return edits

    def _remade(self, stage: Stage, part: Any, before: Any, spec: Any) -> Any:
        """A map with another function than the user's, made of it."""
        calls = stage.integer("num_parallel_calls")
        if stage.arguments.get("draws"):
            return before.map(draws(part._map_func, spec))
        if stage.arguments.get("drawn"):
            function = rest(part._map_func, spec, self._edits(stage))
            return before.map(function, num_parallel_calls=calls)
        return before.map(_vectorised(stage, part, before), num_parallel_calls=calls)


def open_chain(dataset: Any) -> Chain | str:
    """A chain of a dataset, or in words why there can be none."""
    if not isinstance(dataset, tf.data.Dataset):
        return f"it is a {type(dataset).__name__} and no tf.data.Dataset"
    try:
        chain = Chain(dataset)
    except (AttributeError, TypeError, ValueError, UnknownStepError, tf.errors.OpError) as error:
        return f"its steps cannot be taken apart: {error}"
    if len(chain.recipe.stages) < 2:
        kind = type(dataset).__name__.lstrip("_")
        return f"its last step ({kind}) cannot be taken apart, so there is nothing to change"
    return chain


def _again(part: Any, rebuilt: dict[int, Any]) -> Any:
    """A side branch with shuffles and caches of its own."""
    if id(part) not in rebuilt:
        made = part
        if type(part).__name__ == "_OptionsDataset":
            made = _again(part._input_dataset, rebuilt).with_options(part._options_attr)
        elif knows(part) and not is_generator(part) and main_input(part) is not None:
            made = _clone(part, _again(part._input_dataset, rebuilt), {})
        rebuilt[id(part)] = made
    return rebuilt[id(part)]


def _clone(part: Any, before: Any, changes: Mapping[str, Any]) -> Any:
    """The step with the same function on another input; nothing of the user's runs."""
    made = object.__new__(type(part))
    kept = {name: value for name, value in vars(part).items() if not name.startswith("_self_")}
    vars(made).update({**kept, **changes, "_input_dataset": before})
    variant = known_step(made, before._variant_tensor, made._common_args)
    dataset_ops.UnaryDataset.__init__(made, before, variant)
    return made


def _parallel(part: Any, stage: Stage) -> Any:
    """A sequential step as the class that runs several calls at once."""
    kind = type(part).__name__
    if stage.integer("num_parallel_calls") is None or kind not in _AT_ONCE:
        return part
    target, more = _AT_ONCE[kind]
    made = object.__new__(target)
    vars(made).update({**vars(part), "_deterministic": "default", **more})
    return made


def _changes(stage: Stage) -> dict[str, Any]:
    """A changed stage's arguments as its object keeps them."""
    if not stage.changed:
        return {}
    changes: dict[str, Any] = {
        f"_{name}": tf.constant(value, tf.int64)
        for name, value in stage.arguments.items()
        if name in _NUMBERS and value is not None
    }
    if "reshuffle_each_iteration" in stage.arguments:
        changes["_reshuffle_each_iteration"] = bool(stage.arguments["reshuffle_each_iteration"])
    if stage.verb == "cache" and isinstance(stage.arguments.get("filename"), str):
        changes["_filename"] = tf.constant(str(stage.arguments["filename"]))
    deterministic = stage.arguments.get("deterministic")
    if isinstance(deterministic, str):
        changes["_deterministic"] = deterministic
    return changes


def _new(stage: Stage, before: Any) -> Any:
    """A step that the user did not write."""
    given = stage.arguments
    calls = stage.integer("num_parallel_calls")
    if stage.verb == "cache":
        return before.cache(str(given.get("filename") or ""))
    if stage.verb == "prefetch":
        return before.prefetch(stage.integer("buffer_size") or AUTOTUNE)
    if stage.verb == "take":
        return before.take(stage.integer("count"))
    if stage.verb == "with_options":
        return before.with_options(_own_options(given))
    if stage.verb == "batch":
        return before.batch(
            stage.integer("batch_size"),
            drop_remainder=bool(given.get("drop_remainder")),
            num_parallel_calls=calls,
        )
    raise ValueError(f"{stage.verb} cannot be put in here")


def _vectorised(stage: Stage, part: Any, before: Any) -> Any:
    """The user's function on whole batches."""
    function = part._map_func._func
    if stage.arguments["vectorised"] == "vectorized_map":
        inner = function
        wants_one = not isinstance(before.element_spec, tuple)

        def function(*batch: Any) -> Any:
            # A loop instead of an operation on batches would be slower than no batch.
            if wants_one:
                return tf.vectorized_map(inner, batch[0], fallback_to_while_loop=False)
            return tf.vectorized_map(
                lambda element: inner(*element), batch, fallback_to_while_loop=False
            )

    return function


def _own_options(given: Mapping[str, Setting]) -> Any:
    options = tf.data.Options()
    for name, value in given.items():
        holder = options
        *groups, last = name.split(".")
        for group in groups:
            holder = getattr(holder, group)
        setattr(holder, last, value)
    return options


def _options(part: Any, stage: Stage) -> Any:
    """The user's options less those that the stage leaves out."""
    if not stage.changed:
        return part._options_attr
    message = dataset_options_pb2.Options()
    message.CopyFrom(part._options_attr._to_proto())
    groups = {
        "experimental_optimization": "optimization_options",
        "threading": "threading_options",
        "autotune": "autotune_options",
    }
    for name in options_of(message):
        if name in stage.arguments:
            continue
        group, _, inner = name.rpartition(".")
        holder = getattr(message, groups[group]) if group in groups else message
        if group == "autotune" and not hasattr(holder, inner):
            inner = f"autotune_{inner}"
        holder.ClearField(inner)
    made = options_lib.Options()
    made._from_proto(message)
    return made
