"""A dataset's graph as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from twinfeed._core.plan import Place, Setting

INFINITE = -1
UNKNOWN = -2


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One operation inside a function.

    Attributes:
        op: Its name, e.g. ``"ResizeBilinear"``.
        attributes: Its scalar attributes.
        constants: The small floating point constants among its inputs, one tuple each.
        functions: Names of the functions that it calls.
    """

    op: str
    attributes: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    constants: tuple[tuple[float, ...], ...] = ()
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One dataset of the graph.

    Attributes:
        name: Its name in the graph.
        op: What it does, e.g. ``"ShuffleDatasetV3"``.
        inputs: Names of the datasets that feed it, by argument.
        settings: Its scalar arguments and attributes.
        functions: Names of the functions that it calls for each element.
        elements: Elements in one epoch, ``INFINITE`` or ``UNKNOWN``.
        held_bytes: Bytes of the tensors that it holds in memory.
        place: Where in the user's code it is written, if that was watched.
    """

    name: str
    op: str
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    settings: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    functions: tuple[str, ...] = ()
    elements: int = UNKNOWN
    held_bytes: int = 0
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Every dataset of a graph and every function that they call.

    Attributes:
        nodes: The datasets by name.
        last: Name of the dataset that the user holds.
        functions: The operations of each function, by the function's name.
    """

    nodes: Mapping[str, Node]
    last: str
    functions: Mapping[str, tuple[Call, ...]] = field(
        default_factory=dict[str, tuple[Call, ...]],
    )

    def calls(self, names: tuple[str, ...]) -> Iterator[Call]:
        """Every operation that these functions reach, through nested functions, each once."""
        waiting, seen = list(names), set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen:
                continue
            seen.add(name)
            for call in self.functions.get(name, ()):
                yield call
                # An operation may also be a call of the function that it is named after.
                waiting += [*call.functions, call.op]
