"""Which adapter gets which object."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from typing import Any

import numpy as np
import pytest

from twinfeed._core.batch import Batch
from twinfeed._core.feed import Feed
from twinfeed.errors import (
    AdapterError,
    BatchSizeError,
    OneShotFeedError,
    UnknownFeedTypeError,
    UsageError,
)
from twinfeed.feeds import _registry, as_feed
from twinfeed.feeds._registry import ROWS


def _type_of(row: _registry.Row) -> type:
    found: Any = pytest.importorskip(row.library)
    for part in row.path.split("."):
        found = getattr(found, part)
    return found


def test_a_subclass_stands_above_its_base() -> None:
    for library in (
        "tensorflow_datasets",
        "keras",
        "torch",
        "grain",
        "pandas",
        "scipy.sparse",
        "jax",
    ):
        pytest.importorskip(library)
    rows = [(row, _type_of(row)) for row in ROWS if row.library in sys.modules]
    for place, (above, upper) in enumerate(rows):
        for below, lower in rows[place + 1 :]:
            covered = issubclass(lower, upper) and above.adapter != below.adapter
            assert not covered, f"{below} is never reached: it stands below {above}"


@pytest.mark.parametrize("given", [3, "photos", object(), None, {"a": object()}])
def test_an_unknown_object_is_named(given: Any) -> None:
    with pytest.raises(UnknownFeedTypeError, match=r"Expected one of: [\s\S]*Hint: "):
        as_feed(given)


def test_a_feed_is_itself() -> None:
    feed = as_feed(np.zeros((3, 2)))
    assert as_feed(feed) is feed


def test_a_name_stays_with_every_build() -> None:
    feed = as_feed(np.zeros((3, 2)), name="mine")
    assert feed.fresh is not None
    assert (feed.name, feed.fresh().name) == ("mine", "mine")


@pytest.mark.parametrize("arguments", [{"batch_size": 3}, {"y": [1]}])
def test_arguments_for_arrays_are_refused_elsewhere(arguments: dict[str, Any]) -> None:
    y = arguments.pop("y", None)
    with pytest.raises(UsageError, match="only beside arrays"):
        as_feed(lambda: iter([]), y, **arguments)


def test_arrays_of_unequal_length_are_named() -> None:
    with pytest.raises(BatchSizeError, match="x has 3 examples, y has 2 examples"):
        as_feed(np.zeros(3), np.zeros(2))


def test_an_iterator_is_not_used_up_unasked() -> None:
    iterator = iter([np.zeros((2, 2))])
    with pytest.raises(OneShotFeedError, match="consume=True"):
        as_feed(iterator)
    assert len(next(iterator)) == 2


class _Mine:
    """A pipeline that only another package knows."""


def known_to_others(given: object) -> Feed | None:
    if isinstance(given, _Mine):
        return Feed(name="mine", open_epoch=lambda: iter([Batch(np.zeros((2, 2)))]))
    return None


def broken(_given: object) -> Feed | None:
    message = "no such symbol"
    raise ImportError(message)


def _install(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    group = _registry.ENTRY_POINTS
    entries = [EntryPoint(name, f"{__name__}:{name}", group) for name in names]
    monkeypatch.setitem(sys.modules, __name__, sys.modules[__name__])
    monkeypatch.setattr(_registry, "entry_points", lambda group: entries)


def test_adapters_of_other_packages_are_asked_last(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, "broken", "known_to_others")
    assert as_feed(_Mine()).name == "mine"
    assert as_feed(np.zeros((2, 2))).name == "arrays"


def test_a_failing_adapter_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, "broken")
    with pytest.raises(AdapterError, match=r"'broken'.*no such symbol"):
        as_feed(_Mine())
