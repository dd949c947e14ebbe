"""ImageDataGenerator: ours, Keras's, the decode limit, and what else does the same work.

The work: JPEGs of about 500 x 375 to 224 x 224, shear, zoom, flip and rescale, float32 batches
of 32 with labels. Each candidate is a process; all but one stand still. Within a round they take
turns in a random order, after a warm-up; ratios are medians of the ratios of rounds. Two sets of
files are written: one of about 57 kB a file, one of about 100 kB. Peers that do not start here are
named and left out. DALI takes another version of some libraries: --dali names the Python that has
it, an environment of its own that also sees this one's packages.

    python benchmarks/images.py [--rounds 5] [--seconds 2] [--dali PYTHON]
        [--only main,rotation,cache,small,cold,memory]
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from image_feeds import (
    BATCH,
    ROTATION,
    SHEAR,
    Batches,
    OnePicture,
    OnePictureQuickly,
    arrays,
    as_fit_does,
    cached,
    dali,
    flow,
    grain_threads,
    limit,
    opencv_pool,
    small_files,
    tf_by_hand,
    theirs,
    torch_processes,
    write_photos,
)  # fmt: skip

from twinfeed.engine.crew import cores
from twinfeed.images import ImageDataGenerator

WARM_UP = 6

DALI = "DALI on processors"
CANDIDATES: dict[str, Callable[[Path], Batches]] = {
    "ours": lambda f: flow(ImageDataGenerator, f, SHEAR),
    "ours, asked as fit asks": lambda f: as_fit_does(ImageDataGenerator, f, SHEAR),
    "Keras, as fit uses it": lambda f: as_fit_does(theirs(), f, SHEAR),
    "decode only, same threads": limit,
    "OpenCV, a thread per core": opencv_pool,
    "tf.data by hand": tf_by_hand,
    "Grain with OpenCV": grain_threads,
    "torch DataLoader with OpenCV": lambda f: torch_processes(f, OnePictureQuickly),
    "torch DataLoader, as Keras": lambda f: torch_processes(f, OnePicture),
    DALI: dali,
    "ours, rotation": lambda f: flow(ImageDataGenerator, f, ROTATION),
    "Keras, rotation": lambda f: as_fit_does(theirs(), f, ROTATION),
    "ours, cache in memory": lambda f: cached("memory", f),
    "ours, cache in a folder": lambda f: cached(str(f.parent / "cache"), f),
    "ours, 32 x 32": lambda f: flow(ImageDataGenerator, f, SHEAR, 32),
    "Keras, 32 x 32": lambda f: as_fit_does(theirs(), f, SHEAR, size=32),
    "ours, arrays": lambda _: arrays(ImageDataGenerator),
    "Keras, arrays": lambda _: arrays(theirs()),
}
PEERS = tuple(CANDIDATES)[:10]
PYTHONS: dict[str, str] = {}
"""The interpreter of a candidate, where it is another one."""


def serve(name: str, folder: Path) -> None:
    """Be one candidate: for each number of seconds that comes in, say how fast it was."""
    batches = CANDIDATES[name](folder)
    next(batches)
    print("ready", flush=True)
    for line in sys.stdin:
        for _ in range(WARM_UP):
            next(batches)
        begin, used, pictures = time.perf_counter(), time.process_time(), 0
        while (took := time.perf_counter() - begin) < float(line):
            batch = next(batches)
            pictures += len(batch[0]) if isinstance(batch, tuple) else len(batch)
        cpu = (time.process_time() - used) / pictures * 1000
        print(pictures / took, cpu, flush=True)


class Candidate:
    """A process that stands still unless it is its turn."""

    def __init__(self, name: str, folder: Path) -> None:
        python = PYTHONS.get(name, sys.executable)
        command = [python, __file__, "--serve", name, "--folder", str(folder)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        self.ready = self._line() == "ready"
        self.signal(signal.SIGSTOP)

    def signal(self, number: int) -> None:
        """To this process and those it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def _line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def turn(self, seconds: float) -> tuple[float, float]:
        """Pictures per second, and milliseconds of processor time per picture."""
        assert self.process.stdin is not None
        self.signal(signal.SIGCONT)
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        speed, cpu = map(float, self._line().split())
        self.signal(signal.SIGSTOP)
        return speed, cpu


