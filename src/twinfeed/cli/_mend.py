"""``twinfeed lint --fix``: changing the user's code, and keeping what is proved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import click

from twinfeed.cli._exits import put, tell
from twinfeed.errors import UsageError

if TYPE_CHECKING:
    from twinfeed._core.finding import Finding
    from twinfeed._core.results import LintReport
    from twinfeed._core.trace import Trace
    from twinfeed.port.mend import Mended
    from twinfeed.port.outcome import Ported

    Looked: TypeAlias = tuple[LintReport, Sequence[Trace]]

_MOST_ROUNDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Mending:
    """How code is changed.

    Attributes:
        unsafe: Also make changes that give other examples, another order or other values.
        show: Print the change and write nothing.
        verbosity: -1 says nothing but results.
    """

    unsafe: bool
    show: bool
    verbosity: int

    def shown(self, report: LintReport) -> bool:
        """Print the change as a unified diff; whether there is one."""
        from twinfeed.cli.port import difference
        from twinfeed.port.mend import mend

        made = mend(report, unsafe=self.unsafe)
        self._say(made)
        for file in made.files:
            put(difference(file))
        return bool(made.files)

    def mended(
        self,
        report: LintReport,
        traces: Sequence[Trace],
        again: Callable[[], Looked | None],
    ) -> LintReport:
        """Change the code, look again, and take back what is not proved.

        Changes that touch the same call are made one round after the other.

        Args:
            report: What was found.
            traces: What was seen of the feeds.
            again: Looks once more; ``None`` if the code no longer runs.

        Returns:
            What is found in the code as it is now.
        """
        from twinfeed.port.mend import mend

        tried: set[tuple[str, str | None]] = set()
        for number in range(_MOST_ROUNDS):
            left = replace(
                report, findings=tuple(f for f in report.findings if _key(f) not in tried)
            )
            made = mend(left, unsafe=self.unsafe)
            if not number or made.files:
                self._say(made)
            if not made.files:
                break
            tried |= {_key(one) for one in made.done}
            seen = self._proved(made, report, traces, again)
            if seen is None:
                break
            report, traces = seen
        return report

    def _proved(
        self,
        made: Mended,
        report: LintReport,
        traces: Sequence[Trace],
        again: Callable[[], Looked | None],
    ) -> Looked | None:
        from twinfeed.port import replace_file

        written: list[Ported] = []
        why = "it no longer runs to its end"
        kept = taken_back = False
        try:
            for file in made.files:
                replace_file(file)
                written.append(file)
            seen = again()
            if seen is not None:
                why = _why_not(made, report, traces, seen)
                kept = not why
            if kept:
                return seen
        except UsageError as error:  # the rest cannot be written
            tell(error, traceback=False)
            why = "it cannot be written"
        finally:
            # Also after Ctrl-C: what is not proved does not stay.
            taken_back = kept or _all_taken_back(written)
        if taken_back:
            click.echo(f"Taken back: {why}. Your code is as it was.", err=True)
        return None

    def _say(self, made: Mended) -> None:
        from twinfeed.port.mend import mended_lines
        from twinfeed.report.clean import one_line

        if self.verbosity >= 0:
            for line in mended_lines(made):
                click.echo(one_line(line), err=True)


def _all_taken_back(written: Sequence[Ported]) -> bool:
    """Put back what stood there before; a file that someone has changed meanwhile stays and is named."""
    from twinfeed.port import replace_file

    left: list[str] = []
    for file in written:
        try:
            replace_file(replace(file, before=file.after, after=file.before))
        except UsageError as error:
            left.append(str(error).partition("\n")[0].removeprefix("Given "))
    for name in left:
        click.echo(f"Not taken back, and not proved: {name}", err=True)
    return not left


def _key(finding: Finding) -> tuple[str, str | None]:
    """What stays of a finding when its line moves."""
    return finding.code, finding.at.file if finding.at else None


def _why_not(made: Mended, report: LintReport, traces: Sequence[Trace], seen: Looked) -> str:
    """What is not as it should be after the change; empty if all is."""
    before, after = (Counter(_key(one) for one in r.findings) for r in (report, seen[0]))
    for key, wanted in Counter(_key(one) for one in made.done).items():
        if after[key] > before[key] - wanted:
            return f"{key[0]} is still found"
    # A shuffle that mixes examples at last may turn out to be short, which is said then.
    worse = {"error", "warning"} if made.is_safe else {"error"}
    new = {
        one.code
        for one in seen[0].findings
        if one.severity.value in worse and _key(one) not in before
    }
    if new:
        return f"{min(new)} is found now"
    if len(traces) != len(seen[1]):
        return "another number of feeds is used"
    touched = {one.at.feed for one in made.done if one.at} if not made.is_safe else set[int]()
    for number, (old, now) in enumerate(zip(traces, seen[1], strict=True)):
        if number not in touched and (changed := _differs(old, now)):
            return f"feed {number + 1} is another now: {changed}"
    return ""


def _differs(old: Trace, now: Trace) -> str:
    """What a feed gives now that it did not give before, or the other way round."""
    from twinfeed.diff import CATALOGUE, compare

    if not len(old.rows) or not len(now.rows):
        return ""
    # How a feed is built and how fast it is are what was to change.
    measures = [m for code, m in CATALOGUE.items() if not code.startswith(("PIP", "SPD"))]
    sides = [
        replace(trace, fit=replace(trace.fit, metrics={}) if trace.fit else None)
        for trace in (old, now)
    ]
    found = compare(sides[0], sides[1], measures=measures).findings
    return next((f"{f.code} {f.sentence}" for f in found if f.severity.value != "note"), "")
