"""What leaves each dataset of a graph, tensor by tensor, and what becomes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from twinfeed._core.plan import Act, Leaf
from twinfeed.graph._flow import Flow, follow
from twinfeed.graph._kinds import kind_of
from twinfeed.graph._ranges import WHOLE, Interval, hull
from twinfeed.graph.network import Network, Node

_MAPPING = frozenset(
    {"MapDataset", "ParallelMapDataset", "ParallelMapDatasetV2", "MapAndBatchDataset"}
)
_CHOOSING = frozenset(
    {"FilterDataset", "ParallelFilterDataset", "TakeWhileDataset", "GroupByWindowDataset"}
)
"""Datasets whose functions choose among elements and do not change them."""
_MERGING = frozenset({"ConcatenateDataset", "DirectedInterleaveDataset", "ListDataset"})


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one dataset.

    Attributes:
        leaves: The tensors of its elements.
        acts: What its functions do.
        inner: What is known of the datasets that each of its functions builds, by the
            function's name.
    """

    leaves: tuple[Leaf, ...] = ()
    acts: tuple[Act, ...] = ()
    inner: Mapping[str, Mapping[str, Known]] | None = None


def understand(network: Network) -> dict[str, Known]:
    """What is known of every dataset that the last one needs, by name."""
    return _understand(network, [(path,) for path in network.paths], ())


@dataclass(slots=True)
class _Met:
    """One dataset on the way: ranges of its tensors, and what its functions do."""

    ranges: tuple[Interval | None, ...]
    flows: tuple[tuple[str, Flow], ...] = ()


def _understand(
    network: Network, reach: Sequence[tuple[str, ...]], given: Sequence[Interval | None]
) -> dict[str, Known]:
    met: dict[str, _Met] = {}
    for node in network.inputs_first():
        met[node.name] = _meet(network, node, met, given)
    return _look_back(network, met, reach)


def _meet(
    network: Network, node: Node, met: Mapping[str, _Met], given: Sequence[Interval | None]
) -> _Met:
    before = [met[name].ranges for name in node.before]
    coming = _coming(node, before) if before else tuple(given)
    flows = tuple(
        (name, follow(network, name, coming))
        for name in node.functions
        if name in network.signatures
    )
    made: Sequence[Interval | None] = ()
    if node.op in _MAPPING and flows:
        made = [value.bounds for value in flows[0][1].results]
    elif node.functions and kind_of(node.op) == "other" and node.op != "FilterDataset":
        made = _opened(network, node, coming)
    elif node.ranges:
        made = node.ranges
    elif not flows or node.op in _CHOOSING:
        made = coming if before else ()
    types = node.types or ("",) * len(made)
    ranges = tuple(
        made[place] if place < len(made) and len(made) == len(types) else None
        for place in range(len(types))
    )
    return _Met(
        tuple(
            _usual(kind, shape) if known is None else known
            for kind, shape, known in zip(types, _shapes(node, types), ranges, strict=True)
        ),
        flows,
    )


def _usual(kind: str, shape: tuple[int | None, ...] | None) -> Interval | None:
    """Pictures of whole numbers are taken to use the range of their dtype."""
    return WHOLE.get(kind) if kind == "bool" or (shape is not None and len(shape) >= 3) else None


def _shapes(node: Node, types: Sequence[str]) -> tuple[tuple[int | None, ...] | None, ...]:
    return node.shapes if len(node.shapes) == len(types) else (None,) * len(types)


def _coming(
    node: Node, before: Sequence[tuple[Interval | None, ...]]
) -> tuple[Interval | None, ...]:
    """Ranges of the elements that reach a dataset with several inputs."""
    if node.op == "ZipDataset":
        return tuple(one for part in before for one in part)
    if node.op in _MERGING:
        parts = before[1:] if node.op == "DirectedInterleaveDataset" else before
        return tuple(hull(same) for same in zip(*parts, strict=False))
    return before[0]


