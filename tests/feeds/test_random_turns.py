"""Threads of one pipeline share its private streams, and the reader finds its own again."""
# ruff: noqa: NPY002 - the global states are what must stand still

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from twinfeed.feeds import _random_turns
from twinfeed.feeds._random_state import PrivateRandom
from twinfeed.feeds._random_turns import Turns


@pytest.fixture
def turns() -> Turns:
    return Turns(PrivateRandom())


def states() -> tuple[object, str]:
    return random.getstate(), str(np.random.get_state())


def draw() -> tuple[float, float]:
    return random.random(), float(np.random.rand())


def calling(turns: Turns, entered: threading.Event, leave: threading.Event) -> threading.Thread:
    def call() -> None:
        with turns.calling():
            draw()
            entered.set()
            assert leave.wait(10)
            draw()

    thread = threading.Thread(target=call)
    thread.start()
    return thread


def test_the_streams_go_on_from_turn_to_turn(turns: Turns) -> None:
    before = states()
    drawn: list[tuple[float, float]] = []
    for _ in range(2):
        with turns.reading():
            drawn.append(draw())
        assert states() == before
        with turns.calling():
            drawn.append(draw())
        assert states() == before
    assert len(set(drawn)) == 4


def test_a_call_that_outlasts_the_reader_restores_what_the_reader_left(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_random_turns, "PATIENCE_S", 0.05)
    before = states()
    entered, leave = threading.Event(), threading.Event()
    with turns.reading():
        thread = calling(turns, entered, leave)
        assert entered.wait(10)
    leave.set()
    thread.join(10)
    turns.settle()
    assert states() == before


def test_the_reader_waits_for_calls_and_finds_its_states(turns: Turns) -> None:
    before = states()
    entered, leave = threading.Event(), threading.Event()
    with turns.reading():
        thread = calling(turns, entered, leave)
        assert entered.wait(10)
        leave.set()
    assert states() == before
    thread.join(10)


def test_a_call_waits_for_a_reader_that_is_away_for_a_moment(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_random_turns, "PATIENCE_S", 60)
    entered, leave = threading.Event(), threading.Event()
    leave.set()
    with turns.reading():
        pass
    thread = calling(turns, entered, leave)
    assert not entered.wait(0.05)
    with turns.reading():
        assert entered.wait(10)
    thread.join(10)


def test_a_call_goes_on_without_a_reader_that_stays_away(turns: Turns) -> None:
    entered, leave = threading.Event(), threading.Event()
    leave.set()
    with turns.reading():
        pass
    before = states()
    calling(turns, entered, leave).join(10)
    assert entered.is_set()
    assert states() == before


def test_pipelines_that_overlap_restore_the_users_states() -> None:
    before = states()
    pair = [Turns(PrivateRandom()) for _ in range(2)]
    events = [(threading.Event(), threading.Event()) for _ in pair]

    def opened() -> Iterator[threading.Thread]:
        for turns, (entered, leave) in zip(pair, events, strict=True):
            yield calling(turns, entered, leave)
            assert entered.wait(10)

    threads = list(opened())
    for (_, leave), thread in zip(events, threads, strict=True):  # the first in leaves first
        leave.set()
        thread.join(10)
    assert states() == before


def test_calls_run_ahead_of_a_reader_that_nothing_disturbs(
    turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_random_turns, "PATIENCE_S", 60)  # any wait would outlast the test
    before = states()
    entered, leave = threading.Event(), threading.Event()
    with Turns.undisturbed():
        with turns.reading():
            thread = calling(turns, entered, leave)
            assert entered.wait(10)
        # The first call is still under way, and a second one starts while the reader is away.
        further, go = threading.Event(), threading.Event()
        second = calling(turns, further, go)
        assert further.wait(10)
        leave.set()
        go.set()
        thread.join(10)
        second.join(10)
        with turns.reading():
            draw()
        turns.settle()
        assert states() == before
        with turns.reading():  # an epoch that is left without a word
            draw()
    assert states() == before
