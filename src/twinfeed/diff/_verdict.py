"""The answer in a paragraph."""

from __future__ import annotations

from collections.abc import Sequence

from twinfeed._core.finding import Finding, Severity, Undecided
from twinfeed._core.results import Pairing, Verdict
from twinfeed.diff._failures import FAILED, failed
from twinfeed.diff._policy._randomness import OPEN_DRAWS
from twinfeed.diff._policy._spread import OPEN_POLICY
from twinfeed.diff._twins import Twins
from twinfeed.diff._unnamed import DIFFER
from twinfeed.diff._values._apart import apart

_MOST_CAUSES = 3
_FEW_PAIRS = 20
_RECOGNISED = 0.5  # share of whole feeds whose examples must be recognised to speak for them
_ACCURACY_GAP = 0.02  # what two seeds of one small training commonly differ by
_LOSS_GAP = 0.1
_SHORT_CLAIM = 24  # a claim below this needs its numbers to mean something


def verdict(
    twins: Twins,
    findings: Sequence[Finding],
    undecided: Sequence[Undecided],
    pairing: Pairing,
    *,
    complete: bool,
) -> Verdict:
    """Weigh what was found into one paragraph."""
    grave = [found for found in findings if found.severity is not Severity.NOTE]
    cut = "" if complete else " The work was interrupted, so this rests on a part only."
    if grave:
        return Verdict("different", _different(twins, grave, pairing) + cut)
    if pairing.pairs == 0 and not _counted(twins):
        return Verdict(
            "undecided",
            f"{_names(twins)} have no example in common that could be recognised, so nothing can be"
            " said about how they treat the same data. Compare feeds of the same data, or read"
            f" more of each with --examples.{cut}",
        )
    if not complete:
        return Verdict("undecided", f"Nothing was found in the part that was read.{cut}")
    open_still = _undecided(twins, undecided, pairing)
    if open_still:
        return Verdict("undecided", open_still)
    gap = _metric_gap(twins)
    if gap:
        return Verdict(
            "framework",
            f"{_names(twins)} feed the same data in the same way, and yet the results differ"
            f" ({gap}, one run each). What remains is on the other side of the feed: chance, which"
            " other seeds would show, the model, the optimiser, or the framework.",
        )
    notes = len(findings)
    also = f" {notes} note{'s' if notes != 1 else ''} below." if notes else ""
    known = apart(twins)
    slightly = " but for what the notes name," if notes and known and known.differing else ""
    return Verdict(
        "same",
        f"{_names(twins)} are the same feed{slightly} as far as {pairing.pairs:,} paired examples show"
        f" (paired by {pairing.method}).{also}",
    )


def _different(twins: Twins, grave: Sequence[Finding], pairing: Pairing) -> str:
    count = len(grave)
    causes = "1 cause" if count == 1 else f"{count} causes"
    basis = (
        f" {pairing.pairs:,} examples were paired by {pairing.method}"
        f" (confidence {_percent(pairing.confidence)})."
        if pairing.pairs
        else " No example of one could be recognised in the other."
    )
    return (
        f"{_names(twins)} differ for {causes}, so this is no evidence of a fault in the framework:"
        f" {causes_in_words(grave)}.{basis}"
    )


def causes_in_words(grave: Sequence[Finding]) -> str:
    """The first causes in short, and how many more there are."""
    said = [_short(found.sentence) for found in grave[:_MOST_CAUSES]]
    rest = len(grave) - len(said)
    return "; ".join(said) + (f"; and {rest} more below" if rest else "")


def _undecided(twins: Twins, undecided: Sequence[Undecided], pairing: Pairing) -> str | None:
    """Why the answer is neither the same nor different, or ``None``."""
    ours = failed(undecided)
    if ours:
        parts = "a part" if len(ours) == 1 else f"{len(ours)} parts"
        return (
            f"No difference was seen between {_names(twins)}, but {parts} of the comparison failed,"
            f" by a fault of twinfeed's: {ours[0].question.removeprefix(FAILED)}. It takes {ours[0].needs}."
        )
    unnamed = next((one for one in undecided if one.question.startswith(DIFFER)), None)
    if unnamed:
        said = unnamed.question.removeprefix(DIFFER)
        return f"{_names(twins)} differ{said}. To name it would take {unnamed.needs}."
    still_open = (*OPEN_DRAWS, OPEN_POLICY)
    policy = next((one for one in undecided if one.question.startswith(still_open)), None)
    if policy:
        return (
            f"No difference was seen in {pairing.pairs:,} paired examples, but it is open {policy.question}."
            f" To decide it would take {policy.needs}."
        )
    shorter = min(pairing.left, pairing.right)
    if (
        pairing.method not in {"id", "place"}
        and pairing.pairs < _RECOGNISED * shorter
        and _whole(twins)
    ):
        return (
            f"Both feeds were read to their end, and only {pairing.pairs:,} of {shorter:,} examples"
            " of one could be recognised in the other. No difference was seen in these, which says"
            " too little of the rest: give both feeds ids, such as paths or a tfds_id, or compare"
            " them without augmentation."
        )
    if undecided and pairing.pairs < _FEW_PAIRS:
        known = apart(twins)
        beyond = " beyond what the notes name" if known and known.differing else ""
        return (
            f"No difference{beyond} was seen in {pairing.pairs:,} paired examples, which is too few"
            f" to rule one out: {undecided[0].needs}."
        )
    return None


def _whole(twins: Twins) -> bool:
    """Whether both feeds ended their first epoch by themselves."""
    return all(trace.epochs and trace.epochs[0].ended for trace in (twins.left, twins.right))


def _percent(share: float) -> str:
    return f"above {0.999:.1%}" if 0.999 < share < 1 else f"{share:.1%}"


def _short(sentence: str) -> str:
    """The claim of a sentence without its reasons, which stand with the finding below."""
    claim, colon, reasons = sentence.partition(": ")
    if colon and len(claim) < _SHORT_CLAIM:
        claim = f"{claim}: {reasons.partition(': ')[0]}"
    return claim


def _names(twins: Twins) -> str:
    return f"A ({twins.left.name}) and B ({twins.right.name})"


def _counted(twins: Twins) -> bool:
    """Whether both feeds are of a kind that has nothing to pair by, such as scalars or text."""
    return not len(twins.left.rows) and not len(twins.right.rows)


def _metric_gap(twins: Twins) -> str | None:
    if twins.left.fit is None or twins.right.fit is None:
        return None
    left, right = twins.left.fit.metrics, twins.right.fit.metrics
    for name in ("val_accuracy", "accuracy", "val_loss", "loss"):
        if left.get(name) and right.get(name):
            a, b = left[name][-1], right[name][-1]
            least = _ACCURACY_GAP if name.endswith("accuracy") else _LOSS_GAP * max(abs(a), abs(b))
            return f"{name} {a:.4g} against {b:.4g}" if abs(a - b) > least else None
    return None
