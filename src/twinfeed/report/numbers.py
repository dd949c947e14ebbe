"""Numbers as a person reads them."""

from __future__ import annotations

import math

from twinfeed.report.clean import one_line

_UNITS = {
    "per_s": "per s",
    "percent": "%",
    "degrees": "degrees",
    "ms": "ms",
    "s": "s",
}


def said(name: str, value: object) -> str:
    """A piece of evidence in words; a unit at the end of its name goes behind the number.

    >>> said("wait_s", 0.25)
    'wait 0.25 s'
    >>> said("share_same", 0.5)
    'share same 50 %'
    """
    words = name.split("_")
    if words[0] in {"a", "b"}:  # of which feed it is
        words[0] = words[0].upper()
    if "share" in (words[0], words[-1]) and isinstance(value, float) and math.isfinite(value):
        return f"{' '.join(words)} {percent(value)}"
    for length in (2, 1):
        unit = _UNITS.get("_".join(words[-length:]))
        if unit and len(words) > length:
            return f"{' '.join(words[:-length])} {number(value)} {unit}"
    if words[-1] == "bytes" and isinstance(value, int):
        return f"{' '.join(words[:-1]) or 'size'} {size(value)}"
    return f"{' '.join(words)} {number(value)}"


def number(value: object) -> str:
    """A value with thousands separated, and no more digits than matter.

    >>> number(12345.678), number(0.0123456), number(True), number(None)
    ('12,346', '0.01235', 'yes', 'unknown')
    """
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "infinite" if value > 0 else "-infinite"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return one_line(str(value))


def counted(amount: int, thing: str) -> str:
    """An amount of things: ``1 batch``, ``1,797 examples``."""
    plural = "batches" if thing == "batch" else f"{thing}s"
    return f"{amount:,} {thing if amount == 1 else plural}"


def percent(share: float) -> str:
    """A share of 1 in percent; nearly all never reads as all, nor hardly any as none.

    >>> percent(1.0), percent(0.99999), percent(0.0412), percent(0.00001), percent(0.0)
    ('100 %', '> 99.9 %', '4.12 %', '< 0.01 %', '0 %')
    """
    if 0 < abs(share) < 0.0001:
        return "< 0.01 %"
    text = f"{100 * share:.3g} %"
    return "> 99.9 %" if text == "100 %" and share < 1 else text


def size(amount: int) -> str:
    """Bytes in the unit that gives the fewest digits: ``96 MiB``."""
    scaled, unit = float(amount), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if scaled < 1024:
            break
        scaled, unit = scaled / 1024, larger
    return f"{scaled:,.4g} {unit}"
