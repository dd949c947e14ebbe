"""What stays the same of a finding when lines move and numbers change."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable

from twinfeed._core.finding import Finding


def fingerprints(findings: Iterable[Finding]) -> list[str]:
    """One per finding, in their order: of its code, its file, what the step is, and which of several.

    Lines, numbers and sentences are left out: a file that grows above a fault, or data that grow,
    make no new fault of it.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    made: list[str] = []
    for finding in findings:
        at = finding.at
        step = at.where.partition(",")[0] if at and at.step is not None else ""
        key = finding.code, (at.file or "").replace("\\", "/") if at else "", step
        seen[key] += 1
        text = "\0".join((*key, str(seen[key])))
        made.append(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest())
    return made
