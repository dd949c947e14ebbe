"""What the seam into Keras tells those who watch; no framework is named here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from twinfeed._core.trace import Role
from twinfeed.observe._reading import Reading

Kind = Literal["fit", "evaluate", "predict"]


@dataclass(eq=False, slots=True, kw_only=True)
class Call:
    """One running call of ``fit``, ``evaluate`` or ``predict``.

    Attributes:
        kind: The method.
        role: The method, or ``validation`` for an ``evaluate`` that ``fit`` makes.
        model: The model.
        arguments: Every argument of the call by name, defaults included.
        within: The call that made this one, if one did.
        backend: Keras's backend.
    """

    kind: Kind
    role: Role
    model: Any
    arguments: Mapping[str, Any]
    within: Call | None
    backend: str


class Observer(Protocol):
    """Who wants to know about calls."""

    def open(self, call: Call) -> Reading | None:
        """The reading that books this call's batches, or ``None`` to leave it alone."""
        ...

    def close(self, call: Call, reading: Reading, error: BaseException | None) -> None:
        """The call has returned or raised."""
        ...


WATCHING: list[Observer] = []
"""Those who watch every call of this process."""
