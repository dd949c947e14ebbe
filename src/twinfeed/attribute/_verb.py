"""From two pipelines to how much of the gap each cause explains."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from twinfeed._core.attribution import Attribution
from twinfeed._core.feed import Feed
from twinfeed._core.results import Report
from twinfeed._core.trace import Trace
from twinfeed._core.version import __version__
from twinfeed.attribute._here import Here
from twinfeed.attribute._run import Attributor, Parts
from twinfeed.attribute._settings import Settings
from twinfeed.attribute._speed import timed
from twinfeed.attribute._verdict import verdict, with_speed
from twinfeed.diff import compare
from twinfeed.feeds import as_feed
from twinfeed.graph.change import Refusal
from twinfeed.graph.editing import open_chain
from twinfeed.graph.rewrites import rewrite
from twinfeed.lint._machine import memory_bytes
from twinfeed.observe.budget import Budget
from twinfeed.observe.environment import environment
from twinfeed.observe.read import observe
from twinfeed.train.pool import Pool

WORKER = "twinfeed.attribute._worker_main"
_THAWS = ("cache-before-random-map", "drop-cache")


def attribute(
    a: object,
    b: object,
    /,
    *,
    evaluate: object | None = None,
    model: Callable[[], Any] | str | None = None,
    metric: str | None = None,
    when: Literal["last", "best"] = "last",
    epochs: int = 4,
    examples: int = 20_000,
    seeds: int | None = None,
    precision: float | None = None,
    budget: float | None = 75.0,
    timing: float = 10.0,
    jobs: int | None = None,
    memory: int | None = None,
    folder: str | Path | None = None,
    names: tuple[str | None, str | None] = (None, None),
    progress: Callable[[str, int], None] | None = None,
) -> Attribution:
    """Say how much of the gap between two trainings each cause explains.

    Both feeds are compared; each cause that is found becomes a change of B that takes it away,
    which is proved by comparing again. Networks are then trained on A, on B, and on B without
    each combination of causes, with the same seeds everywhere.

    Args:
        a: Anything ``keras.Model.fit`` accepts, or a ``Feed``.
        b: The other one.
        evaluate: What every network is evaluated on, prepared as A is; by default one example in
            five that both feeds have is held out of training, drawn anew for each seed.
        model: Makes a compiled Keras model: a function, whose trainings run in this process, or
            ``"file.py:make_model"``; a small network that suits the feeds by default.
        metric: The metric to share out; accuracy where there is one, else the loss.
        when: Its value after the last epoch, or the best one.
        epochs: Epochs of a training.
        examples: Examples per epoch at most.
        seeds: A fixed number of paired seeds.
        precision: Half of the width that intervals may have, in points of a metric from 0 to 1.
        budget: Seconds for the trainings, about; ``None`` for no bound beside a precision.
        timing: Seconds for timing epochs of both feeds, about; 0 for none.
        jobs: Processes that train at once; as many as cores and memory allow by default.
        memory: Bytes that they may take together; half of the machine's by default.
        folder: Keeps finished trainings, so that the same call goes on after an interruption.
        names: What the report calls the feeds.
        progress: Called with what is being done and how far it is.

    Returns:
        The verdict, the gap, and the share of each cause with its 95 % interval.

    Raises:
        TrainError: If no network can be trained on the feeds.
        UsageError: If a setting means nothing.
    """
    settings = Settings(
        model=model if isinstance(model, str) else "",
        metric=metric,
        when=when,
        epochs=epochs,
        examples=examples,
        seeds=seeds,
        precision=precision,
        budget_s=budget,
        timing_s=timing,
        jobs=jobs,
        memory=memory,
    )
    traces, parts = work(
        (as_feed(a), as_feed(b)),
        settings,
        names=names,
        dataset=lambda: b,
        evaluate=None if evaluate is None else as_feed(evaluate),
        make=None if isinstance(model, str) else model,
        folder=None if folder is None else Path(folder),
        say=progress or _silent,
        tell=lambda text: (progress or _silent)(text, 0),
    )
    return joined(compare(*traces), parts)


def work(
    feeds: tuple[Feed, Feed],
    settings: Settings,
    *,
    names: tuple[str | None, str | None],
    dataset: Callable[[], object],
    evaluate: Feed | None,
    make: Callable[[], Any] | None,
    folder: Path | None,
    say: Callable[[str, int], None],
    tell: Callable[[str], None],
) -> tuple[tuple[Trace, Trace], Parts]:
    """Observe two feeds, compare them, train, and time epochs; see :func:`attribute`.

    ``dataset`` makes what B is made of, whose graph is rewritten where it is a ``tf.data.Dataset``.

    Returns:
        What was observed of A and B, and what the trainings came to.
    """
    with ExitStack() as stack:
        if folder is None:
            made = stack.enter_context(tempfile.TemporaryDirectory(prefix="twinfeed-"))
            folder = Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        cores = settings.processes(0, memory_bytes())
        pool = stack.enter_context(
            Here(make) if make else Pool(WORKER, folder / "workers.log", cores)
        )
        pool.start()
        traces = tuple(
            observe(
                feed,
                budget=Budget(examples=min(settings.examples, 10_000), timing_s=0.5),
                name=name,
                progress=lambda what, count, label=label: say(f"{label}: {what}", count),
            )
            for feed, name, label in zip(feeds, names, "AB", strict=True)
        )
        report = compare(traces[0], traces[1], progress=lambda text: say(f"comparing: {text}", 0))
        parts = Attributor(
            a=feeds[0],
            b=feeds[1],
            findings=report.findings,
            undecided=report.undecided,
            settings=settings,
            pool=pool,
            folder=folder,
            name=f"{traces[0].name} {traces[1].name}",
            say=say,
            tell=tell,
            thaw=lambda: thawed(dataset()),
            evaluate=evaluate,
        ).run()
    if parts.complete and settings.timing_s:
        with suppress(KeyboardInterrupt):
            speed = timed(
                *feeds, dataset(), report.findings, seconds=settings.timing_s,
                say=lambda text: say(text, 0),
            )  # fmt: skip
            parts = replace(parts, speed=speed)
    return (traces[0], traces[1]), parts


def joined(report: Report, parts: Parts) -> Attribution:
    """The comparison and what the trainings came to, as one answer."""
    return Attribution(
        verdict=with_speed(
            verdict(
                parts.accuracy,
                parts.clues,
                complete=parts.complete,
                own_models=parts.own_models,
            ),
            parts.speed,
        ),
        report=report,
        accuracy=parts.accuracy,
        speed=parts.speed,
        ignored=parts.ignored,
        clues=parts.clues,
        network=parts.network,
        evaluation=parts.evaluation,
        trainings=parts.trainings,
        seconds=parts.seconds,
        notes=parts.notes,
        complete=parts.complete,
        environment=dict(environment()),
        tool_version=__version__,
    )


def thawed(dataset: object) -> Feed | None:
    """A ``tf.data.Dataset`` whose cache keeps no augmentation, as a feed; else ``None``."""
    if isinstance(dataset, Feed):
        return None
    chain = open_chain(dataset)
    if isinstance(chain, str):
        return None
    for name in _THAWS:
        answer = rewrite(name, chain.recipe)
        if not isinstance(answer, Refusal):
            return as_feed(chain.build(answer.recipe))
    return None


def _silent(_what: str, _count: int) -> None:
    """Progress that nobody watches."""
