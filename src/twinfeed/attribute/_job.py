"""What the watching process hands to the one that attributes."""

from __future__ import annotations

from dataclasses import dataclass

from twinfeed.attribute._settings import Settings

PARTS = "parts.json"
TRACES = ("a.twin", "b.twin")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeJob:
    """What has to be done.

    Attributes:
        a: Feed A as the user named it.
        b: Feed B.
        evaluate: What is evaluated on, as the user named it; empty for held-out examples.
        settings: What the user decided.
        folder: Where runs are kept.
        repro: Where a script is written that shows the two uses alone; empty for nowhere.
    """

    a: str
    b: str
    evaluate: str
    settings: Settings
    folder: str
    repro: str = ""
