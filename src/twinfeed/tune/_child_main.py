"""The tuning process: runs the user's factory, tunes what it returns, writes what was found.

Started by ``twinfeed.tune.child`` as ``python -P -m twinfeed.tune._child_main FOLDER FD``.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from twinfeed.observe._child_main import last_word, stay_under_watch
from twinfeed.observe._events import Event, Teller
from twinfeed.observe._job import JOB, STACKS
from twinfeed.observe._open import call_factory, find_factory
from twinfeed.observe.source import FactorySource, parse_source
from twinfeed.tune._job import RESULT, TuneJob
from twinfeed.tune._verb import tune
from twinfeed.tune.outcome import Tuned


def main(arguments: Sequence[str]) -> int:
    """Do the job in a folder; the answer is a file there, or an ``error`` event."""
    folder, teller = Path(arguments[0]), Teller(int(arguments[1]))
    stay_under_watch(folder / STACKS, int(arguments[1]), teller)
    job = msgspec.json.decode((folder / JOB).read_bytes(), type=TuneJob)
    try:
        done = _work(job, teller)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # from here on it takes no time
        (folder / RESULT).write_bytes(msgspec.json.encode(replace(done, dataset=None)))
    except KeyboardInterrupt:
        return 130
    except BaseException as error:  # noqa: BLE001 - the last word of this process, whatever it was
        teller.tell(last_word(error))
        return 3
    teller.tell(Event(kind="done"))
    return 0


def _work(job: TuneJob, teller: Teller) -> Tuned:
    source = parse_source(job.given)
    assert isinstance(source, FactorySource), "checked before this process was started"
    factory = find_factory(source, teller.phase)
    teller.phase(f"calling {source.function}()")
    made = call_factory(factory, f"{source.function}() of {source.path}")
    return tune(
        made,
        memory=job.memory,
        cores=job.cores,
        seconds=job.seconds,
        any_order=job.any_order,
        unsafe=job.unsafe,
        cache_dir=job.cache_dir,
        report=True,
        progress=teller.phase,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
