"""The answer in a paragraph."""

from __future__ import annotations

from collections.abc import Sequence

from twinfeed._core.finding import Finding, Severity, Undecided
from twinfeed._core.results import Side, Verdict

_MOST = 3


def verdict(
    feeds: Sequence[Side],
    findings: Sequence[Finding],
    undecided: Sequence[Undecided],
    *,
    complete: bool,
) -> Verdict:
    """Weigh what was found into one paragraph."""
    grave = [found for found in findings if found.severity is not Severity.NOTE]
    cut = "" if complete else " The work was interrupted, so this rests on a part only."
    looked = "1 feed" if len(feeds) == 1 else f"{len(feeds)} feeds"
    if grave:
        said = [found.sentence for found in grave[:_MOST]]
        rest = len(grave) - len(said)
        more = f"; and {rest} more below" if rest else ""
        count = "1 fault" if len(grave) == 1 else f"{len(grave)} faults"
        return Verdict("faults", f"{count} in {looked}: {'; '.join(said)}{more}.{cut}")
    if not complete:
        return Verdict("undecided", f"Nothing was found in the part that was looked at.{cut}")
    if all(feed.plan is None for feed in feeds):
        return Verdict(
            "undecided",
            f"The steps of {looked} are hidden by the library, so hardly a rule could be asked.",
        )
    notes = len(findings)
    also = f" {notes} note{'s' if notes != 1 else ''} below." if notes else ""
    open_ = f" {len(undecided)} could not be decided." if undecided else ""
    return Verdict("clean", f"No fault was found in {looked}.{also}{open_}")
