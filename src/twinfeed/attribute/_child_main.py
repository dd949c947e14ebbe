"""The attributing process: opens the user's feeds, observes them, trains, writes what was found.

Started by ``twinfeed.attribute.child`` as ``python -P -m twinfeed.attribute._child_main FOLDER FD``.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import msgspec

from twinfeed._core.feed import Feed
from twinfeed.attribute._job import PARTS, TRACES, AttributeJob
from twinfeed.attribute._repro import write_repro
from twinfeed.attribute._scripts import caught, clues_of, epochs_of, evaluation_of, feed_of
from twinfeed.attribute._verb import work
from twinfeed.observe._child_main import last_word, stay_under_watch
from twinfeed.observe._events import Event, Teller
from twinfeed.observe._job import JOB, STACKS
from twinfeed.observe._open import call_factory, find_factory, open_factory, open_named
from twinfeed.observe.source import FactorySource, ScriptSource, TwinSource, parse_source
from twinfeed.observe.twinfile import save


def main(arguments: Sequence[str]) -> int:
    """Do the job in a folder; the answer is files there, or an ``error`` event."""
    folder, teller = Path(arguments[0]), Teller(int(arguments[1]))
    stay_under_watch(folder / STACKS, int(arguments[1]), teller)
    job = msgspec.json.decode((folder / JOB).read_bytes(), type=AttributeJob)
    try:
        _work(job, folder, teller)
    except KeyboardInterrupt:
        return 130
    except BaseException as error:  # noqa: BLE001 - the last word of this process, whatever it was
        teller.tell(last_word(error))
        return 3
    teller.tell(Event(kind="done"))
    return 0


def _work(job: AttributeJob, folder: Path, teller: Teller) -> None:
    sources = parse_source(job.a), parse_source(job.b)
    feeds = _opened(job.a, teller), _opened(job.b, teller)
    evaluate = _opened(job.evaluate, teller) if job.evaluate else None
    settings = job.settings
    if isinstance(sources[0], ScriptSource) and isinstance(sources[1], ScriptSource):
        own = {} if settings.model else {"scripts": (job.a, job.b)}
        settings = replace(settings, epochs=epochs_of(sources) or settings.epochs, **own)
        evaluate = evaluate or evaluation_of(sources[0])
    traces, parts = work(
        feeds,
        settings,
        names=(job.a, job.b),
        dataset=_dataset(job.b, teller),
        evaluate=evaluate,
        make=None,
        folder=Path(job.folder),
        say=teller.batch,
        tell=teller.said,
    )
    parts = replace(parts, clues=clues_of(sources))
    if job.repro and all(isinstance(one, ScriptSource) for one in sources):
        write_repro(cast("tuple[ScriptSource, ScriptSource]", sources), feeds[0], Path(job.repro))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # from here on it takes no time
    for trace, name in zip(traces, TRACES, strict=True):
        save(trace, folder / name)
    (folder / PARTS).write_bytes(msgspec.json.encode(parts))


def _opened(given: str, teller: Teller) -> Feed:
    source = parse_source(given)
    assert not isinstance(source, TwinSource), "checked before this was started"
    if isinstance(source, ScriptSource):
        teller.phase(f"running {source.path.name} up to fit")
        return feed_of(source)
    if isinstance(source, FactorySource):
        return replace(open_factory(source, teller.phase), name=given)
    return replace(open_named(source, teller.phase), name=given)


def _dataset(given: str, teller: Teller) -> Callable[[], object]:
    """What B is made of, made once more; ``None`` where only its feed can be had."""
    source = parse_source(given)

    def make() -> object:
        if isinstance(source, FactorySource):
            return call_factory(find_factory(source, teller.phase), given, 2)
        return caught(source).arguments.get("x") if isinstance(source, ScriptSource) else None

    return make


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
