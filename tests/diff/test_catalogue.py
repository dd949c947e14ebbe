"""Each cause's page is its own test: the planted fault is found, the cure is silent."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.diff.conftest import traced
from twinfeed._core.finding import Finding
from twinfeed.diff import CATALOGUE, Measure
from twinfeed.diff._run import answers
from twinfeed.diff._twins import Twins

HEADINGS = ["What it does", "From what size", "Why it matters", "Example", "Fix safety"]
TIMED = {"SPD"}
"""Families of causes that ask how fast a feed is."""
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)

each_measure = pytest.mark.parametrize("measure", CATALOGUE.values(), ids=CATALOGUE)


def speaks(measure: Measure, code: str, names: dict[str, Any]) -> bool:
    """Whether a measure finds its cause between the ``a`` and the ``b`` that ``code`` builds."""
    exec(code, names)
    # What shows in a plan is left to the clock where that shows it: here none is read.
    timing_s = 0.3 if measure.code[:3] in TIMED else 0.0
    sides = [traced(names[name], timing_s=timing_s) for name in "ab"]
    return any(isinstance(answer, Finding) for answer in answers(measure, Twins(*sides)))


@each_measure
def test_planted_fault_is_found_and_its_cure_is_silent(
    measure: Measure, names: Callable[[], dict[str, Any]]
) -> None:
    bad, good = FENCE.findall(measure.page or "")
    assert speaks(measure, bad, names()), "silent about its own fault"
    assert not speaks(measure, good, names()), "it speaks of its own cure"


@each_measure
def test_page_has_every_heading_in_order(measure: Measure) -> None:
    assert re.findall(r"^## (.+)$", measure.page or "", re.MULTILINE) == HEADINGS


@each_measure
def test_name_is_the_name_of_the_module(measure: Measure) -> None:
    assert measure.look.__module__.rpartition(".")[2].replace("_", "-") == measure.name


@each_measure
def test_sentences_have_no_full_stop_and_start_lower_or_with_a_side(measure: Measure) -> None:
    assert not re.search(r"\b(should|must|please)\b", measure.name)
