"""A trace survives its file; a damaged, foreign or hostile file is refused."""

from __future__ import annotations

import hashlib
import io
import json
import math
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.observe.feeds import array_feed
from twinfeed._core.plan import Plan, Step
from twinfeed._core.trace import Fit, Small, Trace
from twinfeed.errors import TwinFileError
from twinfeed.observe import Budget, load, observe, save, twinfile

RANDOM = np.random.default_rng(0)


@pytest.fixture(scope="module")
def trace() -> Trace:
    feed = array_feed(RANDOM.random((20, 8, 8, 1)), RANDOM.integers(0, 3, 20))
    return observe(feed, budget=Budget(timing_s=0.01))


def same(a: Trace, b: Trace) -> None:
    for field in fields(Trace):
        left, right = getattr(a, field.name), getattr(b, field.name)
        if field.name in {"rows", "ticks"}:
            for column in fields(left):
                np.testing.assert_array_equal(
                    getattr(left, column.name), getattr(right, column.name)
                )
        elif field.name in {"kept", "small", "plain_small"}:
            assert np.array_equal(left.row, right.row)
            assert all(map(np.array_equal, left.values, right.values))
        elif field.name in {"plain", "plain_id"}:
            assert all(map(np.array_equal, left, right))
        else:
            assert left == right, field.name


def test_a_trace_comes_back_as_it_was(trace: Trace, tmp_path: Path) -> None:
    save([trace, trace], tmp_path / "two.twin")
    for found in load(tmp_path / "two.twin"):
        same(found, trace)


def test_metrics_that_are_not_finite_come_back(trace: Trace, tmp_path: Path) -> None:
    metrics = {"loss": (2.5, math.nan), "high": (math.inf, -math.inf), "accuracy": (0.1, 0.2)}
    fit = Fit(handed="arrays", arguments={}, metrics=metrics)
    save(replace(trace, fit=fit), tmp_path / "nan.twin")
    (found,) = load(tmp_path / "nan.twin")
    assert found.fit is not None
    assert repr(sorted(found.fit.metrics.items())) == repr(sorted(metrics.items()))


def test_an_example_that_came_again_is_written_once(trace: Trace, tmp_path: Path) -> None:
    save(trace, tmp_path / "a.twin")
    found = load(tmp_path / "a.twin")[0].kept
    assert len(found.values) == 60
    assert len({id(value) for value in found.values}) == 20


def test_small_copies_come_back(trace: Trace, tmp_path: Path) -> None:
    copies = Small(
        row=trace.kept.row[:2],
        values=tuple(RANDOM.integers(0, 256, (2, 5, 4, 3), dtype=np.uint8)),
        span=np.array([[0, 1], [-1, 3]], np.float32),
    )
    with_copies = replace(trace, small=copies, plain_small=copies)
    save(with_copies, tmp_path / "a.twin")
    (found,) = load(tmp_path / "a.twin")
    same(found, with_copies)
    assert found.small.span.tolist() == copies.span.tolist()
    assert found.small.picture(1).max() <= 3


def test_a_file_that_holds_every_example_as_often_as_it_came_is_still_read(
    trace: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = trace.kept.values, np.arange(len(trace.kept.row))
    monkeypatch.setattr(
        twinfile,
        "_once_each",
        lambda _trace, part: every if part is trace.kept else (part.values, np.arange(0)),
    )
    save(trace, tmp_path / "a.twin")
    with zipfile.ZipFile(tmp_path / "a.twin") as archive:
        assert "0/kept.same.npy" not in archive.namelist()
    same(load(tmp_path / "a.twin")[0], trace)


def test_a_file_that_knows_masks_by_their_hash_alone_is_still_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = RANDOM.random((20, 8, 8, 1))
    seen = observe(array_feed(images, images > 0.5), budget=Budget(timing_s=0.01))
    save(seen, tmp_path / "a.twin")
    assert load(tmp_path / "a.twin")[0].rows.label_view.shape == (len(seen.rows), 256)
    arrays = twinfile._arrays
    monkeypatch.setattr(
        twinfile,
        "_arrays",
        lambda *given: {k: v for k, v in arrays(*given).items() if k != "rows.label_view"},
    )
    save(seen, tmp_path / "b.twin")
    found = load(tmp_path / "b.twin")[0]
    assert found.rows.label_view.shape == (len(seen.rows), 0)
    same(replace(found, rows=replace(found.rows, label_view=seen.rows.label_view)), seen)


def test_the_plan_comes_back_with_its_settings(tmp_path: Path) -> None:
    step = Step(
        kind="shuffle", where="shuffle, step 1 of 1", settings={"buffer_size": 3, "seed": None}
    )
    feed = array_feed(np.zeros((4, 2)))
    trace = observe(feed, budget=Budget(timing_s=0.01))
    held = type(trace)(
        **{f.name: getattr(trace, f.name) for f in fields(trace)} | {"plan": Plan((step,), "x")}
    )
    save(held, tmp_path / "a.twin")
    assert load(tmp_path / "a.twin")[0].plan == Plan((step,), "x")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"import os", b"\x80\x04K\x01."])
