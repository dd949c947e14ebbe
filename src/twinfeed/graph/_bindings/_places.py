"""Where each ``tf.data`` step is written: noted while the user's code builds the pipeline.

Every step is a Python object whose construction passes through one method of TensorFlow's
(``DatasetV2.__init__``, the same from 2.19 to 2.21). Watching it notes the caller's line beside
the object, in a table of ours, and changes nothing about it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any
from weakref import WeakKeyDictionary

from tensorflow.python.data.ops import dataset_ops

from twinfeed._core.plan import Place
from twinfeed._core.users_code import called_at
from twinfeed.graph._kinds import verb_of
from twinfeed.graph.network import Network

_noted: WeakKeyDictionary[Any, Place] = WeakKeyDictionary()
_watchers: list[Callable[..., None]] = []
"""What stood in the place of the watched method, once per ``install`` that is not undone."""


def install() -> None:
    """Begin to watch; calls nest. What exists already has no place."""
    base: Any = dataset_ops.DatasetV2
    original = _watchers[0] if _watchers else base.__init__
    _watchers.append(original)
    if len(_watchers) > 1:
        return

    @wraps(original)
    def noted(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        place = called_at(sys._getframe(1))
        if place is not None:
            _noted[self] = place

    base.__init__ = noted


def uninstall() -> None:
    """Watch no longer, once nobody wants it; what was noted stays known."""
    original = _watchers.pop()
    if not _watchers:
        base: Any = dataset_ops.DatasetV2
        base.__init__ = original


def place_of(part: Any) -> Place | None:
    """Where one of a dataset's objects was made, if somebody watched."""
    return _noted.get(part)


def with_places(network: Network, dataset: Any) -> Network:
    """The network with the place of each step, where it is known.

    Objects and nodes name each other nowhere, but both form the same tree, seen from the last
    step: they are matched by what they do. One object can stand for several nodes, such as a
    ``TFRecordDataset`` of many files, and the other way round.
    """
    if not _noted:
        return network
    found: dict[str, Place] = {}
    waiting: list[tuple[Any, str]] = [(dataset, network.last)]
    while waiting:
        part, name = waiting.pop()
        if name in found:
            continue
        part, nodes = _matched(network, part, name)
        place = place_of(part)
        for node in nodes:
            if place is not None:
                found[node] = place
        last = network.nodes[nodes[-1]]
        before = [name for names in last.inputs.values() for name in names]
        waiting += zip(_inputs(part), before, strict=False)
    nodes = {name: replace(node, place=found.get(name)) for name, node in network.nodes.items()}
    return replace(network, nodes=nodes)


def _matched(network: Network, part: Any, name: str) -> tuple[Any, list[str]]:
    """The object that stands for a node, and the nodes that it stands for, the last one first."""
    parts, nodes = _chain_of_parts(part), _chain_of_nodes(network, name)
    verbs = [verb_of(network.nodes[node].op) for node in nodes]
    skipped = next((i for i, one in enumerate(parts) if _verb(one) == verbs[0]), None)
    if skipped is not None:
        return parts[skipped], nodes[:1]
    # Nothing written is called so: the object ends where the next thing known to both begins.
    for index, one in enumerate(parts[1:], 1):
        if _verb(one) in verbs[1:]:
            until = verbs.index(_verb(one), 1)
            return parts[index - 1], nodes[:until]
    return parts[0], nodes[:1]


def _chain_of_parts(part: Any) -> list[Any]:
    chain = [part]
    while inputs := _inputs(chain[-1]):
        if len(chain) > _LONGEST:
            break
        chain.append(inputs[0])
    return chain


def _chain_of_nodes(network: Network, name: str) -> list[str]:
    chain = [name]
    while before := [one for names in network.nodes[chain[-1]].inputs.values() for one in names]:
        if len(chain) > _LONGEST:
            break
        chain.append(before[0])
    return chain


_LONGEST = 16  # steps that one call may stand for


def _inputs(part: Any) -> list[Any]:
    return list(part._inputs()) if hasattr(part, "_inputs") else []


def _verb(part: Any) -> str:
    return verb_of(type(part).__name__.lstrip("_"))
