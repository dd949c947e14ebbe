"""From a pipeline to a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from twinfeed._core.plan import Setting
from twinfeed._core.results import LintReport
from twinfeed._core.select import chosen
from twinfeed._core.spec import FeedSpec
from twinfeed._core.trace import Trace
from twinfeed.feeds import as_feed
from twinfeed.lint._budgets import SAMPLE, WHOLE
from twinfeed.lint._catalogue import CATALOGUE
from twinfeed.lint._rule import Rule
from twinfeed.lint._run import lint_subjects
from twinfeed.lint._subject import Role, Subject, Use
from twinfeed.observe._handed import spec_of_given
from twinfeed.observe.budget import Budget
from twinfeed.observe.read import observe


def lint(
    feed: object,
    /,
    *,
    role: Role | None = None,
    fit: Mapping[str, Setting] | None = None,
    select: str | Iterable[str] | None = None,
    ignore: str | Iterable[str] | None = None,
    sample: bool = True,
    whole_epoch: bool = False,
    name: str | None = None,
) -> LintReport:
    """Name the faults of one pipeline.

    Args:
        feed: Anything ``keras.Model.fit`` accepts, or a ``Feed``.
        role: What it is for: ``"training"``, ``"evaluation"`` or ``"predict"``. Rules that
            depend on it are silent where it is not given.
        fit: The arguments of the Keras call, e.g. ``{"epochs": 5, "steps_per_epoch": 100}``.
        select: Look for these rules only: codes, families (``"ORD"``) or names.
        ignore: Do not look for these.
        sample: Let rules read some batches of a copy of the pipeline.
        whole_epoch: Let rules read a whole epoch of it.
        name: What the report calls it.

    Returns:
        The verdict and the faults, each with the step where it is. The line in your code is
        known only to ``twinfeed lint``, which watches the pipeline while it is built.

    Raises:
        UsageError: If a code, a role or an argument means nothing.
    """
    subject = subject_of(
        feed,
        use=Use(role=role or ("training" if fit is not None else "unknown"), arguments=fit),
        sample=sample,
        whole_epoch=whole_epoch,
        name=name,
    )
    return lint_subjects([subject], rules=_chosen(select, ignore))


def subject_of(
    feed: object,
    *,
    use: Use | None = None,
    sample: bool = True,
    whole_epoch: bool = False,
    name: str | None = None,
) -> Subject:
    """A feed as rules see it; nothing is read before a rule asks."""
    seen = as_feed(feed)
    named = name or seen.name

    def read(budget: Budget) -> Trace:
        return observe(seen, budget=budget, name=named)

    return Subject(
        name=named,
        plan=seen.plan,
        use=use or Use(),
        spec=spec_of_given(feed) or seen.spec or FeedSpec(()),
        batches=seen.batches,
        examples=seen.examples,
        infinite=seen.infinite,
        read=(lambda: read(SAMPLE)) if sample else None,
        read_epoch=(lambda: read(WHOLE)) if whole_epoch else None,
        notes=seen.notes,
    )


def _chosen(
    select: str | Iterable[str] | None, ignore: str | Iterable[str] | None
) -> Iterable[Rule] | None:
    if select is None and ignore is None:
        return None
    return chosen(CATALOGUE, _words(select), _words(ignore))


def _words(given: str | Iterable[str] | None) -> tuple[str, ...]:
    if given is None:
        return ()
    return (given,) if isinstance(given, str) else tuple(given)
