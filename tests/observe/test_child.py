"""Feeds that hang, raise, die, never end or are interrupted, each in a process of its own."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from twinfeed.errors import (
    EmptyFeedError,
    FeedReadError,
    FeedTimeoutError,
    NoFeedError,
    ProcessDiedError,
    UnknownFeedTypeError,
    UserCodeError,
)
from twinfeed.observe.budget import Budget
from twinfeed.observe.child import ChildTracebackError, Observed, observe_source
from twinfeed.observe.source import parse_source

FEEDS = """
import os, sys, time
import numpy as np

X = np.arange(64 * 4 * 4 * 3, dtype="uint8").reshape(64, 4, 4, 3)
Y = np.arange(64)
BUILDS = []

def arrays():
    return X, Y

def batches():
    for start in range(0, 64, 16):
        yield X[start : start + 16], Y[start : start + 16]

def iterator():
    return batches()

def counted():
    BUILDS.append(1)
    return X + np.uint8(len(BUILDS)), Y

def talks():
    print("to standard output")
    print("to standard error", file=sys.stderr)
    sys.stdin.read()
    return X, Y

def nothing():
    pass

def a_class():
    return dict

def a_number():
    return 3

def raises():
    raise LookupError("no such split")

def only_once():
    if BUILDS:
        raise RuntimeError("already open")
    BUILDS.append(1)
    return X, Y

def leaves():
    sys.exit("set DATA first")

def raises_later():
    for index in range(4):
        if index == 2:
            raise OSError("disk gone")
        yield X[:16], Y[:16]

def ends_at_once():
    return
    yield

def never_ends():
    while True:
        yield X[:16], Y[:16]

def hangs():
    yield X[:16], Y[:16]
    wait_for_ever()

def hangs_when_called():
    wait_for_ever()

def wait_for_ever():
    while True:
        time.sleep(60)  # here it hangs

def hangs_with_a_child():
    import subprocess
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    open(os.environ["WORKER"], "w").write(str(worker.pid))
    wait_for_ever()

def ignores_the_interrupt():
    import signal
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    open(os.environ["READY"], "w").close()
    wait_for_ever()

def keras_style():
    from twinfeed.images import ImageDataGenerator

    return ImageDataGenerator(horizontal_flip=True).flow(np.zeros((40, 8, 8, 3)), np.arange(40))

def slow():
    while True:
        yield X[:16], Y[:16]
        open(os.environ["READY"], "w").close()
        time.sleep(0.05)

def dies():
    print("last words")
    os._exit(7)

def crashes():
    import ctypes
    ctypes.string_at(0)

def is_killed():
    os.kill(os.getpid(), 9)

not_a_function = arrays()
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feeds.py").write_text(FEEDS)


def observed(
    name: str, *, timeout_s: float = 30.0, grace_s: float = 10.0, seconds: float = 5.0
) -> Observed:
    return observe_source(
        parse_source(f"feeds.py:{name}"),
        budget=Budget(seconds=seconds, timing_s=0.05),
        timeout_s=timeout_s,
        grace_s=grace_s,
    ).or_raise()


@pytest.mark.parametrize("name", ["arrays", "batches", "iterator"])
def test_factory_becomes_a_trace(name: str) -> None:
    (trace,) = observed(name).traces
    assert trace.name == f"feeds.py:{name}"
    assert trace.complete
    looked = {(epoch.build, epoch.number) for epoch in trace.epochs if epoch.looked}
    assert {(0, 0), (0, 1), (1, 0)} <= looked


def test_iterator_that_can_be_asked_for_any_batch_keeps_its_plan() -> None:
    (trace,) = observed("keras_style").traces
    assert trace.plan is not None
    assert trace.plan.library == "twinfeed ImageDataGenerator"
    assert trace.rows.id.all()


def test_second_build_is_a_second_call() -> None:
    (trace,) = observed("counted").traces
    first, second = (
        next(
            trace.rows.content[trace.rows_of(index)]
            for index, epoch in enumerate(trace.epochs)
            if epoch.looked and epoch.build == build
        )
        for build in (0, 1)
    )
    assert not set(first.tolist()) & set(second.tolist())