def test_a_foreign_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.twin"
    path.write_bytes(content)
    with pytest.raises(TwinFileError, match="Expected a trace"):
        load(path)
    with pytest.raises(TwinFileError, match=r"is not replaced.*\nExpected a new file"):
        twinfile.check_target(path)
    assert path.read_bytes() == content


def test_a_missing_file_and_a_missing_folder_are_named(trace: Trace, tmp_path: Path) -> None:
    with pytest.raises(TwinFileError, match="there is no such file"):
        load(tmp_path / "none.twin")
    with pytest.raises(TwinFileError, match="does not exist"):
        save(trace, tmp_path / "no" / "a.twin")


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_damaged_file_is_refused_or_reads_the_same(
    trace: Trace, tmp_path: Path, data: st.DataObject
) -> None:
    path = tmp_path / "a.twin"
    save(trace, path)
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        found = load(path)
    except TwinFileError:
        return
    finally:
        path.unlink()
    same(found[0], trace)


@pytest.mark.parametrize("bound", ["_MAX_MEMBER_BYTES", "_MAX_FILE_BYTES"])
def test_a_member_that_would_unpack_to_too_much_is_refused(
    trace: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: str
) -> None:
    save(trace, tmp_path / "a.twin")
    monkeypatch.setattr(twinfile, bound, 100)
    with pytest.raises(TwinFileError, match="would unpack to"):
        load(tmp_path / "a.twin")


HUGE = b"\x93NUMPY\x01\x00v\x00" + (
    b"{'descr': '<i8', 'fortran_order': False, 'shape': (1000000000000000,), }".ljust(117) + b"\n"
)


@pytest.mark.parametrize(
    ("member", "forged", "said"),
    [
        ("kept.row", lambda column: np.full_like(column, 10**9), "do not fit together"),
        ("kept.same", lambda column: column + 1, "do not fit together"),
        ("kept.same", lambda column: column[1:], "its columns do not fit"),
        ("ticks.size", np.zeros_like, "do not fit together"),
        ("rows.position", lambda column: column[:, None], r"int64 of shape \(\d+, 1\)"),
        ("rows.signature", np.ravel, "uint8 of shape"),
        ("rows.label", lambda column: column.astype(str), "<U"),
        ("rows.content", lambda column: column.astype(float), "float64 of shape"),
        ("kept.values", lambda column: column.astype(complex), "complex128 of shape"),
        ("ticks.wait_s", lambda _: HUGE, "it states 8,000,000,000,000,000 bytes"),
    ],
)
def test_a_forged_column_is_refused(
    trace: Trace, tmp_path: Path, member: str, forged: Callable[[Any], Any], said: str
) -> None:
    save(trace, tmp_path / "a.twin")
    with zipfile.ZipFile(tmp_path / "a.twin") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = f"0/{member}.npy"
    column = forged(np.load(io.BytesIO(members[name])))
    members[name] = column if isinstance(column, bytes) else twinfile._npy(column)
    manifest = json.loads(members["manifest.json"])
    manifest["blake2b"][name] = hashlib.blake2b(members[name], digest_size=16).hexdigest()
    members["manifest.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(tmp_path / "b.twin", "w") as archive:
        for each, content in members.items():
            archive.writestr(each, content)
    with pytest.raises(TwinFileError, match=said):
        load(tmp_path / "b.twin")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    trace: Trace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.twin"
    save(trace, path)
    before = path.read_bytes()

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(twinfile.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save(trace, path)
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["a.twin"]


def test_reading_a_trace_loads_no_framework(trace: Trace, tmp_path: Path) -> None:
    save(trace, tmp_path / "a.twin")
    code = (
        "import sys, twinfeed; twinfeed.load(sys.argv[1]);"
        "print(sorted({'tensorflow', 'keras', 'torch', 'jax', 'scipy', 'PIL'} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "a.twin")],
        check=True,
        capture_output=True,
        text=True,
    )
    assert ran.stdout.strip() == "[]"