def race(title: str, names: Sequence[str], folder: Path, rounds: int, seconds: float) -> None:
    """Let candidates take turns; the first is compared with each of the others."""
    running: dict[str, Candidate] = {}
    seen: dict[str, list[tuple[float, float]]] = {}
    order = np.random.default_rng(0)
    try:
        for name in names:
            running[name] = Candidate(name, folder)
            if running[name].ready:
                seen[name] = []
            else:
                print(f"  {name}: left out, it does not start here")
        for _ in range(rounds):
            for name in order.permutation(list(seen)).tolist():
                seen[name].append(running[name].turn(seconds))
    finally:
        for each in running.values():
            each.signal(signal.SIGKILL)
    print(f"\n{title}  (load average {os.getloadavg()[0]:.1f} on {cores()} cores)")
    print(f"  {'':28} {'pictures/s':>10} {'lowest..highest':>17} {'CPU ms':>7} {'first is x':>10}")
    first = next(iter(seen))
    for name, found in seen.items():
        rates = [each[0] for each in found]
        ratio = statistics.median(a[0] / b for a, b in zip(seen[first], rates, strict=True))
        spread = f"{min(rates):.0f}..{max(rates):.0f}"
        cpu = statistics.median(each[1] for each in found)
        print(f"  {name:28} {statistics.median(rates):10.0f} {spread:>17} {cpu:7.2f} {ratio:10.2f}")


def cold_start(folder: Path) -> None:
    """Seconds from the start of Python to the first batch, kernels compiled before."""
    code = (
        "import time; t = time.perf_counter()\n"
        "from twinfeed.images import ImageDataGenerator\n"
        f"flow = ImageDataGenerator(**{SHEAR!r}).flow_from_directory({str(folder)!r}, (224, 224), seed=1)\n"
        "next(flow); print(time.perf_counter() - t)"
    )
    took: list[float] = []
    for _ in range(5):
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        took.append(time.perf_counter() - begin)
    print(f"\nfirst batch after a cold start: {statistics.median(took):.2f} s, process and all")


def memory(folder: Path) -> None:
    """Peak memory as epochs go by."""
    code = (
        "import resource\n"
        "from twinfeed.images import ImageDataGenerator\n"
        f"flow = ImageDataGenerator(**{SHEAR!r}).flow_from_directory({str(folder)!r}, (224, 224), seed=1)\n"
        "for epoch in range(1, 25):\n"
        "    for _ in range(len(flow)): batch = next(flow)\n"
        "    if epoch in (2, 8, 24):\n"
        "        print('peak', epoch, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    peaks = [line.split()[1:] for line in ran.stdout.splitlines() if line.startswith("peak")]
    shown = ", ".join(f"{peak} MB after {epoch} epochs" for epoch, peak in peaks)
    size = BATCH * 224 * 224 * 3 * 4 / 1e6
    print(f"\npeak memory: {shown}; a batch has {size:.0f} MB")


def main() -> None:
    """Print what was asked for."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # which ends the candidates, too
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--images", type=int, default=400)
    parser.add_argument("--only", default="main,rotation,cache,small,cold,memory")
    parser.add_argument("--dali", default=sys.executable, help="the Python that has DALI")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.folder)
        return
    PYTHONS[DALI] = options.dali
    chosen, how = set(options.only.split(",")), (options.rounds, options.seconds)
    with tempfile.TemporaryDirectory() as name:
        light, heavy, small = (Path(name) / each for each in ("light", "heavy", "small"))
        print("light:", write_photos(light, options.images, 90, 4.0))
        print("heavy:", write_photos(heavy, options.images, 94, 9.0))
        small_files(small)
        if "main" in chosen:
            race("shear, zoom, flip, rescale: light", PEERS, light, *how)
            race("shear, zoom, flip, rescale: heavy", PEERS, heavy, *how)
        if "rotation" in chosen:
            race("rotation, shifts", ("ours, rotation", "Keras, rotation"), light, *how)
        if "cache" in chosen:
            names = ("ours, cache in memory", "ours, cache in a folder", "Keras, as fit uses it")
            race("later epochs", names, light, *how)
        if "small" in chosen:
            race("32 x 32 PNG", ("ours, 32 x 32", "Keras, 32 x 32"), small, *how)
            race("32 x 32 arrays", ("ours, arrays", "Keras, arrays"), small, *how)
        if "cold" in chosen:
            cold_start(light)
        if "memory" in chosen:
            memory(light)


if __name__ == "__main__":
    main()
