"""The documentation builds without a warning and keeps up with the code."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tests.project.tools import ROOT, module, run

PUBLIC = (
    "twinfeed",
    "twinfeed.diff",
    "twinfeed.feeds",
    "twinfeed.images",
    "twinfeed.lint",
    "twinfeed.report",
    "twinfeed.testing",
)
NOT_FOR_USERS = {
    "CATALOGUE", "HEADER", "HTML_HEADER", "attribution_notebook", "is_report", "rendered",
    "replace_file", "write_as",
}  # fmt: skip
"""Named in a package for its siblings; users meet them as pages and as text."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("docs")
    command = module("sphinx", extra="docs")
    for needed in ("furo", "myst_parser"):
        module(needed, extra="docs")
    for library in ("keras", "tensorflow"):  # the page of the API shows the Keras callback
        pytest.importorskip(library)
    done = run(*command, "-q", "-W", "--keep-going", "-b", "html", "docs", str(target))
    assert done.returncode == 0, done.stderr
    return target


def test_every_cause_has_a_page(built: Path) -> None:
    from twinfeed.diff import CATALOGUE as MEASURES
    from twinfeed.lint import CATALOGUE as RULES

    causes = {**RULES, **MEASURES}
    pages = {path.stem for path in (built / "reference" / "causes").glob("*.html")}
    assert pages == set(causes)
    index = (built / "reference" / "causes.html").read_text("utf-8")
    assert all(cause.name in index for cause in causes.values())


def test_every_command_has_its_help(built: Path) -> None:
    from twinfeed.cli import twinfeed

    text = (built / "reference" / "commands.html").read_text("utf-8")
    assert all(f"Usage: twinfeed {name}" in text for name in twinfeed.commands)


@pytest.mark.parametrize("package", PUBLIC)
def test_every_public_name_is_on_the_page_of_the_api(package: str) -> None:
    page = (ROOT / "docs" / "reference" / "api.md").read_text("utf-8")
    names: list[str] = import_module(package).__all__
    missing = {
        name
        for name in names
        if name not in NOT_FOR_USERS and not re.search(rf"twinfeed\S*\.{name}$", page, re.MULTILINE)
    }
    assert not missing


def test_every_test_that_proves_a_promise_exists() -> None:
    page = (ROOT / "docs" / "promises.md").read_text("utf-8")
    named: list[tuple[str, str]] = re.findall(
        r"`((?:tests|benchmarks)/[\w/]+\.py)(?:::(\w+))?`", page
    )
    assert named
    for file, test in named:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        assert not test or test in tests, f"{file} has no {test}"


def test_example_of_how_it_works_runs() -> None:
    text = (ROOT / "docs" / "how_it_works.md").read_text("utf-8")
    found = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found[1], names)
    assert names["report"].verdict.kind == "different"
