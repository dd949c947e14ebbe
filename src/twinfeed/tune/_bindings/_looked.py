"""Loaders that are read and proved as feeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from twinfeed.feeds import as_feed
from twinfeed.intervene.prove import changes_between, look
from twinfeed.observe.budget import Budget

_PROOF = Budget(examples=512, epochs=2, seconds=8.0, timing_s=0.01, keep_bytes=16 << 20)


def open_epoch(loader: Any) -> Callable[[], Iterator[Any]]:
    """What begins an epoch; the loader and the random states of the user stand still."""
    return as_feed(loader).open_epoch


def differs_from(loader: Any) -> Callable[[Any], str]:
    """Says what another loader feeds otherwise than this one; empty if nothing."""

    def differs(other: Any) -> str:
        traces = [
            look(one, name=name, budget=_PROOF)
            for name, one in (("original", loader), ("tuned", other))
        ]
        return next(iter(changes_between(*traces)), "")

    return differs
