"""Pages and tables made from the catalogue of causes: one source for the program and its pages."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from twinfeed.diff import CATALOGUE as MEASURES, Measure
from twinfeed.diff._reach import Enough, Reach
from twinfeed.diff._vocabulary import VOCABULARY
from twinfeed.lint import CATALOGUE as RULES, Rule

CATALOGUE: dict[str, Rule | Measure] = {**RULES, **MEASURES}

_INDEX = """# Causes

Every cause that twinfeed can name, by family. The first three letters of a code are its family; a
code is never used twice. Numbers from 101 are rules, which `twinfeed lint` asks of one feed; numbers from
201 are measures, by which `twinfeed diff` compares two. `twinfeed explain CODE` shows the same pages.
"""


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("builder-inited", _write_pages)
    app.add_directive("tag-table", TagTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write_pages(app: Sphinx) -> None:
    folder = Path(app.srcdir) / "reference" / "causes"
    folder.mkdir(parents=True, exist_ok=True)
    pages = {f"{measure.code}.md": _page(measure) for measure in CATALOGUE.values()}
    for stale in set(folder.iterdir()) - {folder / name for name in pages}:
        stale.unlink()
    for name, text in pages.items():
        _write(folder / name, text)
    _write(folder.parent / "causes.md", _index())


def _write(path: Path, text: str) -> None:
    # A page that has not changed keeps its time, so that Sphinx does not read it again.
    if not path.exists() or path.read_text("utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _index() -> str:
    measures = sorted(CATALOGUE.values(), key=lambda unit: unit.code)
    parts = [_INDEX]
    for _, members in groupby(measures, key=lambda measure: measure.code[:3]):
        family = list(members)
        rows = [
            (f"[{m.code}](causes/{m.code}.md)", f"`{m.name}`", m.severity.value, _first_line(m))
            for m in family
        ]
        parts.append(
            f"## {_heading(family[0])}\n\n{_table(('code', 'name', 'severity', 'what it is'), rows)}\n"
        )
    names = "\n".join(f"causes/{measure.code}" for measure in measures)
    parts.append(f"```{{toctree}}\n:hidden:\n\n{names}\n```\n")
    return "\n".join(parts)


def _page(measure: Rule | Measure) -> str:
    title, _, body = (measure.page or "").strip().partition("\n")
    rows = [
        ("severity", measure.severity.value),
        ("stands for", ", ".join(f"`{tag}`" for tag in measure.tags)),
        ("since", measure.since),
    ]
    if isinstance(measure, Measure):
        if isinstance(measure.reach, Reach):
            rows.append(("smallest size", f"{measure.reach.examples:,} examples"))
        elif measure.reach is not Enough.TIMES:
            rows.append(("smallest size", "exact"))
        if measure.prior_cost:
            rows.append(("known to cost", measure.prior_cost))
    return f"# {measure.code} {measure.name}\n\n{title}\n\n{_table(('', ''), rows)}\n{body}\n"


def _heading(unit: Rule | Measure) -> str:
    """What the family says of itself, e.g. ``LBL: what stands beside the inputs``."""
    function = unit.check if isinstance(unit, Rule) else unit.look
    package = sys.modules[function.__module__.rpartition(".")[0]]
    return (package.__doc__ or unit.code[:3]).strip().partition("\n")[0].rstrip(".")


def _first_line(measure: Rule | Measure) -> str:
    return (measure.page or "").strip().partition("\n")[0]


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = tuple(head)
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


class TagTable(SphinxDirective):
    """Every tag of the vocabulary, with the causes that stand for it."""

    def run(self) -> list[nodes.Node]:
        """Called by Sphinx."""
        rows: list[tuple[str, str, str]] = []
        for tag, meaning in VOCABULARY.items():
            codes = [code for code, measure in CATALOGUE.items() if tag in measure.tags]
            rows.append((f"`{tag}`", meaning, ", ".join(codes)))
        return self.parse_text_to_nodes(_table(("tag", "meaning", "causes"), rows))
