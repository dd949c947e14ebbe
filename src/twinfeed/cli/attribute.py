"""``twinfeed attribute``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from twinfeed.cli._exits import CLEAN, FOUND, INTERRUPTED
from twinfeed.cli._options import common, size, watched
from twinfeed.errors import UsageError

if TYPE_CHECKING:
    from twinfeed._core.attribution import Attribution
    from twinfeed.attribute._job import AttributeJob
    from twinfeed.attribute._settings import Settings


@click.command(short_help="Share a gap in accuracy out over its causes.")
@click.argument("left", metavar="A")
@click.argument("right", metavar="B")
@click.option(
    "--model",
    metavar="m.py:make_model",
    default="",
    help="A function that returns your compiled Keras model; a small network by default.",
)
@click.option(
    "--evaluate",
    metavar="FEED",
    default="",
    help="What every network is evaluated on, prepared as A; held-out examples by default.",
)
@click.option("--metric", metavar="NAME", help="The metric; accuracy where there is one.")
@click.option(
    "--when",
    type=click.Choice(["last", "best"]),
    default="last",
    show_default=True,
    help="The metric of which epoch.",
)
@click.option(
    "--epochs",
    metavar="N",
    type=click.IntRange(1),
    default=4,
    show_default=True,
    help="Epochs of a training.",
)
@click.option(
    "--examples",
    metavar="N",
    type=click.IntRange(2),
    default=20_000,
    show_default=True,
    help="Examples per epoch at most.",
)
@click.option(
    "--seeds", metavar="N", type=click.IntRange(2), help="So many paired seeds, no more, no less."
)
@click.option(
    "--precision",
    metavar="POINTS",
    type=click.FloatRange(0, min_open=True),
    help="Train until intervals reach no farther than this to either side.",
)
@click.option(
    "--budget",
    metavar="S",
    type=click.FloatRange(0),
    default=75.0,
    show_default=True,
    help="Seconds for the trainings, about; 0 for no bound beside --precision.",
)
@click.option(
    "--timing",
    metavar="S",
    type=click.FloatRange(0),
    default=10.0,
    show_default=True,
    help="Seconds for timing epochs of both feeds, about; 0 for none.",
)
@click.option("--jobs", metavar="N", type=click.IntRange(1), help="Trainings at once.")
@click.option("--memory", metavar="SIZE", callback=size, help="What they may take together: 8GB.")
@click.option(
    "--resume",
    "folder",
    metavar="DIR",
    help="Keep finished trainings here and go on with them; a folder of twinfeed's by default.",
)
@click.option(
    "--repro",
    metavar="FILE.py",
    default="",
    help="Of two scripts: write one that trains both models on the same arrays, and these as .npz.",
)
@click.option(
    "--output-format",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="How the answer is written.",
)
@click.option("--output-file", metavar="FILE", help="Write it there, not to standard output.")
@watched(600.0, "a sign of life after which it is given up")
@common
def attribute(
    *,
    left: str,
    right: str,
    output_format: str,
    output_file: str | None,
    timeout: float,
    quiet: bool,
    verbose: bool,
    **given: Any,
) -> int:
    """Say how many points of the gap between two trainings each cause explains.

    A and B are two scripts that call fit, or functions that return feeds (file.py:make_feed),
    TFDS splits or folders. Scripts run unchanged up to their first fit; their own models are then
    trained, each compiled as it is. What
    differs between them is found as `twinfeed diff` finds it; each cause becomes a change of B
    that takes it away, which is proved by looking again. Networks are trained on A, on B, and on
    B without each combination of causes, with paired seeds; what no cause explains is shown.

    \b
      twinfeed attribute feeds.py:tfds_feed feeds.py:keras_feed
      twinfeed attribute keras_train.py tfds_train.py --repro bug.py
      twinfeed attribute a.py:make b.py:make --model m.py:make_model --epochs 9
      twinfeed attribute a.py:make b.py:make --evaluate a.py:test --precision 0.5
      twinfeed attribute a.py:make b.py:make --output-format html > gap.html

    Ctrl-C ends it with what there is; the same command goes on where it was.

    Exit status: 0 no gap beyond noise, 1 a gap was shared out, 2 usage or tool error, 3 a feed
    failed or nothing could be decided, 130 interrupted with a partial answer.
    """  # noqa: D301 - \b is click's mark
    from twinfeed.cli._output import check_report_target
    from twinfeed.cli._progress import Progress
    from twinfeed.cli._threads import load_numpy

    check_report_target(output_file)
    _check(left, right, given)
    load_numpy()
    job = _job(left, right, given)
    if not quiet:
        click.echo(f"Finished trainings are kept in {job.folder}.", err=True)
    with Progress(verbosity=-1 if quiet else int(verbose)) as progress:
        from twinfeed.attribute.child import attribute_named

        progress.begin(f"attributing {left} and {right}")
        found, interrupted = attribute_named(
            job,
            timeout_s=timeout,
            on_event=progress.heard,
            on_output=progress.printed,
            verbose=verbose,
        )
    if found is None:
        click.echo("Interrupted before any seed was trained to its end.", err=True)
        return INTERRUPTED
    _show(found, output_format, output_file, quiet=quiet)
    if interrupted:
        return INTERRUPTED
    return {"same": CLEAN, "different": FOUND, "framework": FOUND}.get(found.verdict.kind, 3)


def _check(left: str, right: str, given: dict[str, Any]) -> None:
    """What can be wrong with the command line is said before anything runs."""
    from twinfeed.observe.source import FactorySource, ScriptSource, TwinSource, parse_source

    for name in filter(None, (left, right, given["evaluate"])):
        source = parse_source(name)
        if isinstance(source, TwinSource):
            raise UsageError(
                f"{name}, a saved trace, to train on",
                "a feed that can be built again: a script, file.py:make_feed, tfds: or dir:",
                "name what the trace was recorded from",
            )
    kinds = {isinstance(parse_source(name), ScriptSource) for name in (left, right)}
    if kinds == {True, False}:
        raise UsageError(
            f"{left} and {right}, of which one is a script",
            "two scripts, or two feeds",
            "name the function that makes the script's feed: train.py:make_feed",
        )
    if given["repro"]:
        if kinds != {True}:
            raise UsageError(
                "--repro with feeds that no script uses", "two scripts", "leave it out"
            )
        _check_script(given["repro"])
    model = given["model"]
    if model and not isinstance(parse_source(model), FactorySource):
        raise UsageError(f"--model {model}", "a function: model.py:make_model", "name one")


def _check_script(given: str) -> None:
    from twinfeed.cli._output import check_target
    from twinfeed.repro import is_script

    target = Path(given)
    if target.suffix != ".py":
        raise UsageError(f"--repro {given}", "a name that ends in .py", f"write {given}.py")
    check_target(given, "--repro", "script", is_script)
    beside = target.with_suffix(".npz")
    check_target(str(beside), "--repro", "script's data", lambda _beside: target.exists())


def _job(left: str, right: str, given: dict[str, Any]) -> AttributeJob:
    from twinfeed.attribute._job import AttributeJob
    from twinfeed.attribute._settings import Settings

    kept = ("model", "metric", "when", "epochs", "examples", "seeds", "precision", "jobs", "memory")
    settings = Settings(
        **{name: given[name] for name in kept},
        budget_s=given["budget"] or None,
        timing_s=given["timing"],
    )
    folder = given["folder"] or str(_kept(left, right, given["evaluate"], settings))
    return AttributeJob(
        a=left,
        b=right,
        evaluate=given["evaluate"],
        settings=settings,
        folder=folder,
        repro=given["repro"],
    )


def _kept(left: str, right: str, evaluate: str, settings: Settings) -> Path:
    """A folder of ours that the same command on the same files finds again."""
    import platformdirs
    import xxhash

    from twinfeed.observe.source import FactorySource, ScriptSource, parse_source

    told = xxhash.xxh3_64()
    for name in filter(None, (left, right, evaluate, settings.model)):
        source = parse_source(name)
        told.update(name.encode())
        if isinstance(source, FactorySource | ScriptSource):
            told.update(source.path.read_bytes())
    told.update(repr((settings.epochs, settings.examples, settings.when, Path.cwd())).encode())
    cache = os.environ.get("TWINFEED_CACHE_DIR") or platformdirs.user_cache_dir("twinfeed")
    return Path(cache) / "attribute" / told.hexdigest()


def _show(found: Attribution, form: str, file: str | None, *, quiet: bool) -> None:
    from twinfeed.attribute.render import rendered, to_text
    from twinfeed.cli._exits import put
    from twinfeed.cli._output import check_report_target, columns
    from twinfeed.report import replace_file

    if form == "text" and file is None:
        text = to_text(found, width=columns())
    else:
        text = rendered(found, form)
    if file is None:
        put(text)
        return
    check_report_target(file)
    replace_file(Path(file), text, given=f"--output-file {file}")
    if not quiet:
        click.echo(f"Wrote the answer to {file}.", err=True)
