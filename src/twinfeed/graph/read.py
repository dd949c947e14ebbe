"""A dataset's graph as a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from twinfeed._core.plan import AUTOTUNE, Plan, Setting, Step, StepKind
from twinfeed.graph._counts import Count, count, packing
from twinfeed.graph._functions import Facts, facts
from twinfeed.graph._kinds import FUSED, MAPPED, kind_of, verb_of
from twinfeed.graph._leaves import Known, understand
from twinfeed.graph.network import INFINITE, Network, Node

LIBRARY = "tf.data"
_COUNTER = "TensorDataset > RepeatDataset > ScanDataset"
_COUNTERS = frozenset({"RangeDataset", "RandomDataset", "RandomDatasetV2"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What leaves a pipeline in one epoch, as its graph states it.

    Attributes:
        examples: Examples; ``None`` if unknown or infinite.
        batched: Whether the pipeline itself makes batches; if not, its source does, or nobody.
    """

    examples: int | None
    batched: bool


def read(network: Network) -> Plan:
    """The steps along the main input, source first.

    Of several inputs (``zip``, ``concatenate``, ``sample_from_datasets``) the first one is
    followed that is more than a counter; the others are named in the step's settings.
    """
    steps = _along(network, understand(network), network.last)
    total = len(steps)
    return Plan(
        tuple(
            replace(step, where=f"{step.where}, step {number} of {total}")
            for number, step in enumerate(steps, 1)
        ),
        LIBRARY,
    )


def _along(network: Network, known: Mapping[str, Known], last: str) -> list[Step]:
    """The steps that lead to one dataset along the main inputs, source first."""
    counts, packs = count(replace(network, last=last)), packing(replace(network, last=last))
    chain = _chain(network, last)
    files = _file_names(network, chain)
    options: dict[str, Setting] = {}
    steps: list[Step] = []
    for index, node in enumerate(chain):
        if node.op == "OptionsDataset":
            options |= node.settings
            continue
        if _is_leftover(network, chain, index):
            continue
        main = _main_input(network, node)
        context = _Context(network, known, counts[main or node.name], counts[node.name])
        for step in _steps(context, node):
            if node.name in packs and step.kind == "batch":
                step = replace(step, kind="other")  # noqa: PLW2901
            in_files = {"unit": "files"} if index < files and step.kind != "other" else {}
            steps.append(replace(step, settings={**step.settings, **in_files}))
    if options:
        steps.append(Step(kind="other", where="with_options", name="Options", settings=options))
    return steps


@dataclass(frozen=True, slots=True)
class _Context:
    """What a step is made from, beside its node."""

    network: Network
    known: Mapping[str, Known]
    reaching: Count
    leaving: Count


def outcome(network: Network) -> Outcome:
    """What leaves the pipeline in one epoch."""
    last = count(network)[network.last]
    return Outcome(last.examples, batched=last.size != 1)


def _chain(network: Network, last: str) -> list[Node]:
    """The nodes along the main input, source first."""
    chain: list[Node] = []
    name: str | None = last
    while name is not None:
        chain.append(network.nodes[name])
        name = _main_input(network, chain[-1])
    chain.reverse()
    return _with_generator(network, chain)


def _with_generator(network: Network, chain: list[Node]) -> list[Node]:
    """``from_generator`` is one step to its user and two to TensorFlow."""
    if len(chain) < 2 or chain[0].op != "TensorDataset" or chain[1].op != "FlatMapDataset":
        return chain
    if not facts(network, chain[1].functions).generates:
        return chain
    return [replace(chain[1], op="GeneratorDataset"), *chain[2:]]


def _main_input(network: Network, node: Node) -> str | None:
    names = node.inputs.get("data_input_datasets") or _flat(node.inputs)
    if node.op == "GeneratorDataset" or not names:
        return None
    # ``enumerate`` zips a counter in front of the data.
    return next((name for name in names if not _is_counter(network, name)), names[0])


def _is_counter(network: Network, name: str) -> bool:
    """Whether a dataset holds numbers and nothing else, without an end."""
    node = network.nodes[name]
    if node.op == "ZipDataset":  # two counters make a seed
        return all(_is_counter(network, part) for part in node.before)
    if node.op == "MapDataset" and node.before:  # of numbers that were counted
        return _is_counter(network, node.before[0])
    if node.op == "ScanDataset":  # ``Dataset.counter``
        return _told(network, name) == _COUNTER
    return node.op in _COUNTERS and node.elements == INFINITE


