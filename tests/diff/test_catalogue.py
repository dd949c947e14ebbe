"""Each cause's page is its own test: the planted fault is found, the cure is silent."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.diff.conftest import traced
from twinfeed.diff import CATALOGUE, Measure, compare

HEADINGS = ["What it does", "From what size", "Why it matters", "Example", "Fix safety"]
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)

each_measure = pytest.mark.parametrize("measure", CATALOGUE.values(), ids=CATALOGUE)


def found(code: str, names: dict[str, Any], measures: list[Measure] | None = None) -> set[str]:
    """What is found between the ``a`` and the ``b`` that ``code`` builds."""
    exec(code, names)
    report = compare(traced(names["a"]), traced(names["b"]), measures=measures)
    return {finding.code for finding in report.findings}


@each_measure
def test_planted_fault_is_found_and_its_cure_is_silent(
    measure: Measure, names: Callable[[], dict[str, Any]]
) -> None:
    bad, good = FENCE.findall(measure.page or "")
    assert measure.code in found(bad, names()), "silent about its own fault"
    assert not found(good, names(), [measure]), "it speaks of its own cure"


@each_measure
def test_page_has_every_heading_in_order(measure: Measure) -> None:
    assert re.findall(r"^## (.+)$", measure.page or "", re.MULTILINE) == HEADINGS


@each_measure
def test_name_is_the_name_of_the_module(measure: Measure) -> None:
    assert measure.look.__module__.rpartition(".")[2].replace("_", "-") == measure.name


@each_measure
def test_sentences_have_no_full_stop_and_start_lower_or_with_a_side(measure: Measure) -> None:
    assert not re.search(r"\b(should|must|please)\b", measure.name)
