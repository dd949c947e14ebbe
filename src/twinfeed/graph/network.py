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
        name: Its name inside the function.
        inputs: What it takes, as ``"name"`` of an argument or ``"name:output:number"``.
        value: The numbers of a small constant.
    """

    op: str
    attributes: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    constants: tuple[tuple[float, ...], ...] = ()
    functions: tuple[str, ...] = ()
    name: str = ""
    inputs: tuple[str, ...] = ()
    value: tuple[float, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What goes into a function and what comes out.

    Attributes:
        arguments: Names of its arguments; those that it captures come last.
        returns: What it returns, named as ``Call.inputs`` names it.
        captured: The numbers of each small constant that it captures, ``None`` for others.
    """

    arguments: tuple[str, ...] = ()
    returns: tuple[str, ...] = ()
    captured: tuple[tuple[float, ...] | None, ...] = ()


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
        types: dtype of each tensor of its elements.
        shapes: Shape of each; ``None`` where the rank is not known.
        ranges: Smallest and largest value of each tensor that it holds, from a sample.
    """

    name: str
    op: str
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    settings: Mapping[str, Setting] = field(default_factory=dict[str, Setting])
    functions: tuple[str, ...] = ()
    elements: int = UNKNOWN
    held_bytes: int = 0
    place: Place | None = None
    types: tuple[str, ...] = ()
    shapes: tuple[tuple[int | None, ...] | None, ...] = ()
    ranges: tuple[tuple[float, float] | None, ...] = ()

    @property
    def before(self) -> tuple[str, ...]:
        """Names of the datasets that feed it."""
        return tuple(name for names in self.inputs.values() for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Every dataset of a graph and every function that they call.

    Attributes:
        nodes: The datasets by name.
        last: Name of the dataset that the user holds.
        functions: The operations of each function, by the function's name.
        signatures: What goes into each function and comes out, by its name.
        inner: The datasets that a function builds, by its name, for those that build some.
        paths: Paths of the tensors of the last dataset's elements, e.g. ``("x", "y")``.
        mentions: Functions of libraries that the user's own function names, by its name here.
    """

    nodes: Mapping[str, Node]
    last: str
    functions: Mapping[str, tuple[Call, ...]] = field(
        default_factory=dict[str, tuple[Call, ...]],
    )
    signatures: Mapping[str, Signature] = field(default_factory=dict[str, Signature])
    inner: Mapping[str, Network] = field(default_factory=dict[str, "Network"])
    paths: tuple[str, ...] = ()
    mentions: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def inputs_first(self) -> Iterator[Node]:
        """Every dataset that the last one needs, each behind those that feed it.

        By hand, because a pipeline may be longer than Python's stack is deep.
        """
        waiting, done = [self.last], set[str]()
        while waiting:
            node = self.nodes[waiting[-1]]
            missing = [name for name in node.before if name not in done]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            if node.name not in done:
                done.add(node.name)
                yield node

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
