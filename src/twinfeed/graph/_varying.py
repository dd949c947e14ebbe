"""What may come out otherwise in the next epoch."""

from __future__ import annotations

from collections.abc import Iterable

from twinfeed.graph._functions import PYTHON, Facts, facts
from twinfeed.graph._kinds import FUSED, kind_of
from twinfeed.graph.network import Network, Node


def varies(network: Network, names: Iterable[str]) -> bool:
    """Whether any of these datasets, or one that feeds them, gives other elements or another order.

    What Python code does is not seen: ask `runs_python`.
    """
    return any(_varies(network, node) for node in _reached(network, names))


def runs_python(network: Network, names: Iterable[str]) -> bool:
    """Whether Python code takes part in what any of these datasets gives."""
    known = [facts(network, node.functions) for node in _reached(network, names)]
    return any(one.generates or any(op in PYTHON for op in one.ops) for one in known)


def function_varies(known: Facts) -> bool:
    """Whether functions draw random numbers, keep state, or open datasets that are shuffled."""
    return known.random or known.state or any("Shuffle" in op for op in known.datasets)


def _varies(network: Network, node: Node) -> bool:
    if function_varies(facts(network, node.functions)):
        return True
    settings = node.settings
    if settings.get("rerandomize_each_iteration"):
        return True
    kinds = FUSED.get(node.op, (kind_of(node.op),))
    return "shuffle" in kinds and settings.get("reshuffle_each_iteration") is not False


def _reached(network: Network, names: Iterable[str]) -> list[Node]:
    found: dict[str, Node] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found and name in network.nodes:
            found[name] = network.nodes[name]
            waiting += network.nodes[name].before
    return list(found.values())
