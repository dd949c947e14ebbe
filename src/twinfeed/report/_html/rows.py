"""Tables of a report as plain rows."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from twinfeed._core.finding import Finding
from twinfeed._core.results import Ledger
from twinfeed.report._findings import place as place_of
from twinfeed.report._html import charts
from twinfeed.report._words import STRENGTHS
from twinfeed.report.clean import clean, one_line
from twinfeed.report.numbers import number, percent, said


@dataclass(frozen=True, slots=True)
class Cause:
    """A finding as the page prints it; every text is clean, none is escaped yet."""

    place: int
    code: str
    name: str
    severity: str
    strength: str
    rests_on: str
    sentence: str
    evidence: tuple[str, ...]
    fix_title: str
    fix_code: str
    where: str = ""


def cause(place: int, finding: Finding) -> Cause:
    """One finding."""
    evidence = [
        said(one_line(name), value) for name, value in finding.evidence.items() if value != ""
    ]
    return Cause(
        place=place,
        code=one_line(finding.code),
        name=one_line(finding.name),
        severity=finding.severity.value,
        strength=finding.strength.value,
        rests_on=STRENGTHS[finding.strength],
        sentence=one_line(finding.sentence),
        evidence=tuple(evidence),
        fix_title=one_line(finding.fix.title) if finding.fix else "",
        fix_code=clean(finding.fix.code) if finding.fix else "",
        where=place_of(finding.at),
    )


@dataclass(frozen=True, slots=True)
class Fall:
    """One step of the waterfall."""

    share: str
    interval: str
    bar: Markup
    step: str
    says: str
    left: str


def waterfall(ledger: Ledger) -> list[Fall]:
    """The steps of a ledger, each bar beginning where the one before ended."""
    found: list[Fall] = []
    start = 0.0
    for share in ledger.shares:
        width = max(0.0, share.share)
        ends = start + share.low, min(1.0, start + share.high)
        found.append(
            Fall(
                percent(share.share),
                f"{percent(share.low)} to {percent(share.high)}",
                charts.bar(start, min(1.0, start + width), max(0.0, ends[0]), ends[1]),
                one_line(share.step),
                one_line(share.says),
                number(share.left_rms),
            )
        )
        start = min(1.0, start + width)
    found.append(
        Fall(
            percent(ledger.unexplained),
            f"{percent(ledger.low)} to {percent(ledger.high)}",
            charts.bar(max(0.0, 1 - max(0.0, ledger.unexplained)), 1.0),
            "unexplained",
            "",
            "",
        )
    )
    return found
