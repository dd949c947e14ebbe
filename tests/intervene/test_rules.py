"""Every rule that names a rewrite: the dataset of its page's bad example is corrected and proved."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import twinfeed as twf
from tests.lint.told import Model
from twinfeed.graph.rewrites import REWRITES
from twinfeed.lint import CATALOGUE

FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)
NEEDS_FIT = {"BAT101", "BAT105"}
"""Found only where the arguments of ``fit``, or the other feed of the run, are known."""
SEED_MISSING = {"ORD106"}
"""Its page's own example lacks a seed, which only the user can choose."""
HEAVY = {"CCH105", "SPD101", "SPD104", "SPD105"}
REWRITTEN = [code for code, rule in CATALOGUE.items() if rule.rewrite]


def test_every_rewrite_that_a_rule_names_exists() -> None:
    assert {CATALOGUE[code].rewrite for code in REWRITTEN} <= set(REWRITES)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(code, marks=pytest.mark.slow if code in HEAVY else ())
        for code in REWRITTEN
        if code not in NEEDS_FIT | SEED_MISSING
    ],
)
def test_the_bad_example_is_corrected(tf: Any, tmp_path: Path, code: str) -> None:
    import numpy as np

    bad, _ = FENCE.findall(CATALOGUE[code].page or "")
    names = {"tf": tf, "np": np, "folder": str(tmp_path), "model": Model()}
    exec(bad, names)
    dataset = names["ds"]
    done = twf.fix(dataset, report=True, unsafe=True, select=code)
    assert done.before.findings, "its own example is not found"
    assert [one.finding.code for one in done.applied] == [code] * len(done.before.findings)
    assert not done.refused
    assert not done.after.findings
    assert done.dataset.element_spec == dataset.element_spec


def test_what_only_the_user_can_choose_is_refused(tf: Any) -> None:
    dataset = tf.data.Dataset.range(100).shuffle(100, seed=6).batch(10).shuffle(10)
    done = twf.fix(dataset, report=True, unsafe=True, select="ORD106")
    assert [one.why for one in done.refused] == ["it needs a change of your code"]