def test_nothing_is_written_beside_the_users_files() -> None:
    Path("neighbour.py").write_text("value = 1\n")
    Path("imports.py").write_text("import neighbour\nfrom feeds import arrays\n")
    observe_source(parse_source("imports.py:arrays"), budget=Budget(timing_s=0.05))
    assert sorted(path.name for path in Path().iterdir()) == [
        "feeds.py",
        "imports.py",
        "neighbour.py",
    ]


def test_module_is_imported_from_here() -> None:
    Path("package").mkdir()
    Path("package/__init__.py").touch()
    Path("package/inner.py").write_text("from feeds import arrays\n")
    found = observe_source(parse_source("package.inner:arrays"), budget=Budget(timing_s=0.05))
    assert found.traces[0].name == "package.inner:arrays"


def test_file_named_like_a_module_in_use() -> None:
    Path("msgspec.py").write_text(FEEDS)
    found = observe_source(parse_source("msgspec.py:arrays"), budget=Budget(timing_s=0.05))
    assert len(found.traces) == 1


def test_output_of_the_user_is_passed_on_and_input_is_empty(
    capfd: pytest.CaptureFixture[str],
) -> None:
    heard: list[bytes] = []
    observe_source(
        parse_source("feeds.py:talks"), budget=Budget(timing_s=0.05), on_output=heard.append
    )
    said = b"".join(heard).decode()
    assert "to standard output" in said
    assert "to standard error" in said
    assert capfd.readouterr() == ("", "")


def test_progress_names_what_is_done() -> None:
    texts: list[str] = []
    observe_source(
        parse_source("feeds.py:arrays"),
        budget=Budget(timing_s=0.05),
        on_event=lambda event: texts.append(event.text),
    )
    first = list(dict.fromkeys(text for text in texts if text))
    assert first[:3] == ["importing feeds.py", "calling arrays()", "epoch 1"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing", "nothing() of feeds.py returned None."),
        ("a_class", "a_class() of feeds.py returned the class dict."),
        ("not_a_function", "not_a_function of feeds.py is a tuple."),
    ],
)
def test_factory_that_gives_no_feed(name: str, said: str) -> None:
    with pytest.raises(NoFeedError) as caught:
        observed(name)
    first, expected, hint = str(caught.value).split("\n")
    assert first == said
    assert expected.startswith("Expected ")
    assert hint.startswith("Hint: ")


def test_factory_that_returns_something_else() -> None:
    with pytest.raises(UnknownFeedTypeError, match=r"Cannot read a builtins\.int"):
        observed("a_number")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("raises", "raises() of feeds.py raised LookupError: no such split"),
        ("leaves", "leaves() of feeds.py called sys.exit('set DATA first')"),
        ("only_once", "only_once() of feeds.py, called again, raised RuntimeError: already open"),
    ],
)
def test_factory_that_raises_is_told_with_its_line(name: str, said: str) -> None:
    with pytest.raises(UserCodeError) as caught:
        observed(name)
    first, where, *_rest = str(caught.value).split("\n")
    assert first == said
    assert where.startswith("It happened at feeds.py:")
    assert where.endswith(f", in {name}.")
    assert isinstance(caught.value.__cause__, ChildTracebackError)
    assert "Traceback (most recent call last)" in str(caught.value.__cause__)


def test_file_that_raises() -> None:
    Path("bad.py").write_text("import no_such_library\ndef make(): ...\n")
    with pytest.raises(UserCodeError) as caught:
        observe_source(parse_source("bad.py:make")).or_raise()
    assert "bad.py raised ModuleNotFoundError" in str(caught.value)
    assert "It happened at bad.py:1." in str(caught.value)
    assert "install no_such_library" in str(caught.value)


def test_feed_that_raises_at_a_batch() -> None:
    with pytest.raises(FeedReadError) as caught:
        observed("raises_later")
    assert "feeds.py:raises_later raised OSError at batch 2: disk gone" in str(caught.value)
    assert ", in raises_later." in str(caught.value)


