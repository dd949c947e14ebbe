"""What a gap between two trainings comes from: frozen values that renderers only read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Literal, TypeAlias

from twinfeed._core.finding import Finding
from twinfeed._core.results import Report, Verdict, renderer

Proof: TypeAlias = Literal["proven", "refuted", "unbuilt"]
ATTRIBUTION_SCHEMA = "1.0"
_SLOWER = 1.2  # times as long, from which it is worth a word


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over paired seeds with its 95 % interval.

    Attributes:
        value: The estimate, in the unit of its gap.
        low: Lower end of the interval; minus infinity where one seed alone was trained.
        high: Upper end of it.
    """

    value: float
    low: float
    high: float

    @property
    def beyond_noise(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseShare:
    """What one cause contributes to a gap.

    A cause is what one change of B takes away; several findings may be one cause.

    Attributes:
        key: Its short name, unique in an attribution, e.g. ``"values"``.
        title: What it is, in a few words: ``"value range"``.
        codes: Codes of the findings that it stands for, e.g. ``("VAL201", "VAL203")``.
        intervention: What was done to B's feed to take it away, in one sentence without full stop.
        proof: ``proven`` if looking again found it gone, ``refuted`` if it was still there,
            ``unbuilt`` if no intervention could be built.
        proof_text: What looking again saw, or why nothing could be built.
        share: Its part of the gap (its Shapley value); ``None`` where it was not measured, which
            leaves its part in ``Gap.unexplained``.
        alone: What B gains when only this cause is taken away; ``None`` where not measured.
        last: What B gains when this cause is taken away after all others; ``None`` where not
            measured.
        members: Keys of the causes that were measured as one because there are many; else empty.
    """

    key: str
    title: str
    codes: tuple[str, ...]
    intervention: str
    proof: Proof
    proof_text: str
    share: Estimate | None = None
    alone: Estimate | None = None
    last: Estimate | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """Two causes whose common effect is not the sum of their own.

    Attributes:
        keys: The two causes.
        value: What both give together beyond the sum of each, averaged over the other causes; its
            interval is as wide as the number of pairs that were looked at demands.
    """

    keys: tuple[str, str]
    value: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One combination that was trained or timed: B without some of its causes.

    Attributes:
        without: Keys of the causes that were taken away.
        result: Its metric.
        values: The metric per seed, in the order of the seeds.
    """

    without: tuple[str, ...]
    result: Estimate
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A gap between A and B, shared out.

    ``gap.value`` is the sum of the measured shares and of ``unexplained`` exactly.

    Attributes:
        metric: What was measured: ``"accuracy"``, ``"loss"``, ``"seconds per epoch"``.
        when: ``last`` or ``best`` epoch of a training; ``median`` for times.
        unit: ``"points"`` (hundredths) for shares, ``"s"`` for times, else empty.
        a: The metric of A, in the unit.
        b: The metric of B, in the unit.
        gap: A less B.
        shares: One per cause, largest first, then those that could not be measured.
        unexplained: What is left when every measured cause is gone: A less B without them.
        interactions: Pairs of causes that do not simply add up.
        arms: What was trained or timed, B as it is first.
        seeds: Paired seeds (or rounds of timing).
        method: How the shares were found, in words.
        detectable: The smallest gap that so many seeds would have shown with power 0.8.
    """

    metric: str
    when: str
    unit: str
    a: Estimate
    b: Estimate
    gap: Estimate
    shares: tuple[CauseShare, ...]
    unexplained: Estimate
    interactions: tuple[Interaction, ...]
    arms: tuple[Arm, ...]
    seeds: int
    method: str
    detectable: float

    def title_of(self, key: str) -> str:
        """What a cause is, in a few words."""
        return next((one.title for one in self.shares if one.key == key), key)

    @property
    def slower(self) -> str:
        """Of seconds: the side that takes markedly longer, beyond noise; empty if neither."""
        if self.unit != "s" or not self.gap.beyond_noise or not min(self.a.value, self.b.value):
            return ""
        if max(self.a.value, self.b.value) < _SLOWER * min(self.a.value, self.b.value):
            return ""
        return "B" if self.gap.value < 0 else "A"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    """A difference in how the two trainings use their feeds.

    Attributes:
        what: What differs: ``"optimizer"``, ``"run_eagerly"``, ``"dtype policy"``, ``"weights"``.
        a: How it is in A, in a few words.
        b: How it is in B.
    """

    what: str
    a: str
    b: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Attribution:
    """How much of the gap between two trainings each cause explains.

    Attributes:
        verdict: The answer; ``framework`` where the feeds are equal and the results are not.
        report: The comparison of the two feeds, whose findings the causes stand for.
        accuracy: The gap in the metric; ``None`` if nothing was trained.
        speed: The gap in seconds per epoch; ``None`` if nothing was timed.
        ignored: Findings that no training can feel, such as notes.
        clues: Where the two trainings differ beside their feeds.
        network: What was trained, in words.
        evaluation: What it was evaluated on, in words.
        trainings: Trainings that ended.
        seconds: Seconds that the work took, resumed parts included.
        notes: What must be said about how it was made.
        complete: ``False`` if the work was interrupted; then it rests on what there was.
        environment: Versions and machine, by name.
        tool_version: The version of twinfeed that made it.
    """

    verdict: Verdict
    report: Report
    accuracy: Gap | None
    speed: Gap | None
    ignored: tuple[Finding, ...]
    clues: tuple[Clue, ...]
    network: str
    evaluation: str
    trainings: int
    seconds: float
    notes: tuple[str, ...]
    complete: bool
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    tool_version: str = ""

    @property
    def headline(self) -> str:
        """The answer in a few words, what was decided first."""
        seconds = self.speed is not None and bool(self.speed.slower)
        metric = self.accuracy.metric if self.accuracy else "trainings"
        told = self.accuracy is not None and self.accuracy.gap.beyond_noise
        match self.verdict.kind:
            case "same":
                return f"No gap in {metric}, a gap in seconds" if seconds else "No gap beyond noise"
            case "different":
                return f"A gap in seconds, {metric} undecided" if not told else "A gap, shared out"
            case "framework":
                return "Equal feeds, unequal results"
            case kind:
                return kind.capitalize()

    def __repr__(self) -> str:
        """The verdict and a line per cause."""
        lines = [f"<Attribution {self.verdict.kind}: {self.verdict.text}"]
        for gap in (self.accuracy, self.speed):
            for one in gap.shares if gap else ():
                said = (
                    f"{one.share.value:+.2f} ({one.share.low:+.2f} to {one.share.high:+.2f})"
                    if one.share
                    else "not measured"
                )
                lines.append(f"  {one.title} ({', '.join(one.codes)}): {said}")
        shown = ("".join(c if c.isprintable() else "?" for c in line) for line in lines)
        return "\n".join(shown) + ">"

    def save(self, path: str | Path) -> None:
        """Write the answer: HTML, JSON or text, by the end of the name.

        Args:
            path: Ends in ``.html``, ``.json`` or ``.txt``; a report that stands there is replaced.

        Raises:
            UsageError: If the name ends otherwise, or something that is no report stands there.
        """
        forms = import_module("twinfeed.attribute.render")  # above what it renders
        renderer("write_as")(Path(path), partial(forms.rendered, self))

    def _repr_html_(self) -> str:
        """The answer in a notebook."""
        return renderer("attribution_notebook")(self)
