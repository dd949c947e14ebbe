"""Which findings are one cause: those that one change of B's feed takes away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from twinfeed._core.finding import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A sort of cause.

    Attributes:
        title: What it is, in a few words.
        codes: Findings that it stands for.
        does: What takes it away, in one sentence without full stop.
    """

    title: str
    codes: tuple[str, ...]
    does: str


KINDS: Mapping[str, Kind] = {
    "values": Kind(
        title="value range",
        codes=("VAL201", "VAL202", "VAL203"),
        does="B's values are mapped back on A's range by the line that was fitted",
    ),
    "channels": Kind(
        title="channel order",
        codes=("GEO202",),
        does="B's channels are put into A's order",
    ),
    "channel-count": Kind(
        title="number of channels",
        codes=("GEO203",),
        does="B's pictures get as many channels as A's",
    ),
    "layout": Kind(
        title="layout",
        codes=("GEO204",),
        does="the channel axis of B is put where A has it",
    ),
    "pictures": Kind(
        title="pictures",
        codes=(
            "GEO201", "GEO206", "VAL205", "VAL206", "VAL207",
            "PIX201", "PIX202", "PIX203", "PIX204", "PIX205", "PIX206", "PIX207", "PIX208",
            "PIX209", "PIX210", "PIX211",
        ),
        does="each example of B is shown as A shows it in the same epoch",
    ),
    "augmentation": Kind(
        title="augmentation",
        codes=(
            "AUG201", "AUG204", "AUG205", "AUG206", "AUG207", "AUG209", "AUG210", "AUG211",
            "AUG212", "AUG213", "AUG216",
        ),
        does="each example of B is augmented as A augments it, if it does",
    ),
    "frozen": Kind(
        title="frozen augmentation",
        codes=("AUG202", "AUG203", "AUG214", "PIP204"),
        does="B's augmentation is drawn anew in each epoch",
    ),
    "label-form": Kind(
        title="form of the labels",
        codes=("LBL201",),
        does="B's labels get the form of A's",
    ),
    "labels": Kind(
        title="labels",
        codes=("LBL202", "LBL204", "LBL205"),
        does="each example of B gets the label that A gives it",
    ),
    "examples": Kind(
        title="which examples",
        codes=("BAT205", "BAT206"),
        does="B's epochs hold the examples of A's, each as often",
    ),
    "remainder": Kind(
        title="last partial batch",
        codes=("BAT203",),
        does="B treats the rest of an epoch as A does",
    ),
    "length": Kind(
        title="length of an epoch",
        codes=("BAT202", "BAT204", "BAT207", "BAT211", "BAT212"),
        does="B's epochs are cut from its stream as long as A's",
    ),
    "order": Kind(
        title="order",
        codes=("ORD201", "ORD202", "ORD203", "ORD204", "ORD206", "PIP205"),
        does="B's examples come in the order of A's epochs",
    ),
    "batch-size": Kind(
        title="batch size",
        codes=("BAT201",),
        does="B's examples are cut into batches of A's size",
    ),
}  # fmt: skip
_SPEED = ("PIP201", "PIP202", "PIP203", "PIP206", "PIP207", "SPD", "ENV")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A cause that was found in a pair of feeds.

    Attributes:
        key: Its kind's key, or the code of a finding that no change takes away.
        title: What it is.
        findings: What it was seen by.
        does: What takes it away; empty where nothing does.
        why_not: Why nothing does.
    """

    key: str
    title: str
    findings: tuple[Finding, ...]
    does: str = ""
    why_not: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of its findings."""
        return tuple(dict.fromkeys(one.code for one in self.findings))


def causes_of(findings: Iterable[Finding]) -> tuple[list[Cause], list[Finding]]:
    """Sort findings into causes of what is learned, and those that no training can feel.

    Args:
        findings: Of a comparison, most important first.

    Returns:
        The causes, in the order in which changes fit each other; and the rest.
    """
    by_key: dict[str, list[Finding]] = {}
    ignored: list[Finding] = []
    for found in findings:
        if found.severity is Severity.NOTE or found.code.startswith(_SPEED):
            ignored.append(found)
            continue
        key = next((key for key, kind in KINDS.items() if found.code in kind.codes), found.code)
        by_key.setdefault(key, []).append(found)
    order = [*KINDS, *(key for key in by_key if key not in KINDS)]
    return [_cause(key, tuple(by_key[key])) for key in order if key in by_key], ignored


def separable(causes: list[Cause], *, can_thaw: bool, apart: bool = False) -> list[Cause]:
    """Causes as they can be taken away apart from each other.

    Args:
        causes: As they were found.
        can_thaw: Whether B can be built with its augmentation drawn anew in each epoch.
        apart: Whether the pictures of the side that augments can be had without augmentation.
    """
    keys = {cause.key for cause in causes}
    if "augmentation" in keys and not (apart and "pictures" in keys and "frozen" not in keys):
        causes = _augmentation_as_pictures(causes)
        keys = {cause.key for cause in causes}
    if {"length", "examples"} <= keys:  # other examples make other lengths
        causes = _merged(causes, "examples", "length")
    if {"length", "remainder"} <= keys:  # and so does a rest that is left out
        causes = _merged(causes, "remainder", "length")
    if {"frozen", "pictures"} <= keys and not can_thaw:
        causes = _merged(causes, "pictures", "frozen")
    return causes


def _augmentation_as_pictures(causes: list[Cause]) -> list[Cause]:
    """How examples are read and augmented as one cause: pictures show both at once."""
    if any(cause.key == "pictures" for cause in causes):
        return _merged(causes, "pictures", "augmentation")
    does = KINDS["pictures"].does
    return [
        replace(one, key="pictures", does=does) if one.key == "augmentation" else one
        for one in causes
    ]


def _merged(causes: list[Cause], into: str, other: str) -> list[Cause]:
    gone = next((cause for cause in causes if cause.key == other), None)
    if gone is None:
        return causes
    return [
        replace(cause, findings=(*cause.findings, *gone.findings)) if cause.key == into else cause
        for cause in causes
        if cause is not gone
    ]


def _cause(key: str, findings: tuple[Finding, ...]) -> Cause:
    kind = KINDS.get(key)
    if kind is None:
        why = "no change of B's batches takes this away: it needs your code"
        title = findings[0].name.replace("-", " ")
        return Cause(key=key, title=title, findings=findings, why_not=why)
    return Cause(key=key, title=kind.title, findings=findings, does=kind.does)
