"""A report on a terminal: right at 80 columns, and nothing of the user's draws on it."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from twinfeed._core.finding import Finding, Severity, Strength
from twinfeed._core.results import Pairing, Verdict
from twinfeed.report import HEADER, to_text
from twinfeed.report.clean import clean, one_line
from twinfeed.report.numbers import counted, number, percent, said, size

sys.path.insert(0, str(Path(__file__).parent))
from sample import AUGMENTATION, FROZEN, HOSTILE, LEDGER, report

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def test_report_at_80_columns(golden: Callable[[str], None]) -> None:
    golden(to_text(report()))


def test_partial_report(golden: Callable[[str], None]) -> None:
    golden(to_text(report(FROZEN, complete=False)))


def test_same(golden: Callable[[str], None]) -> None:
    whole = report()
    same = replace(
        whole,
        verdict=Verdict("same", "A and B are the same feed as far as 1,797 paired examples show."),
        findings=(),
        undecided=(),
        right=replace(whole.left, label="B"),
        pairing=Pairing(method="id", pairs=1797, left=1797, right=1797, confidence=1.0),
    )
    golden(to_text(same))


def test_ledger_stands_behind_the_causes(golden: Callable[[str], None]) -> None:
    golden(to_text(replace(report(FROZEN), ledger=LEDGER)))


def test_recovered_augmentation_stands_side_by_side(golden: Callable[[str], None]) -> None:
    golden(to_text(replace(report(FROZEN), augmentation=AUGMENTATION)))


def test_nothing_in_common_says_so() -> None:
    none = Pairing(method="none", pairs=0, left=1, right=20, confidence=0.0)
    text = to_text(replace(report(), pairing=none))
    assert "none of 1 example of A and 20 examples of B could be matched" in text


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("colour", [False, True])
def test_no_line_is_wider_than_the_terminal(width: int, colour: bool) -> None:
    lines = ANSI.sub("", to_text(report(complete=False), width=width, colour=colour)).splitlines()
    assert max(map(len, lines)) <= width


def test_colours_change_nothing_but_colour() -> None:
    plain = to_text(report())
    coloured = ANSI.sub("", to_text(report(), colour=True))
    assert [line.rstrip() for line in coloured.splitlines()] == plain.splitlines()
    assert "\x1b" not in plain


def test_verdict_stands_before_causes_and_these_before_the_feeds() -> None:
    text = to_text(report())
    parts = [
        HEADER,
        "DIFFERENT",
        "Causes, largest first",
        "1  AUG202",
        "Not decided",
        "The two feeds",
    ]
    assert sorted(parts, key=text.index) == parts


def test_an_interruption_is_said_first_and_last() -> None:
    lines = to_text(report(complete=False)).splitlines()
    said_at = [index for index, line in enumerate(lines) if line.startswith("PARTIAL")]
    assert len(said_at) == 2
    assert said_at[0] < 8
    assert said_at[1] == len(lines) - 1


def test_markup_of_a_user_stays_text() -> None:
    assert "[bold red]cat[/]" in to_text(report(HOSTILE))


@given(
    st.text(
        st.characters(codec=None) | st.sampled_from("\x1b[]()\x07\x9b\x9d\u202e\\\r\n\t0123;mJHK"),
        max_size=60,
    )
)
def test_nothing_of_a_user_moves_the_cursor(name: str) -> None:
    hostile = Finding(
        code="ORD109",
        name=name,
        tags=(),
        severity=Severity.ERROR,
        strength=Strength.READ,
        sentence=name,
        evidence={name: name},
    )
    whole = report(hostile)
    whole = replace(
        whole,
        verdict=Verdict("different", name),
        left=replace(whole.left, name=name, library=name, notes=(name,), metrics={name: (1.0,)}),
    )
    text = to_text(whole)
    text.encode()
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("cat\x1b[31m dog\x1b[0m", "cat dog"),
        ("\x1b]0;title\x07name", "name"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\x9b2Jb", "ab"),
        ("a\x07b\x00c", "a?b?c"),
        ("over\rwritten", "over?written"),
        ("line\r\nbreak", "line\nbreak"),
        ("gnp.\u202eexe", "gnp.?exe"),
        ("bad\udcff", "bad?"),
        ("naïve 猫 🐱", "naïve 猫 🐱"),
    ],
)
def test_clean(given: str, expected: str) -> None:
    assert clean(given) == expected


def test_one_line_joins() -> None:
    assert one_line(" a\n\tb  c ") == "a b c"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("wait_s", 0.25, "wait 0.25 s"),
        ("rate_per_s", 12345.6, "rate 12,346 per s"),
        ("rotation_degrees", 0.2, "rotation 0.2 degrees"),
        ("changed_percent", 38.0, "changed 38 %"),
        ("cache_bytes", 3 << 20, "cache 3 MiB"),
        ("share_same", 0.99999, "share same > 99.9 %"),
        ("b_added_share", -1.5, "B added share -150 %"),
        ("examples", 12345, "examples 12,345"),
        ("s", 3, "s 3"),
        ("fresh", True, "fresh yes"),
        ("low", None, "low unknown"),
        ("high", float("-inf"), "high -infinite"),
        ("side", "A", "side A"),
    ],
)
def test_evidence_reads_as_words(name: str, value: float | str | None, expected: str) -> None:
    assert said(name, value) == expected


def test_numbers() -> None:
    assert [number(v) for v in (0, 1e-9, 1234.5, float("nan"))] == ["0", "1e-09", "1,234", "NaN"]
    assert [counted(1, "batch"), counted(2, "batch"), counted(3, "epoch")] == [
        "1 batch",
        "2 batches",
        "3 epochs",
    ]
    assert [percent(1.0), percent(0.9999), percent(0.5)] == ["100 %", "> 99.9 %", "50 %"]
    assert [size(100), size(1536), size(5 << 40)] == ["100 bytes", "1.5 KiB", "5 TiB"]
