"""A dataset's objects along its main input, and what each is as a stage of a recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import tensorflow as tf

from twinfeed._core.plan import Setting
from twinfeed.graph._bindings._held import parts_of
from twinfeed.graph._bindings._steps import knows
from twinfeed.graph._bindings._values import options_of
from twinfeed.graph._bindings._walk import name_of
from twinfeed.graph._bindings._written import name_of_function, written
from twinfeed.graph._counts import Count, count
from twinfeed.graph._functions import PYTHON, Facts, facts
from twinfeed.graph._kinds import verb_of
from twinfeed.graph._varying import function_varies, runs_python, varies
from twinfeed.graph.network import INFINITE, Network
from twinfeed.graph.read import kind_by_function
from twinfeed.graph.recipe import Recipe, Stage

_PASSED_ON = frozenset({"_OptionsDataset", "_ZipDataset"})


def main_parts(dataset: Any) -> list[Any]:
    """The objects along the main input, source first; the source is what cannot be rebuilt."""
    parts = [dataset]
    while True:
        part = parts[-1]
        before = main_input(part)
        if before is None:
            break
        parts.append(before)
    parts.reverse()
    return parts


def main_input(part: Any) -> Any:
    kind = type(part).__name__
    if is_generator(part) or not (kind in _PASSED_ON or knows(part)):
        return None
    if kind == "_ParallelInterleaveDataset" and not _tell_deterministic(part):
        return None
    if kind != "_ZipDataset":
        return part._input_dataset
    branches = [one for one in part._inputs() if int(one.cardinality()) != INFINITE]
    if not branches:
        return None
    others = {id(p) for one in part._inputs() if one is not branches[0] for p in parts_of(one)}
    # A step that two branches share must stay one step.
    shared = any(id(p) in others for p in parts_of(branches[0]))
    return None if shared else branches[0]


def is_generator(part: Any) -> bool:
    """``from_generator`` is a ``flat_map`` to TensorFlow."""
    if type(part).__name__ != "_FlatMapDataset":
        return False
    graph = part._map_func.function.graph.as_graph_def()
    inner = (node.op for body in graph.library.function for node in body.node_def)
    return "GeneratorDataset" in {*(node.op for node in graph.node), *inner}


def _tell_deterministic(part: Any) -> bool:
    """Find the one argument that an interleave's object does not keep."""
    if hasattr(part, "_deterministic"):
        return True
    try:
        packed = tf.raw_ops.DatasetToGraphV2(
            input_dataset=part._variant_tensor, external_state_policy=1
        )
    except (tf.errors.OpError, ValueError):
        return False
    graph = tf.compat.v1.GraphDef.FromString(packed.numpy())
    told = [n for n in graph.node if n.op == "ParallelInterleaveDatasetV4"]
    if not told:
        return False
    vars(part)["_deterministic"] = told[-1].attr["deterministic"].s.decode() or "default"
    return True


def recipe_of(parts: list[Any], network: Network) -> Recipe:
    counts = count(network)
    stages = [_source(parts[0], network)]
    for number, part in enumerate(parts[1:], 1):
        told = _told(number, part, parts[number - 1], network, counts)
        stages.append(_sized(told, stages[-1]))
    return Recipe(tuple(stages))


def _source(part: Any, network: Network) -> Stage:
    node = network.nodes[name_of(part)]
    known = facts(network, node.functions)
    verb = "from_generator" if is_generator(part) else verb_of(node.op)
    # Several steps may lie in a source: a sampling of shuffled sets is one that cannot be rebuilt.
    return Stage(
        kind="source",
        verb=verb,
        origin=0,
        random=varies(network, [node.name]),
        python=verb == "from_generator" or runs_python(network, [node.name]),
        ops=known.ops,
        bytes_out=_bytes(part.element_spec),
        elements_out=_known(node.elements),
    )


def _told(
    number: int, part: Any, before: Any, network: Network, counts: Mapping[str, Count]
) -> Stage:
    node = network.nodes[name_of(part)]
    known = facts(network, node.functions)
    reaching = counts[name_of(before)]
    beside = [name for name in node.before if name != name_of(before)]
    arguments: dict[str, Setting] = dict(node.settings)
    if type(part).__name__ == "_OptionsDataset":
        arguments = options_of(part._options_attr._to_proto())
    return Stage(
        kind=kind_by_function(node.op, known),
        verb="with_options" if type(part).__name__ == "_OptionsDataset" else verb_of(node.op),
        arguments=arguments,
        origin=number,
        function=name_of_function(_function(part)),
        random=function_varies(known) or varies(network, beside),
        seeded=known.state
        or any("seed" in op or op.startswith(("Stateless", "Rng")) for op in known.ops),
        variables=known.variables,
        python=_is_python(known) or runs_python(network, beside),
        ops=known.ops,
        examples_in=reaching.examples,
        size_in=reaching.size,
        bytes_in=_bytes(before.element_spec),
        bytes_out=_bytes(part.element_spec),
        elements_out=_known(counts[name_of(part)].elements),
        written=written(part, before),
        unpacks=isinstance(before.element_spec, tuple),
    )


def _function(part: Any) -> Any:
    wrapper = getattr(part, "_map_func", None) or getattr(part, "_predicate", None)
    return getattr(wrapper, "_func", None)


def _sized(stage: Stage, before: Stage) -> Stage:
    """With the bytes of a full batch where the last one may be short."""
    leaving = stage.bytes_out
    if leaving is None and stage.bytes_in is None and not stage.function:
        leaving = before.bytes_out
    if leaving is None and stage.verb == "batch" and before.bytes_out is not None:
        leaving = before.bytes_out * (stage.integer("batch_size") or 1)
    return replace(stage, bytes_in=before.bytes_out, bytes_out=leaving)


def _is_python(known: Facts) -> bool:
    return known.generates or any(op in PYTHON for op in known.ops)


def _known(elements: int) -> int | None:
    return elements if elements >= 0 else None


def _bytes(spec: Any) -> int | None:
    """Bytes of an element; ``None`` where a shape or a dtype has no fixed size."""
    total = 0
    for leaf in tf.nest.flatten(spec):
        if not isinstance(leaf, tf.TensorSpec) or leaf.shape.num_elements() is None:
            return None
        if leaf.dtype.size is None or leaf.dtype == tf.string:
            return None
        total += int(leaf.shape.num_elements()) * leaf.dtype.size
    return total
