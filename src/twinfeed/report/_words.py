"""What every form of a report says in the same words."""

from __future__ import annotations

from twinfeed._core.finding import Strength
from twinfeed._core.results import Pairing
from twinfeed.report.clean import one_line
from twinfeed.report.numbers import counted, percent

HEADER = "twinfeed report"
"""How every report for a terminal begins."""

HTML_HEADER = "<!doctype html>\n<!-- twinfeed report -->"
"""How every report in HTML begins."""

STRENGTHS = {
    Strength.PROVEN: "proven: without it the effect is gone",
    Strength.MEASURED: "measured in the data",
    Strength.READ: "read from the plan only",
    Strength.PRIOR: "known from literature, not seen here",
}
_METHODS = {
    "id": "by the names of the examples",
    "content": "by equal content",
    "likeness": "by likeness",
    "values": "by the values that they hold, wherever those stand",
    "parts": "by what stayed the same in them",
    "place": "by their place, which both feeds share",
}


def pairing_text(pairing: Pairing) -> str:
    """How examples were matched, in a sentence."""
    seen = f"{counted(pairing.left, 'example')} of A and {counted(pairing.right, 'example')} of B"
    if not pairing.pairs:
        return f"Pairing: none of {seen} could be matched."
    sure = f"{percent(pairing.confidence)} of them right".replace("> ", "more than ")
    if pairing.method in {"id", "content"} and pairing.confidence >= 1:
        sure = "exact"
    method = _METHODS.get(pairing.method, f"by {one_line(pairing.method)}")
    return f"Pairing: {counted(pairing.pairs, 'pair')} from {seen}, {method} ({sure})."
