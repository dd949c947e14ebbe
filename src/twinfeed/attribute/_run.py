"""From the findings of two feeds to a gap that is shared out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import xxhash

from twinfeed._core.attribution import Clue, Estimate, Gap
from twinfeed._core.feed import Feed
from twinfeed._core.finding import Finding, Undecided
from twinfeed.attribute._causes import Cause, causes_of, separable
from twinfeed.attribute._chance import ORDER, order_is_chance
from twinfeed.attribute._checks import augments
from twinfeed.attribute._evaluation import hold_out, sizes_differ
from twinfeed.attribute._feeds import Pair
from twinfeed.attribute._gap import gap_of
from twinfeed.attribute._here import Here
from twinfeed.attribute._identity import trace_of
from twinfeed.attribute._prepare import forms_of
from twinfeed.attribute._prove import Proved, fitting, prove
from twinfeed.attribute._screen import MOST_EXACT, SEEDS, arms_of_screening, screened
from twinfeed.attribute._scripts import input_shape_of
from twinfeed.attribute._settings import Settings, is_share
from twinfeed.attribute._study import EVALUATION, NETWORK, Study
from twinfeed.attribute._trainings import Trainings, all_arms
from twinfeed.attribute._world import World
from twinfeed.lint._machine import memory_bytes
from twinfeed.train.pool import Pool
from twinfeed.train.recording import Recording, record
from twinfeed.train.runs import Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What came of the trainings; the fields are those of an ``Attribution``."""

    accuracy: Gap | None
    ignored: tuple[Finding, ...]
    network: str
    evaluation: str
    trainings: int
    seconds: float
    notes: tuple[str, ...]
    complete: bool
    speed: Gap | None = None
    clues: tuple[Clue, ...] = ()
    own_models: bool = False


