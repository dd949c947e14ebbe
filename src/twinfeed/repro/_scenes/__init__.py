"""What a script shows, by the family of the cause."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from twinfeed._core.finding import Finding
from twinfeed.diff import Twins
from twinfeed.repro._scene import Scene
from twinfeed.repro._scenes._augmentation import augmentation
from twinfeed.repro._scenes._pictures import pictures
from twinfeed.repro._scenes._stated import stated
from twinfeed.repro._scenes._streams import labels, order, passes, waits

_Make: TypeAlias = Callable[[Twins, Finding], Scene | None]
_FAMILIES: dict[str, tuple[_Make, ...]] = {
    "AUG": (augmentation, pictures),
    "BAT": (passes,),
    "GEO": (pictures,),
    "LBL": (labels,),
    "ORD": (order,),
    "PIX": (pictures,),
    "SPD": (waits,),
    "VAL": (pictures,),
}


def scene(twins: Twins, finding: Finding) -> Scene:
    """The first of the family's scenes that what was recorded allows; else what is stated."""
    for make in _FAMILIES.get(finding.code[:3], ()):
        made = make(twins, finding)
        if made is not None:
            return made
    return stated(twins, finding)
