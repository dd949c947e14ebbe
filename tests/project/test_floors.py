"""Who may import whom: the contracts of import-linter hold, and each would notice a breach."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.project.tools import ROOT, module, run

# Without its cache: that keeps an import resolved as it was before the imported file existed.
_RUN = (
    "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
)

BREACHES = {
    "a floor imports from above": ("_core/breach.py", "from twinfeed import diff", "Floors"),
    "a sibling is seen": ("report/breach.py", "from twinfeed import stats", "Floors"),
    "a folder has no floor": ("breach/__init__.py", "", "Floors"),
    "a framework is imported": ("diff/breach.py", "import tensorflow", "Frameworks"),
    "an adapter is imported": (
        "observe/breach.py",
        "from twinfeed.feeds._adapters import _arrays",
        "Adapters",
    ),
    "a rule knows another": (
        "lint/_rules/order/breach.py",
        "from twinfeed.lint._rules.order import short_shuffle_buffer",
        "Rules",
    ),
    "lint sees its sibling": ("lint/breach.py", "from twinfeed import diff", "Floors"),
    "a cause knows another": (
        "diff/_measures/shape/breach.py",
        "from twinfeed.diff._measures.labels import different_label_form",
        "Measures",
    ),
}


def _lint(folder: Path) -> tuple[int, str]:
    python = module("importlinter", extra="lint")[0]
    done = run(python, "-c", _RUN, cwd=folder, PYTHONPATH=str(folder / "src"))
    return done.returncode, done.stdout + done.stderr


def test_contracts_are_kept() -> None:
    code, said = _lint(ROOT)
    assert code == 0, said


@pytest.mark.parametrize(("file", "text", "contract"), BREACHES.values(), ids=BREACHES)
def test_a_breach_is_noticed(file: str, text: str, contract: str, tmp_path: Path) -> None:
    source = tmp_path / "src" / "twinfeed"
    shutil.copytree(
        ROOT / "src" / "twinfeed", source, ignore=shutil.ignore_patterns("__pycache__", "*.npz")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    target = source / file
    target.parent.mkdir(exist_ok=True)
    target.write_text(f"{text}\n", encoding="utf-8")
    code, said = _lint(tmp_path)
    assert code != 0, said
    assert re.search(rf"^{contract}.* BROKEN\b", said, re.MULTILINE), said
    assert "breach" in said.rpartition("Broken contracts")[2]
