"""Lint against labels: hardly anything missed, hardly anything named in vain, every finding justified."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from tests.lint.labelled.cases import CASES
from tests.lint.labelled.judge import Verdict, judge, rates, told
from tests.lint.labelled.kit import Case
from tests.lint.labelled.tutorials import TUTORIALS
from twinfeed.lint import CATALOGUE, lint_subjects
from twinfeed.lint._verb import subject_of

TABLE = Path(__file__).parents[2] / "docs" / "reference" / "tutorials.md"
HEAD = """\
# Tutorials under lint

The input pipelines of public tutorials, written again in our own words with data of the same
length, and what `twinfeed lint` says of each. Every finding has a reason; where there is none the
pipeline is called clean. This page is written by the tests (`pytest tests/lint --update-golden`).

| tutorial | finding | why it is right |
|---|---|---|
"""
PRECISION, RECALL = 0.98, 0.95


def check(verdicts: list[Verdict]) -> None:
    precision, recall = rates(verdicts)
    assert precision >= PRECISION, told(verdicts)
    assert recall >= RECALL, told(verdicts)


def judged(cases: list[Case], tf: Any) -> list[Verdict]:
    with pytest.MonkeyPatch.context() as patch:
        # Keras says how many files it found, and TensorFlow which functions it could not convert.
        patch.setattr("warnings.filters", [("ignore", None, Warning, None, 0)])
        return [judge(case, tf) for case in cases]


def test_every_rule_has_a_fault_and_there_are_clean_pipelines() -> None:
    assert len(CASES) >= 100
    assert len({case.name for case in CASES}) == len(CASES)
    # Those left out ask a real model; their pages train one.
    assert set(CATALOGUE) - {"VAL107", "FIT103"} <= {code for case in CASES for code in case.codes}
    assert sum(not case.codes for case in CASES) >= 40


# Every eighth one keeps the gate short; `-m slow` runs all.
def test_lint_agrees_with_labels(tf: Any) -> None:
    check(judged(list(CASES[::8]), tf))


@pytest.mark.slow
def test_lint_agrees_with_every_label(tf: Any) -> None:
    check(judged(list(CASES), tf))


@pytest.mark.slow
def test_every_finding_on_a_tutorial_is_justified(tf: Any, request: pytest.FixtureRequest) -> None:
    assert len(TUTORIALS) >= 20
    rows: list[str] = []
    for tutorial in TUTORIALS:
        case = Case(tutorial.name, frozenset(tutorial.reasons), tutorial.build)
        verdict = judge(case, tf, whole_epoch=False)
        assert not verdict.missed, told([verdict])
        assert not verdict.in_vain, told([verdict])
        link = f"[{tutorial.name}]({tutorial.url})"
        rows += [
            f"| {link} | `{code}` {CATALOGUE[code].name} | {why} |"
            for code, why in sorted(tutorial.reasons.items())
        ] or [f"| {link} | none | |"]
    text = HEAD + "\n".join(rows) + "\n"
    if request.config.getoption("--update-golden"):
        TABLE.write_text(text, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == text, "pytest tests/lint --update-golden"


def test_fifty_steps_take_less_than_a_second(tf: Any) -> None:
    layers = tf.keras.layers
    change = tf.keras.Sequential([layers.RandomFlip(), layers.RandomRotation(0.1)])
    data = tf.data.Dataset.range(1_000).map(
        lambda i: (tf.fill((16, 16, 3), tf.cast(i % 256, tf.float32)), i % 5)
    )
    for number in range(43):
        data = data.map(lambda x, y, by=number: (x + by / 255, y))
    data = data.map(lambda x, y: (change(x, training=True), y), num_parallel_calls=2)
    data = data.cache().shuffle(1_000).batch(32).prefetch(1)
    began = time.process_time()
    subject = subject_of(data, sample=False)
    report = lint_subjects([subject])
    took_s = time.process_time() - began
    assert subject.plan is not None
    assert len(subject.plan.steps) == 50
    assert [found.code for found in report.findings if found.severity == "error"] == ["CCH101"]
    assert took_s < 1.0, f"{took_s:.2f} s"
