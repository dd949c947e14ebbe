"""What a call of Keras does with each kind of feed (Keras 3.12 to 3.15)."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

from twinfeed._core.plan import Setting
from twinfeed._core.trace import Trace

HandedKind: TypeAlias = Literal[
    "arrays", "tf.data.Dataset", "PyDataset", "torch DataLoader", "Grain pipeline", "generator"
]

_LIBRARIES: tuple[tuple[str, HandedKind], ...] = (
    ("tf.data", "tf.data.Dataset"),
    ("PyDataset", "PyDataset"),
    ("ImageDataGenerator", "PyDataset"),
    ("torch", "torch DataLoader"),
    ("grain", "Grain pipeline"),
    ("generator", "generator"),
    ("arrays", "arrays"),
)
_TYPES: tuple[tuple[str, HandedKind], ...] = (
    ("tf.data.Dataset", "tf.data.Dataset"),
    ("torch.utils.data.DataLoader", "torch DataLoader"),
    ("grain.", "Grain pipeline"),
    ("generator", "generator"),
    ("numpy.", "arrays"),
    ("pandas.", "arrays"),
)
_OBEYS: dict[str, frozenset[HandedKind]] = {
    "batch_size": frozenset({"arrays"}),
    "shuffle": frozenset({"arrays", "PyDataset"}),
}
"""Arguments that only some kinds of feed obey; Keras takes them beside any other in silence."""
_EXTRA = re.compile(
    r"read (?P<built>one|\d+) extra batch(?:es)? to build|"
    r"Keras read (?P<peeked>\d+) batches beside the training"
)


def handed_kind(trace: Trace) -> HandedKind | None:
    """What was given to the call; ``None`` for a kind that is not known."""
    if trace.fit is None:
        return None
    for part, kind in _TYPES:
        if trace.fit.handed.startswith(part):
            return kind
    library = trace.plan.library if trace.plan else ""
    return next((kind for part, kind in _LIBRARIES if part in library), None)


def obeys(trace: Trace, argument: str) -> bool | None:
    """Whether an argument of the call has an effect on this feed; ``None`` if not known."""
    kind = handed_kind(trace)
    if argument not in _OBEYS:
        return True
    if kind is None:
        return None
    if argument == "shuffle" and kind == "PyDataset":
        return not trace.infinite
    return kind in _OBEYS[argument]


def given(trace: Trace, argument: str) -> Setting:
    """An argument of the call, ``None`` where it was left out."""
    return trace.fit.arguments.get(argument) if trace.fit else None


def extra_batches(trace: Trace) -> int:
    """Batches that Keras read beside the training, to build the model or to learn shapes."""
    total = 0
    for note in trace.notes:
        for found in _EXTRA.finditer(note):
            said = found["built"] or found["peeked"]
            total += 1 if said == "one" else int(said)
    return total