def _flat(inputs: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(name for names in inputs.values() for name in names)


def _is_leftover(network: Network, chain: list[Node], index: int) -> bool:
    """Whether a map was put there by ``unbatch`` or ``rebatch`` and only passes elements on."""
    node, after = chain[index], chain[index + 1 : index + 2]
    return (
        node.op == "MapDataset"
        and bool(after)
        and after[0].op.startswith(("UnbatchDataset", "RebatchDataset"))
        and facts(network, node.functions).idle
    )


def _file_names(network: Network, chain: list[Node]) -> int:
    """How many steps from the source on deal in names of files, not in examples."""
    readers = [
        index
        for index, node in enumerate(chain)
        if kind_of(node.op) == "other" and facts(network, node.functions).reads
    ]
    return readers[0] if readers else 0


def _steps(context: _Context, node: Node) -> Iterator[Step]:
    network = context.network
    known = facts(network, node.functions)
    understood = context.known.get(node.name, Known())
    settings = {**node.settings, **_side_inputs(network, node)}
    if node.held_bytes and kind_of(node.op) == "source":
        settings["held_bytes"] = node.held_bytes
    calls = node.settings.get("num_parallel_calls")
    step = Step(
        kind=kind_of(node.op),
        where=verb_of(node.op),
        name=node.op,
        settings=settings,
        examples_in=context.reaching.examples,
        random=known.random and node.op != "FilterDataset",
        parallel_calls=calls if isinstance(calls, int) and (calls > 0 or calls == AUTOTUNE) else 1,
        ops=known.ops,
        node=node.name,
        place=node.place,
        leaves=understood.leaves,
        per_element=context.leaving.size,
        acts=understood.acts,
        mentions=_mentions(network, node),
        joined=_joined(context, node),
        inner=_inner(network, node, understood),
    )
    if node.op not in FUSED:
        yield replace(step, kind=_kind(step, known))
        return
    first, second = FUSED[node.op]
    yield replace(
        step,
        kind=_kind(replace(step, kind=first), known),
        where=first,
        settings=_without(settings, "batch_size", "drop_remainder", "count"),
        per_element=context.reaching.size,
    )
    yield replace(
        step,
        kind=second,
        where=second,
        settings=_without(settings, "buffer_size", "seed", "seed2", "num_parallel_calls"),
        random=False,
        ops=(),
        acts=(),
        mentions=(),
        joined=(),
        inner=(),
    )


def _mentions(network: Network, node: Node) -> tuple[str, ...]:
    found = {name for function in node.functions for name in network.mentions.get(function, ())}
    return tuple(sorted(found))


def _joined(context: _Context, node: Node) -> tuple[tuple[Step, ...], ...]:
    """The steps of each input that the plan does not follow."""
    network = context.network
    if node.op == "GeneratorDataset":
        return ()
    main = _main_input(network, node)
    others = [name for name in node.before if name != main]
    return tuple(
        _numbered(_along(network, context.known, name), f"input {number} of {verb_of(node.op)}")
        for number, name in enumerate(others, 2)
    )


def _inner(network: Network, node: Node, understood: Known) -> tuple[tuple[Step, ...], ...]:
    """The steps of each pipeline that a function builds."""
    if node.op == "GeneratorDataset":
        return ()
    return tuple(
        _numbered(
            _along(network.inner[name], understood.inner[name], network.inner[name].last),
            f"inside {verb_of(node.op)}",
        )
        for name in node.functions
        if understood.inner and name in understood.inner
    )


def _numbered(steps: list[Step], of: str) -> tuple[Step, ...]:
    return tuple(
        replace(step, where=f"{step.where}, step {number} of {len(steps)} of {of}")
        for number, step in enumerate(steps, 1)
    )


def _without(settings: Mapping[str, Setting], *names: str) -> dict[str, Setting]:
    return {name: value for name, value in settings.items() if name not in names}


def kind_by_function(op: str, known: Facts) -> StepKind:
    """The kind of step of an operation, judged by what its functions do."""
    return _kind(Step(kind=kind_of(op), where="", name=op, random=known.random), known)


def _kind(step: Step, known: Facts) -> StepKind:
    if step.kind not in MAPPED or step.name in {"FilterDataset", "GeneratorDataset"}:
        return step.kind
    if step.random:
        return "augment"
    if known.reads and step.kind == "other":
        return "source"
    if known.decodes:
        return "decode"
    if known.resizes:
        return "resize"
    return step.kind


def _side_inputs(network: Network, node: Node) -> dict[str, Setting]:
    """The inputs that the plan does not follow, each as the chain of its operations."""
    main = _main_input(network, node)
    others = [name for name in _flat(node.inputs) if name != main]
    if not others or node.op == "GeneratorDataset":
        return {}
    return {"other_inputs": "; ".join(_told(network, name) for name in others)}


def _told(network: Network, name: str) -> str:
    ops: list[str] = []
    following: str | None = name
    while following is not None:
        node = network.nodes[following]
        ops.append(node.op)
        following = _main_input(network, node)
    return " > ".join(reversed(ops))