def test_feed_that_ends_at_once() -> None:
    with pytest.raises(
        EmptyFeedError, match=r"feeds\.py:ends_at_once ended before its first batch"
    ):
        observed("ends_at_once")


def test_feed_that_never_ends_is_cut() -> None:
    (trace,) = observed("never_ends", seconds=1.0).traces
    assert trace.complete
    assert not any(epoch.ended for epoch in trace.epochs)


@pytest.mark.parametrize("name", ["hangs", "hangs_when_called"])
def test_hang_is_killed_and_the_line_named(name: str) -> None:
    begin = time.monotonic()
    with pytest.raises(FeedTimeoutError) as caught:
        observed(name, timeout_s=1.5)
    assert time.monotonic() - begin < 15
    assert f"feeds.py:{name} gave no batch for 1.5 s" in str(caught.value)
    assert "feeds.py:" in str(caught.value).partition("It was last seen here:")[2]
    assert "in wait_for_ever" in str(caught.value)


def test_workers_of_a_killed_process_are_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKER", str(tmp_path / "worker"))
    with pytest.raises(FeedTimeoutError):
        observed("hangs_with_a_child", timeout_s=2.0)
    worker = int((tmp_path / "worker").read_text())
    deadline = time.monotonic() + 5
    while _is_running(worker) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _is_running(worker)


@pytest.mark.parametrize(
    ("name", "how", "hint"),
    [
        ("dies", "ended by itself with exit code 7", "os._exit"),
        ("crashes", "was ended by signal 11 (SIGSEGV)", "run it on its own"),
        ("is_killed", "was ended by signal 9 (SIGKILL)", "too much memory"),
    ],
)
def test_process_that_dies_is_told(name: str, how: str, hint: str) -> None:
    with pytest.raises(ProcessDiedError) as caught:
        observed(name)
    assert f"The process that ran feeds.py:{name} {how}" in str(caught.value)
    assert hint in str(caught.value).rpartition("Hint: ")[2]


def test_last_words_of_a_process_that_dies_are_kept() -> None:
    with pytest.raises(ProcessDiedError, match="last words"):
        observed("dies")


def test_crash_names_the_users_line() -> None:
    with pytest.raises(ProcessDiedError, match=r"feeds\.py:\d+, in crashes"):
        observed("crashes")


def test_interrupt_keeps_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = tmp_path / "ready"
    monkeypatch.setenv("READY", str(ready))
    _interrupt_when(ready)
    found = observed("slow", seconds=60)
    assert found.interrupted
    (trace,) = found.traces
    assert not trace.complete
    assert len(trace.rows)


def test_process_that_ignores_the_interrupt_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = tmp_path / "ready"
    monkeypatch.setenv("READY", str(ready))
    _interrupt_when(ready)
    assert observed("ignores_the_interrupt", grace_s=0.5) == Observed((), interrupted=True)


def test_second_interrupt_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = tmp_path / "ready"
    monkeypatch.setenv("READY", str(ready))
    _interrupt_when(ready, times=2)
    begin = time.monotonic()
    assert observed("ignores_the_interrupt", grace_s=60).interrupted
    assert time.monotonic() - begin < 30


def test_interrupt_handler_of_the_caller_is_given_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    observed("arrays")
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


def test_saved_trace_is_read_without_a_process(tmp_path: Path) -> None:
    from twinfeed.observe import save

    found = observed("arrays")
    save(found.traces, tmp_path / "run.twin")
    again = observe_source(parse_source("run.twin"))
    assert [trace.name for trace in again.traces] == ["feeds.py:arrays"]


def _interrupt_when(ready: Path, times: int = 1) -> None:
    """Press Ctrl-C, as it were, once the feed says that it is being read."""

    def press() -> None:
        while not ready.exists():
            time.sleep(0.01)
        for _ in range(times):
            os.kill(os.getpid(), signal.SIGINT)
            pressed.wait(0.3)  # two presses that come together are one signal

    pressed = threading.Event()
    threading.Thread(target=press, daemon=True).start()


def _is_running(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for yet does not."""
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
