"""The reports of real users: the true cause comes first, and nothing false is called an error."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from typing import Any

import pytest

from tests.corpus import cases
from tests.corpus.case import CASES, Case
from tests.corpus.material import Material
from twinfeed import as_feed
from twinfeed._core.finding import Severity
from twinfeed._core.results import Report
from twinfeed._core.trace import Trace
from twinfeed.diff import compare
from twinfeed.observe import Budget, observe

for module in pkgutil.iter_modules(cases.__path__):
    importlib.import_module(f"{cases.__name__}.{module.name}")

TABLE = Path(__file__).parents[2] / "docs" / "reference" / "cases.md"
HEAD = """\
# Real cases

Public reports, each rebuilt as a small pair of feeds in `tests/corpus/`. This page is written by
the tests (`pytest tests/corpus -m "slow or not slow" --update-golden`): *first finding* is what
`twinfeed diff` names first.

| case | what it turned out to be | first finding | verdict |
|---|---|---|---|
"""
_ROWS: dict[str, str] = {}


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    return Material(tmp_path_factory.mktemp("corpus"))


def seen(feed: Any, timing_s: float) -> Trace:
    if isinstance(feed, Trace):
        return feed
    return observe(as_feed(feed), budget=Budget(timing_s=timing_s))


def compared(case: Case, material: Material) -> Report:
    """The report of one draw, or of a second one, looked at longer, where the first was unlucky.

    The cases shuffle, augment and are timed as their users' pipelines are, without a seed: each
    run draws them anew. What is promised is nearly all of them, not every draw of each.
    """
    report = None
    for timing_s in (0.2, 1.5):
        a, b = case.build(material)
        report = compare(seen(a, timing_s), seen(b, timing_s))
        if not faults(case, report) or case.gap:
            break
    assert report is not None
    return report


def faults(case: Case, report: Report) -> list[str]:
    """What is wrong with a report, in words; empty where it is right."""
    sentences = [f"{f.code} {f.severity.name}: {f.sentence}" for f in report.findings]
    known = {*case.expect, *case.also}
    errors = [f for f in report.findings if f.severity is Severity.ERROR and f.code not in known]
    if errors:
        return ["something false is called an error", *sentences]
    if case.gap:
        return []
    if not case.expect:
        quiet = all(f.severity is Severity.NOTE for f in report.findings)
        return [] if quiet else ["nothing is wrong here", *sentences]
    first = report.findings[0].code if report.findings else "none"
    return [] if first in case.expect else [f"{first} comes first", *sentences]


# Every tenth case keeps the gate short; `pytest tests/corpus -m "slow or not slow"` runs all.
PARAMETERS = [
    pytest.param(case, id=name, marks=[pytest.mark.slow] if number % 10 else [])
    for number, (name, case) in enumerate(CASES.items())
]


@pytest.mark.parametrize("case", PARAMETERS)
def test_case(case: Case, material: Material) -> None:
    pytest.importorskip("tensorflow")
    report = compared(case, material)
    first = report.findings[0] if report.findings else None
    named = f"`{first.code}` {first.name}" if first else "none"
    _ROWS[case.name] = (
        f"| [{case.name}]({case.url}) | {case.cause} | {named} | {report.verdict.kind} |"
    )
    assert not faults(case, report)


def test_the_true_cause_comes_first_in_nearly_all() -> None:
    gaps = [case for case in CASES.values() if case.gap]
    assert len(gaps) <= 0.05 * len(CASES), [case.name for case in gaps]


def test_the_table_is_that_of_this_run(request: pytest.FixtureRequest) -> None:
    if len(_ROWS) < len(CASES):
        pytest.skip("not every case was run")
    rows = [_ROWS[name] for name in sorted(_ROWS)]
    if request.config.getoption("--update-golden"):
        TABLE.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    # Which of several right causes comes first may turn on a time; the reports may not.
    written = TABLE.read_text(encoding="utf-8")
    missing = [row for row in rows if row.rsplit("|", 3)[0] not in written]
    assert not missing, "pytest tests/corpus -m 'slow or not slow' --update-golden"
