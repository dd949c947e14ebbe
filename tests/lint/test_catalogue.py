"""Each rule's page is its own test: the bad example fires, the good one is silent."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.lint.told import found
from twinfeed.diff._vocabulary import VOCABULARY
from twinfeed.lint import CATALOGUE, Rule

HEADINGS = ["What it does", "Why it matters", "Example", "Fix safety"]
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)

each_rule = pytest.mark.parametrize("rule", CATALOGUE.values(), ids=CATALOGUE)
Names = Callable[[], dict[str, Any]]


@each_rule
def test_bad_example_fires_and_good_one_is_silent(rule: Rule, names: Names) -> None:
    bad, good = FENCE.findall(rule.page or "")
    findings = found(bad, names(), rule)
    assert findings, "silent about its own bad example"
    for finding in findings:
        assert finding.code == rule.code
        assert finding.at is not None
        assert not finding.sentence.endswith(".")
        assert finding.sentence[0].islower() or finding.sentence.split()[0].isupper()
        if finding.fix is not None and finding.fix.rewrite:
            assert finding.fix.rewrite == rule.rewrite
    assert found(good, names(), rule) == ()


@each_rule
def test_page_has_every_heading_in_order(rule: Rule) -> None:
    assert re.findall(r"^## (.+)$", rule.page or "", re.MULTILINE) == HEADINGS


@each_rule
def test_name_is_the_name_of_the_module(rule: Rule) -> None:
    assert rule.check.__module__.rpartition(".")[2].replace("_", "-") == rule.name


@each_rule
def test_code_is_a_rules_and_its_tags_are_known(rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z]{3}1\d\d", rule.code)
    assert set(rule.tags) <= set(VOCABULARY)


@each_rule
def test_is_silent_where_nothing_is_known(rule: Rule) -> None:
    from twinfeed.lint import Subject, lint_subjects

    hidden = Subject(name="hidden", plan=None)
    assert lint_subjects([hidden], rules=[rule]).findings == ()
