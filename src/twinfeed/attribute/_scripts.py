"""Scripts that train: their feeds, and how each uses its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from itertools import islice
from typing import Any, cast

import numpy as np

from twinfeed._core.attribution import Clue
from twinfeed._core.batch import Array, Batch, Tree
from twinfeed._core.feed import Feed
from twinfeed.feeds import as_feed
from twinfeed.observe.source import ScriptSource, Source, parse_source

_FRAMEWORK = "twinfeed.train._frameworks._script"
_caught: dict[str, Any] = {}


def caught(source: ScriptSource) -> Any:
    """The first ``fit`` of a script; a script is run once in a process."""
    if source.given not in _caught:
        run = import_module(_FRAMEWORK).caught
        _caught[source.given] = run(str(source.path), source.argv)
    return _caught[source.given]


def feed_of(source: ScriptSource) -> Feed:
    """What a script hands to ``fit``, in the order in which ``fit`` reads it."""
    arguments = caught(source).arguments
    x, y, weight = (arguments.get(name) for name in ("x", "y", "sample_weight"))
    if y is None and weight is None:
        feed = as_feed(x)
    else:
        feed = as_feed(x, y, weight, batch_size=arguments.get("batch_size"))
    if feed.plan is not None and feed.plan.library == "arrays" and arguments.get("shuffle", True):
        feed = _mixed(feed, 0)
    steps = arguments.get("steps_per_epoch")
    return replace(_cut(feed, steps) if steps else feed, name=source.given)


def evaluation_of(source: ScriptSource) -> Feed | None:
    """What a script validates on, if it is a feed of its own."""
    given = caught(source).arguments.get("validation_data")
    return None if given is None else replace(as_feed(given), name=f"validation of {source.given}")


def input_shape_of(script: str) -> tuple[int | None, ...]:
    """The inputs that a script's model takes, without the batch; empty for any, or several."""
    model = caught(cast("ScriptSource", parse_source(script))).model
    shape = model.input_shape if model.built else None
    flat = isinstance(shape, tuple) and all(
        one is None or isinstance(one, int) for one in cast("tuple[Any, ...]", shape)
    )
    return cast("tuple[int | None, ...]", shape)[1:] if flat else ()


def epochs_of(sources: tuple[Source, Source]) -> int | None:
    """Epochs that both scripts train at least; ``None`` where there is no script."""
    found = [caught(one).arguments["epochs"] for one in sources if isinstance(one, ScriptSource)]
    return min(found) if found else None


def clues_of(sources: tuple[Source, Source]) -> tuple[Clue, ...]:
    """Where two scripts use their feeds differently."""
    if not all(isinstance(one, ScriptSource) for one in sources):
        return ()
    left, right = (caught(cast("ScriptSource", one)).used() for one in sources)
    return tuple(
        Clue(what=what, a=left[what], b=right[what]) for what in left if left[what] != right[what]
    )


def _mixed(feed: Feed, build: int) -> Feed:
    """Arrays as ``fit`` mixes them: all examples anew in each epoch, then cut into batches."""
    epochs = iter(range(1 << 30))

    def open_epoch() -> Iterator[Batch]:
        batches = list(feed.open_epoch())
        sizes = [batch.size for batch in batches]
        order = np.random.default_rng((build, next(epochs))).permutation(sum(sizes))
        low = 0
        for size in sizes:
            chosen = order[low : low + size]
            yield Batch(
                _rows([batch.x for batch in batches], chosen),
                None
                if batches[0].y is None
                else _rows([cast("Tree", b.y) for b in batches], chosen),
                None
                if batches[0].weight is None
                else _rows([cast("Tree", b.weight) for b in batches], chosen),
            )
            low += size

    return replace(feed, open_epoch=open_epoch, fresh=lambda: _mixed(feed, build + 1))


def _rows(parts: list[Tree], chosen: Array) -> Tree:
    first = parts[0]
    if isinstance(first, dict):
        return {key: _rows([cast("Any", part)[key] for part in parts], chosen) for key in first}
    if isinstance(first, tuple):
        return tuple(
            _rows([cast("Any", part)[index] for part in parts], chosen)
            for index in range(len(first))
        )
    return np.concatenate(cast("list[Array]", parts))[chosen]


def _cut(feed: Feed, steps: int) -> Feed:
    """An epoch of so many batches; the stream goes on where it was, as in ``fit``."""

    def begin(inner: Feed) -> Feed:
        stream = _endless(inner)
        return replace(
            inner,
            open_epoch=lambda: islice(stream, steps),
            batches=steps,
            infinite=False,
            fresh=None if inner.fresh is None else lambda: begin(cast("Any", inner.fresh)()),
        )

    return begin(feed)


def _endless(feed: Feed) -> Iterator[Batch]:
    while True:
        some = False
        for batch in feed.open_epoch():
            some = True
            yield batch
        if not some:
            return
