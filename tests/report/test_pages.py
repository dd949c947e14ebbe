"""The pages of ``lint``, ``tune``, ``attribute`` and the demo: in a browser, and what they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.lint.handmade import run as recorded
from tests.report.browser import Browser
from tests.report.page_samples import attribution, tuned
from tests.report.sample import HOSTILE, RANGE, report
from tests.report.test_html import FULL, HOSTILE as HOSTILE_NAME
from twinfeed._core.results import Suppressed
from twinfeed.demo.outcome import Outcome
from twinfeed.demo.page import to_html as demo_html
from twinfeed.demo.run import Answer
from twinfeed.errors import UsageError
from twinfeed.lint import lint_subjects
from twinfeed.lint._traces import subjects_of
from twinfeed.report import to_html
from twinfeed.report._html.attribute_page import attribution_html
from twinfeed.tune.page import to_html as tune_html


def lint_page() -> str:
    found = lint_subjects(subjects_of([recorded(HOSTILE_NAME)]))
    hostile = replace(HOSTILE, at=found.findings[0].at)
    findings = (*found.findings, hostile)
    return to_html(
        replace(
            found,
            findings=findings,
            suppressed=(Suppressed(RANGE, "baseline"),),
            notes=(HOSTILE_NAME,),
        )
    )


def demo_page() -> str:
    outcomes = tuple(
        Outcome(label=f"{key}: {HOSTILE_NAME}", right=right, tested=360, epoch_s=(2.0, 0.5, 0.6))
        for key, right in zip("abc", (340, 300, 310), strict=True)
    )
    return demo_html(
        Answer(
            data=HOSTILE_NAME,
            versions="keras 3.15.1, tensorflow 2.21.0",
            outcomes=outcomes,
            reports=(FULL, report()),
            complete=True,
        )
    )


PAGES: dict[str, Callable[[], str]] = {
    "lint": lint_page,
    "tune": lambda: tune_html(tuned(HOSTILE_NAME), name=HOSTILE_NAME),
    "attribute": lambda: attribution_html(attribution(HOSTILE_NAME)),
    "demo": demo_page,
}
SAYS = {
    "lint": ("ORD101", "short-shuffle-buffer", "left out by the baseline: VAL107"),
    "tune": ("Write it so", "times as fast, 95 % interval", "kept: ", "Bottleneck"),
    "attribute": ("unexplained", "95 % interval", "B as it is", "value range"),
    "demo": ("Three pipelines, three accuracies", "94.4%", "Not decided"),
}


def test_every_answer_saves_itself_and_shows_itself_in_a_notebook(tmp_path: Path) -> None:
    lint = lint_subjects(subjects_of([recorded(HOSTILE_NAME)]))
    for name, answer in (("lint", lint), ("tune", tuned()), ("attribute", attribution())):
        starts = {"html": "<!doctype html>", "json": "{", "txt": "twinfeed report"}
        for end, start in starts.items():
            file = tmp_path / f"{name}.{end}"
            for _ in range(2):  # a report may be replaced
                answer.save(file)
            assert file.read_text("utf-8").startswith(start), file.name
        part = answer._repr_html_()
        assert "twinfeed-verdict" in part
        assert "<script" not in part
        assert len(part.encode()) <= 200_000
    with pytest.raises(UsageError, match=r"\.html, \.json or \.txt"):
        lint.save(tmp_path / "report.pdf")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    opened = Browser(tmp_path_factory.mktemp("browser"))
    yield opened
    opened.close()


@pytest.mark.parametrize("name", PAGES)
def test_is_right_in_a_browser(browser: Browser, tmp_path: Path, name: str) -> None:
    file = tmp_path / "page.html"
    file.write_text(PAGES[name](), "utf-8")
    browser.complaints.clear()
    for width, dark in ((360, False), (800, True), (1400, False)):
        browser.open(file, width=width, dark=dark)
        assert browser.ask("document.documentElement.scrollWidth") <= width
        assert browser.ask("document.querySelectorAll('[onerror], [onload]').length") == 0
        assert browser.ask("document.scripts.length") == 1
    # Ids are names to jump to: each once, and every jump has an end.
    assert browser.ask("new Set([...document.querySelectorAll('[id]')].map(e => e.id)).size") == (
        browser.ask("document.querySelectorAll('[id]').length")
    )
    assert browser.ask(
        "[...document.links].every(a => document.getElementById(a.hash.slice(1)) !== null)"
    )
    assert browser.ask(
        "[...document.querySelectorAll('[aria-labelledby]')]"
        ".every(e => document.getElementById(e.getAttribute('aria-labelledby')) !== null)"
    )
    assert browser.complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_says_what_was_found_and_reads_well(name: str) -> None:
    page = PAGES[name]()
    for words in SAYS[name]:
        assert words in page, words
    assert page.startswith("<!doctype html>\n<!-- twinfeed report -->")
    assert "default-src &#39;none&#39;" in page
    assert "http://" not in page
    assert "<img src=x" not in page
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert not re.findall(r"<svg (?![^>]*aria-label=)[^>]*>", page)
    assert not re.findall(r"<img (?![^>]*alt=)[^>]*>", page)
    assert len(page.encode()) <= 2_000_000


def test_what_was_timed_counts_rounds_and_what_was_trained_seeds() -> None:
    given = attribution()
    assert given.accuracy is not None
    timed = replace(
        given, speed=replace(given.accuracy, metric="seconds per epoch", unit="s", seeds=4)
    )
    page = attribution_html(timed)
    assert "over 8 paired seeds;" in page
    assert "over 4 rounds;" in page