@dataclass(kw_only=True)
class Attributor:
    """One attribution, step by step.

    Attributes:
        a: Feed A.
        b: Feed B.
        findings: What the comparison of both found.
        undecided: What it could not settle.
        settings: What the user decided.
        pool: Where trainings are done.
        folder: Where runs are kept.
        name: What tells this command's runs from others.
        say: Called with what is being done and how far it is.
        tell: Called with what is worth a line that stays.
        thaw: Makes B with its augmentation drawn anew in each epoch; ``None`` where that cannot be.
        evaluate: The feed to evaluate on; ``None`` to hold examples out.
    """

    a: Feed
    b: Feed
    findings: tuple[Finding, ...]
    settings: Settings
    pool: Pool | Here
    folder: Path
    name: str
    say: Callable[[str, int], None]
    tell: Callable[[str], None]
    undecided: tuple[Undecided, ...] = ()
    thaw: Callable[[], Feed | None] = lambda: None
    evaluate: Feed | None = None
    _notes: list[str] = field(default_factory=list[str])
    _studies: list[Trainings] = field(default_factory=list[Trainings])

    def run(self) -> Parts:
        """Do it all; an interruption ends it with what there is."""
        began = time.monotonic()
        causes, ignored = causes_of(self.findings)
        gap, complete = None, False
        try:
            gap = self._shared_out(causes)
            complete = not any(study.interrupted for study in self._studies)
        except KeyboardInterrupt:
            self._notes.append("interrupted before trainings began")
        evaluation = "one example in five that both feeds have, held out anew for each seed"
        if self.evaluate is not None:
            evaluation = f"{self.evaluate.name}, as given"
        earlier = max((study.runs.seconds for study in self._studies), default=0.0)
        return Parts(
            accuracy=gap,
            ignored=tuple(ignored),
            network=self._network(),
            evaluation=evaluation,
            trainings=sum(
                bool(one.epoch_s) for study in self._studies for one in study.runs.done.values()
            ),
            seconds=earlier + time.monotonic() - began,
            notes=tuple(self._notes),
            complete=complete,
            own_models=bool(self.settings.scripts),
        )

    def _shared_out(self, causes: list[Cause]) -> Gap | None:
        thawed = self.thaw() if any(one.key == "frozen" for one in causes) else None
        pair = Pair(
            a=self.a, b=self.b, epochs=self.settings.epochs, examples=self.settings.examples,
            say=self.say, notes=self._notes, thawed=thawed,
        )  # fmt: skip
        recordings = pair.recordings(0)
        self.pool.jobs = self.settings.processes(_bytes(recordings), memory_bytes())
        self.say("telling examples apart", 0)
        traces = trace_of(recordings[0], "A"), trace_of(recordings[1], "B")
        forms = forms_of(traces, recordings, causes)
        world = pair.made(recordings, traces, 0, forms, both_frozen=False)
        side = augments(world)
        causes = separable(causes, can_thaw=thawed is not None, apart=bool(side))
        keys = {one.key for one in causes}
        if "augmentation" in keys:
            world.forms = forms = replace(forms, augments=side)
        world.both_frozen = both_frozen = {"pictures", "frozen"} <= keys
        if self.evaluate is not None and sizes_differ(world):
            self._notes.append(
                f"{self.evaluate.name} shows pictures as large as A's, which B's network cannot"
                " take; examples held out of both feeds were evaluated on instead"
            )
            self.evaluate = None
        proofs = prove(world, causes, lambda text: self.say(text, 0))
        if self.settings.scripts:
            taken = input_shape_of(self.settings.scripts[1])
            proofs = {key: fitting(world, key, one, taken) for key, one in proofs.items()}
        proven = [one for one in causes if proofs[one.key].proof == "proven"]
        # Sparse and categorical cross-entropy are one loss, so half of the trainings are saved.
        small = not (self.settings.model or self.settings.scripts or isinstance(self.pool, Here))
        idle = {"label-form"} if small else set[str]()
        players = [one for one in proven if one.key not in idle]
        chance = order_is_chance(world, self.findings, self.undecided)
        if chance:
            self._notes.append(
                "both feeds mix their examples anew in each epoch and nothing tells their orders"
                " apart in kind, so both were trained on in the order that A drew: its chance is in no share"
            )
        study = Study(
            bits=tuple((one.key,) for one in players), forms=forms, model=self.settings.model,
            scripts=self.settings.scripts,
            every_epoch=self.settings.when == "best", evaluated_on=self.evaluate is not None,
            both_frozen=both_frozen,
            always=(*(one.key for one in proven if one.key in idle), *(ORDER,) * chance),
        )  # fmt: skip
        first = [replace(world, seed=self.settings.seed)]
        del recordings, traces, world

        def draw(seed: int) -> World:
            hold = self.evaluate is None
            drawn = first.pop() if first else None
            if drawn is None or drawn.seed != seed:
                return pair.draw(seed, forms, both_frozen=both_frozen, hold=hold)
            if hold:
                drawn.held = hold_out(drawn)
            return drawn

        return self._trained(study, players, causes, proofs, draw)

    def _trained(
        self,
        study: Study,
        players: Sequence[Cause],
        causes: Sequence[Cause],
        proofs: dict[str, Proved],
        draw: Callable[[int], World],
    ) -> Gap | None:
        told: dict[str, tuple[Estimate, Estimate]] = {}
        budget = self.settings.budget_s
        count = len(study.bits)
        method = f"exact Shapley values over all {1 << count} combinations of {count} causes"
        if count < 2:
            method = "A and B with paired seeds" + ", and B without its one cause" * count
        if count > MOST_EXACT:
            screening = self._study("screening", study, arms_of_screening(count), draw)
            screening.run(None, SEEDS)
            if screening.interrupted:
                return None
            told, bits = screened(screening, players)
            study = replace(study, bits=bits)
            budget = None if budget is None else max(budget - screening.spent_s(), budget / 3)
            method = (
                f"{count} causes screened one at a time and leave-one-out over {SEEDS} seeds;"
                f" exact Shapley values of the {MOST_EXACT - 1} largest and of the others as one"
            )
        shares = self._study("shares", study, all_arms(len(study.bits)), draw)
        first = shares.run(budget, self.settings.seeds)
        results = shares.results(first)
        if results is None:
            return None
        return gap_of(
            results, causes, proofs, metric=shares.metric, when=self.settings.when,
            unit="points" if is_share(shares.metric) else "", method=method, screened=told,
            idle=study.always,
        )  # fmt: skip

    def _study(
        self, name: str, study: Study, arms: tuple[int, ...], draw: Callable[[int], World]
    ) -> Trainings:
        kept = {"model", "scripts", "epochs", "examples", "seed", "when"}
        given = {key: value for key, value in asdict(self.settings).items() if key in kept}
        given["scripts"] = list(self.settings.scripts)
        setup = {
            "name": self.name, "bits": [list(keys) for keys in study.bits], "settings": given,
            "evaluated_on": study.evaluated_on, "always": list(study.always),
        }  # fmt: skip
        # Other causes, as a later look may find, are another study beside this one.
        told = xxhash.xxh3_64_hexdigest(json.dumps(setup, sort_keys=True).encode())
        folder = self.folder / f"{name}-{told[:8]}"
        runs = Runs.open(folder, setup)
        study.save(folder)
        if self.evaluate is not None and not (folder / EVALUATION).exists():
            most = 4 * self.settings.examples
            record(self.evaluate, 1, most_examples=most, say=self.say).save(folder / EVALUATION)
        made = Trainings(
            study=study, arms=arms, runs=runs, pool=self.pool, settings=self.settings, draw=draw,
            say=lambda text: self.say(text, 0), tell=self.tell,
        )  # fmt: skip
        self._studies.append(made)
        return made

    def _network(self) -> str:
        for study in self._studies:
            told = study.runs.folder / NETWORK
            if told.exists():
                return told.read_text("utf-8")
        return ""


def _bytes(recordings: tuple[Recording, Recording]) -> int:
    return sum(array.nbytes for one in recordings for array in one.columns.values())
