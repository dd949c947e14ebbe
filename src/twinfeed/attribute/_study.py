"""What the trainings of one attribution have in common, and a seed's draws on disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from twinfeed.attribute._evaluation import Evaluation, given, held_out
from twinfeed.attribute._forms import Forms
from twinfeed.attribute._identity import Identities
from twinfeed.attribute._world import World
from twinfeed.train.outcome import Epoch
from twinfeed.train.recording import Recording
from twinfeed.train.runs import OF_A

STUDY, EVALUATION, NETWORK = "study.json", "evaluation", "network.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """What all trainings share.

    Attributes:
        bits: Which causes each bit of an arm takes away, lowest bit first; a bit may stand for
            several that are measured as one.
        forms: How both feeds write the same content.
        model: A factory of a compiled model as the user named it; empty for the probe.
        scripts: The scripts whose own models are trained, A's and B's; empty without any.
        every_epoch: Whether each epoch is evaluated.
        evaluated_on: Whether an evaluation feed was given.
        both_frozen: As in ``World``.
        always: Causes that are taken away in every training, because they cannot matter to it.
    """

    bits: tuple[tuple[str, ...], ...]
    forms: Forms
    model: str = ""
    scripts: tuple[str, ...] = ()
    every_epoch: bool = False
    evaluated_on: bool = False
    both_frozen: bool = False
    always: tuple[str, ...] = ()

    def without(self, arm: int) -> frozenset[str]:
        """The causes that an arm takes away."""
        taken = {key for bit, keys in enumerate(self.bits) if arm >> bit & 1 for key in keys}
        return self.forms.possible(taken | {*self.always})

    @property
    def chains(self) -> tuple[tuple[int, int], ...]:
        """Pairs of bits of which the second takes its causes away only behind the first."""
        bit = {key: number for number, keys in enumerate(self.bits) for key in keys}
        first, second = (bit.get(key) for key in self.forms.chain or ("", ""))
        return () if first is None or second is None or first == second else ((first, second),)

    def save(self, folder: Path) -> None:
        """Write it where the training processes find it."""
        (folder / STUDY).write_bytes(msgspec.json.encode(self))

    @staticmethod
    def load(folder: Path) -> Study:
        """Read what ``save`` wrote."""
        return msgspec.json.decode((folder / STUDY).read_bytes(), type=Study)


def save_world(world: World, folder: Path) -> None:
    """Write a seed's draws; the last file says that they are whole."""
    world.a.save(folder / "a")
    world.b.save(folder / "b")
    arrays = {"a": world.ids.a, "b": world.ids.b, "held": world.held}
    if world.thawed is not None:
        world.thawed[0].save(folder / "thawed")
        arrays["thawed"] = world.thawed[1]
    arrays["count"] = np.array(world.ids.count)
    np.savez(folder / "ids.npz", **arrays)  # pyright: ignore[reportArgumentType]


def load_world(folder: Path, study: Study, seed: int) -> World:
    """Read what ``save_world`` wrote."""
    with np.load(folder / "ids.npz", allow_pickle=False) as stored:
        ids = Identities(stored["a"], stored["b"], int(stored["count"]))
        held = stored["held"]
        thawed_ids = stored["thawed"] if "thawed" in stored.files else None
    return World(
        a=Recording.load(folder / "a"),
        b=Recording.load(folder / "b"),
        ids=ids,
        forms=study.forms,
        seed=seed,
        held=held,
        thawed=None if thawed_ids is None else (Recording.load(folder / "thawed"), thawed_ids),
        both_frozen=study.both_frozen,
    )


def is_saved(folder: Path) -> bool:
    """Whether a seed's draws are on disk."""
    return (folder / "ids.npz").exists()


def evaluation_of(world: World, folder: Path, study: Study) -> Evaluation:
    """What the networks of a seed are evaluated on."""
    if study.evaluated_on:
        return given(Recording.load(folder / EVALUATION), world)
    return held_out(world)


def epochs_of(world: World, study: Study, arm: int) -> Sequence[Epoch]:
    """What an arm trains on."""
    return world.of_a() if arm == OF_A else world.of_b(study.without(arm))
