"""``twinfeed lint`` on real code: where each fault is written, and ``--fix`` proved by running it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from twinfeed.cli import main

TRAIN = '''\
"""Trains."""
import numpy as np
import tensorflow as tf
import keras

x = np.random.default_rng(0).random((256, 4)).astype("float32")
y = (x.mean(1) > 0.5).astype("int64")


def jitter(values, label):
    return values + tf.random.normal(tf.shape(values)), label


ds = (
    tf.data.Dataset.from_tensor_slices((x, y))
    .map(jitter)  # random
    .cache()
    .shuffle(256)
    .batch(32)
)
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(ds, epochs=3, verbose=0)
assert len(model.history.epoch) == 1, "asked to stop"
'''
MAKE = """\
import tensorflow as tf


def make():
    ds = tf.data.Dataset.range(300).shuffle(7).batch(10)
    return ds


def other():
    return make()
"""
Lint = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def lint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Lint:
    """Run the command; the report as JSON."""
    pytest.importorskip("tensorflow")
    pytest.importorskip("keras")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "train.py").write_text(TRAIN)
    (tmp_path / "feeds.py").write_text(MAKE)

    def run(*arguments: str) -> tuple[int, dict[str, Any]]:
        code = main(["lint", *arguments, "--output-format", "json"])
        said = capfd.readouterr()
        assert said.out.startswith("{"), said.err
        return code, json.loads(said.out)

    return run


def test_a_script_is_judged_by_its_use_and_mended(lint: Lint, tmp_path: Path) -> None:
    code, report = lint("train.py", "--select", "CCH101,ORD101", "--fix", "--unsafe-fixes")
    assert code == 0
    assert report["findings"] == []
    (feed,) = report["feeds"]
    assert feed["role"] == "fit"
    assert feed["arguments"]["epochs"] == 3
    assert [step["line"] for step in feed["plan"]["steps"]] == [15, 16, 17, 18, 19]
    after = TRAIN.replace("    .cache()\n", "").replace(
        "    .map(jitter)", "    .cache()\n    .map(jitter)"
    )
    assert (tmp_path / "train.py").read_text() == after


def test_a_factory_is_mended_only_on_request(lint: Lint, tmp_path: Path) -> None:
    code, report = lint(
        "feeds.py:other", "--role", "training", "--select", "ORD101", "--no-sample", "--fix"
    )
    assert code == 1
    (finding,) = report["findings"]
    assert (finding["at"]["file"], finding["at"]["line"]) == ("feeds.py", 5)
    assert (tmp_path / "feeds.py").read_text() == MAKE


@pytest.mark.slow
def test_a_change_that_breaks_the_code_is_taken_back(lint: Lint, tmp_path: Path) -> None:
    text = MAKE + "assert 'shuffle' + '(7)' in open(__file__).read()\n"
    (tmp_path / "feeds.py").write_text(text)
    code, report = lint("feeds.py:make", "--role", "training", "--fix", "--unsafe-fixes")
    assert code == 1
    assert "ORD101" in {finding["code"] for finding in report["findings"]}
    assert (tmp_path / "feeds.py").read_text() == text


@pytest.mark.slow
def test_what_someone_wrote_meanwhile_stays(lint: Lint, tmp_path: Path) -> None:
    note = "# written while the change was proved\n"
    text = (
        "text = open(__file__).read()\n"
        "if 'shuffle' + '(7)' not in text:\n"
        f"    open(__file__, 'a').write({note!r})\n"
        "    raise ValueError\n" + MAKE
    )
    (tmp_path / "feeds.py").write_text(text)
    code, report = lint("feeds.py:make", "--role", "training", "--fix", "--unsafe-fixes")
    assert code == 1
    assert "ORD101" in {finding["code"] for finding in report["findings"]}
    assert (tmp_path / "feeds.py").read_text().endswith(note)