def _opened(
    network: Network, node: Node, coming: Sequence[Interval | None]
) -> tuple[Interval | None, ...]:
    """Ranges of what comes out of the datasets that a function builds."""
    for name in node.functions:
        if name in network.inner:
            inner = network.inner[name]
            met: dict[str, _Met] = {}
            for part in inner.inputs_first():
                met[part.name] = _meet(inner, part, met, coming)
            return met[inner.last].ranges
    return tuple(coming) if node.op.startswith("GroupBy") else ()


def _look_back(
    network: Network, met: Mapping[str, _Met], reach: Sequence[tuple[str, ...]]
) -> dict[str, Known]:
    """From the last dataset back: which of the feed's leaves each tensor becomes part of."""
    order = list(network.inputs_first())
    width = {node.name: len(met[node.name].ranges) for node in order}
    reaches: dict[str, list[set[str]]] = {
        node.name: [set[str]() for _ in range(width[node.name])] for node in order
    }
    _join(reaches[network.last], reach)
    known: dict[str, Known] = {}
    for node in reversed(order):
        leaving = [tuple(sorted(one)) for one in reaches[node.name]]
        entering = _entering(
            node, met[node.name], leaving, sum(width[name] for name in node.before)
        )
        _hand_back(node, entering, width, reaches)
        known[node.name] = Known(
            _leaves(node, met[node.name], leaving),
            tuple(_acts(node, met[node.name], leaving)),
            _inner(network, node, met, leaving),
        )
    return known


def _leaves(node: Node, met: _Met, leaving: Sequence[tuple[str, ...]]) -> tuple[Leaf, ...]:
    types = node.types or ("",) * len(met.ranges)
    leaves: list[Leaf] = []
    for place, bounds in enumerate(met.ranges):
        leaf = Leaf(dtype=types[place], shape=_shapes(node, types)[place], reaches=leaving[place])
        leaves.append(leaf if bounds is None else replace(leaf, low=bounds[0], high=bounds[1]))
    return tuple(leaves)


def _acts(node: Node, met: _Met, leaving: Sequence[tuple[str, ...]]) -> list[Act]:
    mapping = node.op in _MAPPING
    return [
        Act(
            op=done.op,
            settings=done.settings,
            takes=done.takes,
            gives=done.gives if mapping else (),
            reaches=tuple(sorted(_paths(done.gives if mapping else (), leaving))),
        )
        for _, flow in met.flows
        for done in flow.done
    ]


def _paths(places: Sequence[int], leaving: Sequence[tuple[str, ...]]) -> set[str]:
    return {path for place in places if place < len(leaving) for path in leaving[place]}


def _entering(
    node: Node, met: _Met, leaving: Sequence[tuple[str, ...]], arrived: int
) -> list[tuple[str, ...]]:
    """What the tensors that reach a dataset become part of."""
    if node.op in _MAPPING and met.flows:
        results = met.flows[0][1].results
        return [
            tuple(
                sorted(
                    _paths([k for k, value in enumerate(results) if place in value.takes], leaving)
                )
            )
            for place in range(arrived)
        ]
    if node.op in _MERGING or arrived == len(leaving):
        return list(leaving)
    everything = tuple(sorted({path for paths in leaving for path in paths}))
    return [everything] * arrived


def _hand_back(
    node: Node,
    entering: Sequence[tuple[str, ...]],
    width: Mapping[str, int],
    reaches: Mapping[str, list[set[str]]],
) -> None:
    at = 0
    chooses = node.op == "DirectedInterleaveDataset"  # its first input says whose turn it is
    for name in node.before[chooses:]:
        if node.op in _MERGING:
            if width[name] == len(entering):
                _join(reaches[name], entering)
            continue
        _join(reaches[name], entering[at : at + width[name]])
        at += width[name]


def _join(into: list[set[str]], paths: Sequence[tuple[str, ...]]) -> None:
    for known, found in zip(into, paths, strict=False):
        known.update(found)


def _inner(
    network: Network, node: Node, met: Mapping[str, _Met], leaving: Sequence[tuple[str, ...]]
) -> dict[str, Mapping[str, Known]] | None:
    before = [met[name].ranges for name in node.before]
    coming = _coming(node, before) if before else ()
    made = {
        name: _understand(network.inner[name], leaving, coming)
        for name in node.functions
        if name in network.inner
    }
    return dict(made) or None
