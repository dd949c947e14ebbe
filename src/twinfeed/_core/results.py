"""What a comparison or a look at one feed answers: frozen values that renderers only read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, TypeAlias

from twinfeed._core.augmentation import Augmentation
from twinfeed._core.exhibits import Exhibits
from twinfeed._core.finding import Finding, Undecided
from twinfeed._core.plan import Plan, Setting
from twinfeed._core.spec import FeedSpec

VerdictKind: TypeAlias = Literal["same", "different", "undecided", "framework", "clean", "faults"]
SCHEMA_VERSION = "1.3"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer.

    Attributes:
        kind: Of two feeds ``same``, ``different``, ``undecided``, or ``framework`` (equal feeds,
            unequal results); of one ``clean``, ``faults`` or ``undecided``.
        text: One paragraph that a tired person understands.
    """

    kind: VerdictKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A feed, as a report shows it.

    Attributes:
        label: ``"A"`` or ``"B"`` of two that are compared; ``"1"``, ``"2"``, ... of those looked at alone.
        name: The user's own name for it.
        library: What built it.
        role: The Keras call that used it, or ``feed``.
        spec: The leaves of its batches.
        plan: Its steps, or ``None``.
        batches: Batches per epoch as stated.
        examples: Examples per epoch as stated.
        examples_read: Examples that were looked at, over all epochs.
        epochs_read: Passes that were looked at.
        metrics: Each epoch's training logs, by name.
        notes: What must be said about how it was read.
        examples_per_s: Examples per second once it runs; ``None`` where that was not measured.
        first_batch_s: Seconds to the first batch; ``None`` where that was not measured.
        arguments: What the Keras call was told that concerns the feed, as far as it is known.
    """

    label: str
    name: str
    library: str
    role: str
    spec: FeedSpec
    plan: Plan | None
    batches: int | None
    examples: int | None
    examples_read: int
    epochs_read: int
    metrics: Mapping[str, tuple[float, ...]] = field(default_factory=dict[str, tuple[float, ...]])
    notes: tuple[str, ...] = ()
    examples_per_s: float | None = None
    first_batch_s: float | None = None
    arguments: Mapping[str, Setting] = field(default_factory=dict[str, Setting])


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """How the examples of the two feeds were matched.

    Attributes:
        method: ``id``, ``content``, ``likeness``, ``values``, ``parts``, ``place`` or ``none``.
        pairs: Examples matched one to one.
        left: Distinct examples seen in A.
        right: Distinct examples seen in B.
        confidence: Estimated share of the pairs that are right, 0 to 1; 1 is exact.
    """

    method: str
    pairs: int
    left: int
    right: int
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One step from A's pictures to B's, and what it explains.

    Attributes:
        step: The kind of step, coarse before fine: ``layout``, ``size``, ``orientation``,
            ``crop and scale``, ``channels``, ``values``, ``tone curve``, ``levels``,
            ``encoding``, ``resize kernel``, ``sharpness``, ``decoder``.
        says: What it is in this pair of feeds.
        share: Share of the squared difference that goes with it, 0 to 1.
        low: Lower end of the 95 % interval.
        high: Upper end of it.
        pairs: Pairs it was scored on; it was fitted on others.
        left_rms: Root mean square that is left behind it, in B's values.
    """

    step: str
    says: str
    share: float
    low: float
    high: float
    pairs: int
    left_rms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """Where the squared difference of paired pictures goes, step by step.

    The shares and ``unexplained`` sum to 1.

    Attributes:
        shares: The steps that pay, coarse before fine.
        unexplained: Share that no step explains, 0 to 1.
        low: Lower end of its 95 % interval.
        high: Upper end of it.
        pairs: Pairs that everything was scored on.
        fitted_pairs: Other pairs that the steps were fitted on.
        rms: Root mean square of the whole difference, in B's values.
    """

    shares: tuple[Share, ...]
    unexplained: float
    low: float
    high: float
    pairs: int
    fitted_pairs: int
    rms: float


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that the user knows of and does not want to see.

    Attributes:
        finding: What was found.
        by: What suppresses it: a comment in the code, the baseline, the configuration, or a
            tolerance.
    """

    finding: Finding
    by: Literal["comment", "baseline", "config", "tolerance"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Report:
    """The answer to "why do these two differ?", with its evidence.

    Attributes:
        verdict: The answer in a paragraph.
        findings: Causes, most important first.
        undecided: Questions that the observation could not settle.
        left: Feed A.
        right: Feed B.
        pairing: How examples were matched.
        complete: ``False`` if the work was interrupted.
        environment: Versions and machine, by name.
        tool_version: The version of twinfeed that made it.
        ledger: Where the difference of paired pictures goes; ``None`` where they are equal,
            or too few are paired, or chance stands between them.
        exhibits: Pictures and the points of charts; not part of the JSON.
        suppressed: Findings within the tolerances of a check; the verdict leaves them out.
        command: What was asked: ``diff``, or ``check`` where A is what was approved.
        augmentation: What A and B draw at random, as recovered from their examples; empty where
            neither draws anything, or they hold no pictures.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]
    left: Side
    right: Side
    pairing: Pairing
    complete: bool
    environment: Mapping[str, str]
    tool_version: str
    ledger: Ledger | None = None
    exhibits: Exhibits = field(default_factory=Exhibits, compare=False)
    suppressed: tuple[Suppressed, ...] = ()
    command: Literal["diff", "check"] = "diff"
    augmentation: tuple[Augmentation, ...] = ()

    def __repr__(self) -> str:
        """The verdict and a line per cause; the fields hold whole tables."""
        return _told(self.verdict, self.findings, "Report")

    def save(self, path: str | Path) -> None:
        """Write the report: HTML, JSON or text, by the end of the name.

        Args:
            path: Ends in ``.html``, ``.json`` or ``.txt``; a report that stands there is replaced.

        Raises:
            UsageError: If the name ends otherwise, or something that is no report stands there.
        """
        renderer("write_report")(self, Path(path))

    def _repr_html_(self) -> str:
        """The report in a notebook."""
        return renderer("to_notebook")(self)

    @property
    def ok(self) -> bool:
        """Whether nothing above a note was found and nothing was cut short."""
        return self.complete and self.verdict.kind == "same"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LintReport:
    """The faults of one pipeline, or of every feed of a script.

    Attributes:
        verdict: The answer in a paragraph.
        findings: Faults, most important first; each says where it is.
        undecided: Questions that could not be settled.
        feeds: The feeds that were looked at, in the order of their first use.
        complete: ``False`` if the work was interrupted.
        environment: Versions and machine, by name.
        tool_version: The version of twinfeed that made it.
        notes: What must be said about how it was made.
        suppressed: Findings that the user does not want to see; the verdict leaves them out.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    undecided: tuple[Undecided, ...]
    feeds: tuple[Side, ...]
    complete: bool
    environment: Mapping[str, str]
    tool_version: str
    notes: tuple[str, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()

    def __repr__(self) -> str:
        """The verdict and a line per finding; the fields hold whole tables."""
        return _told(self.verdict, self.findings, "LintReport")

    def save(self, path: str | Path) -> None:
        """Write the report: HTML, JSON or text, by the end of the name.

        Args:
            path: Ends in ``.html``, ``.json`` or ``.txt``; a report that stands there is replaced.

        Raises:
            UsageError: If the name ends otherwise, or something that is no report stands there.
        """
        renderer("write_report")(self, Path(path))

    def _repr_html_(self) -> str:
        """The report in a notebook."""
        return renderer("to_notebook")(self)

    @property
    def ok(self) -> bool:
        """Whether nothing above a note was found and nothing was cut short."""
        return self.complete and self.verdict.kind == "clean"


def _told(verdict: Verdict, findings: tuple[Finding, ...], kind: str) -> str:
    lines = [f"<{kind} {verdict.kind}: {verdict.text}"]
    lines += [f"  {f.severity.value} {f.code} {f.name}: {f.sentence}" for f in findings]
    # Names of classes and files may hold control characters, which a terminal would obey.
    shown = ("".join(c if c.isprintable() else "?" for c in line) for line in lines)
    return "\n".join(shown) + ">"


def renderer(name: str) -> Callable[..., Any]:
    """Something of ``twinfeed.report``."""
    # By name, because values stand below what renders them; only these two conveniences look up.
    return getattr(import_module("twinfeed.report"), name)
