"""``twinfeed lint``: what is said, left out and returned; runs of real scripts are in tests/lint."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.lint.handmade import SCRIPT, run as recorded
from twinfeed.observe import save

Run = Callable[..., Any]
LINT = ("lint", "--select", "ORD101")  # other rules come and go


@pytest.fixture(autouse=True)
def script(here: Path) -> Path:
    """``train.py`` with a short shuffle in line 4, and ``run.twin``, recorded of it."""
    save(recorded(), here / "run.twin")
    save(recorded(buffer=50_000), here / "good.twin")
    path = here / "train.py"
    path.write_text(SCRIPT.format(mark=""))
    return path


def test_fault_has_its_line_its_step_and_its_fix(run: Run, golden: Callable[[str], None]) -> None:
    done = run(*LINT, "run.twin")
    assert done.code == 1
    assert max(len(line) for line in done.out.splitlines()) <= 80
    golden(done.out)


def test_clean_feed_ends_with_zero(run: Run) -> None:
    done = run(*LINT, "good.twin")
    assert done.code == 0
    assert "\nCLEAN\n" in done.out


def test_several_targets_are_one_report(run: Run) -> None:
    done = run(*LINT, "good.twin", "run.twin", "--output-format", "json")
    found = json.loads(done.out)
    assert [feed["label"] for feed in found["feeds"]] == ["1", "2"]
    assert [finding["at"]["feed"] for finding in found["findings"]] == [1]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--select", "ORD101"], 1),
        (["--select", "short-shuffle-buffer"], 1),
        (["--ignore", "ORD101"], 0),
        (["--exit-zero"], 0),
    ],
)
def test_exit_code(run: Run, options: list[str], code: int) -> None:
    assert run(*LINT, "run.twin", *options).code == code


@pytest.mark.parametrize(
    ("mark", "code"),
    [
        ("  # twinfeed: ignore[ORD101]", 0),
        ("  # twinfeed: ignore", 0),
        ("  # twinfeed:ignore[ aug101, ord101 ] on purpose", 0),
        ("  # noqa  # twinfeed: ignore[short-shuffle-buffer]", 0),
        ("  # twinfeed: ignore[AUG]", 1),
        ("  # twinfeed: ignored", 1),
        ("  ; text = '# twinfeed: ignore'", 1),
        ("\n# twinfeed: ignore-file", 0),
        ("\n# twinfeed: ignore-file[ORD]", 0),
        ("\n# twinfeed: ignore[ORD101]", 1),
    ],
)
def test_comments(run: Run, script: Path, mark: str, code: int) -> None:
    script.write_text(SCRIPT.format(mark=mark))
    done = run(*LINT, "run.twin", "--output-format", "json")
    assert done.code == code
    found = json.loads(done.out)
    assert len(found["suppressed"]) == 1 - code
    assert all(one["by"] == "comment" for one in found["suppressed"])


def test_comment_without_a_fault_is_named(run: Run, script: Path) -> None:
    script.write_text(SCRIPT.format(mark="  # twinfeed: ignore[ORD101]"))
    said = run(*LINT, "good.twin").out
    assert "train.py:4: the comment is not needed: nothing ORD101 here" in " ".join(said.split())
    assert "not needed" not in run("lint", "good.twin", "--ignore", "ORD101").out


def test_baseline_holds_what_was_there_and_names_what_is_gone(run: Run, here: Path) -> None:
    kept = "known.json"
    assert run(*LINT, "run.twin", "--baseline", kept, "--update-baseline").code == 0
    before = (here / kept).read_bytes()
    done = run(*LINT, "run.twin", "--baseline", kept)
    assert done.code == 0
    assert "1 finding left out by the baseline" in done.out
    save(recorded(buffer=7), here / "worse.twin")
    assert run(*LINT, "worse.twin", "--baseline", kept).code == 0, "numbers may change"
    assert "1 entry of the baseline" in run(*LINT, "good.twin", "--baseline", kept).out
    assert (here / kept).read_bytes() == before


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "other", "findings": {}}', "\xff"])
def test_baseline_of_another_kind_is_refused(run: Run, here: Path, text: str) -> None:
    (here / "known.json").write_text(text, encoding="latin-1")
    for more in ([], ["--update-baseline"]):
        done = run(*LINT, "run.twin", "--baseline", "known.json", *more)
        assert done.code == 2
        assert done.three_parts


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run.twin", "--update-baseline"], "--update-baseline without --baseline"),
        (["run.twin", "--baseline", "none.json"], "does not exist"),
        (["run.twin", "--select", "ORD199"], "did you mean ORD109?"),
        (["run.twin", "--output-file", "train.py"], "no report"),
        (["none.twin"], "there is no such file"),
        (["train.py", "none.py"], "there is no such file"),
    ],
)
def test_usage_is_checked_before_anything_runs(run: Run, arguments: list[str], says: str) -> None:
    done = run("lint", *arguments)
    assert done.code == 2
    assert done.three_parts
    assert says in done.err
    assert not done.out


def test_configuration_is_a_default(run: Run, here: Path) -> None:
    config = here / "pyproject.toml"
    config.write_text('[tool.twinfeed.lint]\nselect = "ORD101"\noutput-format = "json"\n')
    done = run("lint", "run.twin")
    assert {found["code"] for found in json.loads(done.out)["findings"]} == {"ORD101"}
    assert run("lint", "run.twin", "--output-format", "text").out.startswith("twinfeed report")
    config.write_text('[tool.twinfeed.lint]\nselect = ["ORD101"]\nexit-zero = true\n')
    assert run("lint", "run.twin").code == 0
    config.write_text('[tool.twinfeed.lint.per-file-ignores]\n"tr*.py" = ["ORD"]\n')
    assert "left out by per-file-ignores" in run(*LINT, "run.twin").out


def test_configuration_below_is_found_and_can_be_set_aside(
    run: Run, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "pyproject.toml").write_text("[tool.twinfeed.lint]\nexit-zero = true\n")
    (here / "below").mkdir()
    monkeypatch.chdir(here / "below")
    assert run(*LINT, "../run.twin").code == 0
    monkeypatch.setenv("TWINFEED_CONFIG", "")
    assert run(*LINT, "../run.twin").code == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tool.twinfeed.lint]\nselct = ['ORD']", "did you mean select?"),
        ("[tool.twinfeed.lnt]\n", "did you mean lint?"),
        ("[tool.twinfeed]\nselect = 'ORD'", "tool.twinfeed.select means nothing"),
        ("[tool.twinfeed.lint]\nselect = 'NOP'", "--select NOP"),
        ("[tool.twinfeed.lint.select]\na = 1", "is a table"),
        ("[tool.twinfeed.lint]\nper-file-ignores = 3", "per-file-ignores is no table"),
        ("[tool]\ntwinfeed = 3", "tool.twinfeed is no table"),
        ("[tool", "which is no TOML"),
    ],
)
def test_configuration_that_means_nothing_is_refused(
    run: Run, here: Path, text: str, says: str
) -> None:
    (here / "pyproject.toml").write_text(text)
    done = run("lint", "run.twin")
    assert done.code == 2
    assert says in done.err
    assert run("lint", "--help").code == 0


def test_help_and_other_commands_need_no_configuration(run: Run, here: Path) -> None:
    (here / "pyproject.toml").write_text("[tool.twinfeed.lint]\nselect = 'ORD'")
    assert run("explain", "ORD101").code == 0


def test_sarif_names_the_line(run: Run) -> None:
    found = json.loads(run(*LINT, "run.twin", "--output-format", "sarif").out)
    (result,) = found["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "train.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 4}
    assert found["runs"][0]["tool"]["driver"]["rules"][0]["id"] == "ORD101"


def test_junit_and_github(run: Run) -> None:
    tree = ET.fromstring(run(*LINT, "run.twin", "--output-format", "junit").out)
    assert tree.get("failures") == "1"
    said = run(*LINT, "run.twin", "--output-format", "github").out
    assert "\n::warning file=train.py,line=4,title=ORD101 short-shuffle-buffer::" in said


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "junit"])
def test_a_report_may_be_written_over_and_nothing_else(run: Run, here: Path, form: str) -> None:
    options = ["--output-format", form, "--output-file", "report.out", "--exit-zero"]
    assert run(*LINT, "run.twin", *options).code == 0
    first = (here / "report.out").read_bytes()
    assert run(*LINT, "run.twin", *options).code == 0
    assert (here / "report.out").read_bytes() == first


def test_summary_of_a_job_on_github(run: Run, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = here / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    run(*LINT, "run.twin", "--output-format", "github")
    assert page.read_text().startswith("```text\ntwinfeed report")


def test_hostile_names_are_inert_in_every_form(run: Run, here: Path) -> None:
    evil = "a\x1b[31m::error::\n<b>&]]>\u202e\ufffe'\".py"
    trace = recorded(evil)
    save(replace(trace, notes=("\x1b]0;t\x07::set-output name=a::b",)), here / "evil.twin")
    for form in ("text", "json", "sarif", "github", "junit"):
        said = run(*LINT, "evil.twin", "--output-format", form).out
        assert "\x1b" not in said, form
        assert "\u202e" not in said, form
        commands = [line for line in said.splitlines() if line.startswith("::")]
        assert len(commands) == (form == "github"), form
        if form == "junit":
            ET.fromstring(said)
