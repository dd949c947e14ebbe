"""What no other tool checks about the files of this project."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.project.tools import ROOT, name_of, run, sources
from twinfeed import __version__

MOST_LINES = 500
BANNED = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base"}
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX)\b|raise NotImplementedError")
ONE_MACHINE = re.compile(r"(?<![\w.~$}])/(?:home/(?!someone)|root/|work/|tmp/|opt/|Users/)\w")
FRAGMENT = re.compile(
    r"(?:\d+|\+[a-z0-9-]+)\.(?:breaking|rule|false-alarm|missed|numbers|feature|fix|docs)(?:\.\d+)?\.md"
)
CODE = sources("src", "tests", "docs", "benchmarks")
TEXTS = [
    *CODE,
    *sources("docs", "changelog.d", suffix=".md"),
    *(path for path in ROOT.iterdir() if path.is_file() and path.name != ".git"),
    *sources(".ci", ".github", suffix=""),
]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def test_every_file_is_short_named_and_finished() -> None:
    faults: list[str] = []
    for path in CODE:
        text = path.read_text("utf-8")
        if text.count("\n") > MOST_LINES:
            faults.append(f"{name_of(path)} has {text.count(chr(10))} lines: a file says one thing")
        if BANNED.intersection([path.stem.strip("_"), *path.relative_to(ROOT).parts]):
            faults.append(f"{name_of(path)}: this name says nothing")
        if UNFINISHED.search(text) and path != Path(__file__):
            faults.append(f"{name_of(path)} is unfinished by its own word")
    assert not faults, "\n".join(faults)


def test_every_module_says_what_it_is() -> None:
    silent = [
        name_of(path)
        for path in sources("src")
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert not silent


def test_no_text_names_a_place_on_one_machine() -> None:
    found = [
        f"{name_of(path)}: {line.strip()}"
        for path in TEXTS
        if path.is_file() and path.suffix not in {".npz", ".pyc"}
        for line in path.read_text("utf-8").splitlines()
        if ONE_MACHINE.search(line)
    ]
    assert not found, "\n".join(found)


def test_every_fragment_is_of_a_known_kind_and_says_something() -> None:
    fragments = [p for p in sources("changelog.d", suffix="") if p.name != "README.md"]
    strange = [p.name for p in fragments if not FRAGMENT.fullmatch(p.name)]
    assert not strange
    assert all(p.read_text("utf-8").strip() for p in fragments)


def test_version_is_the_same_everywhere() -> None:
    cited = re.search(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert cited is not None
    assert __version__ == PROJECT["version"] == cited[1]


def _requirements(extra: str) -> list[Requirement]:
    """What an extra asks for, extras of our own unfolded."""
    listed = [Requirement(text) for text in PROJECT["optional-dependencies"][extra]]
    own = [name for item in listed if item.name == "twinfeed" for name in item.extras]
    outside = [item for item in listed if item.name != "twinfeed"]
    return [*outside, *(item for name in own for item in _requirements(name))]


def test_every_dependency_is_pinned_by_version_alone() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    strange = [line for line in pins if not re.fullmatch(r"[\w.-]+==[\w.!]+", line)]
    assert not strange, "a pin is name==version, without an address, a hash or a local build"
    known = {
        name.lower().replace("_", "-"): version for name, version in (p.split("==") for p in pins)
    }
    asked = [Requirement(text) for text in PROJECT["dependencies"]]
    asked += [*_requirements("dev"), *_requirements("all")]
    for item in asked:
        version = known.get(item.name.lower().replace("_", "-"))
        assert version is not None, f"{item.name} has no pin"
        assert item.specifier.contains(version), f"{item.name}=={version} is not {item.specifier}"


def _command(name: str) -> str:
    """The command below its mark in the README."""
    text = (ROOT / "README.md").read_text("utf-8")
    found = re.findall(rf"^<!-- command: {name} -->\n```sh\n(.+)\n```$", text, re.MULTILINE)
    assert len(found) == 1, f"one line is marked as the command {name!r}"
    return str(found[0])


@pytest.mark.parametrize(
    ("name", "ends"), [("demo", "/twinfeed demo"), ("test", " -m pytest -n 2 --dist loadfile")]
)
def test_readme_has_the_commands_that_start_from_nothing(name: str, ends: str) -> None:
    command = _command(name)
    assert command.startswith("python3 -m venv ")
    assert " -c constraints.txt " in command
    assert command.endswith(ends)
    extras = re.findall(r"\.\[([\w,]+)\]", command)
    assert set(extras[0].split(",")) <= set(PROJECT["optional-dependencies"])


def test_ci_runs_the_command_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111, "it must be executable"
    done = run("bash", str(script), "--print")
    assert done.stdout.strip() == _command("test"), done.stderr
