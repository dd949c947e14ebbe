"""From a table of results to a gap that is shared out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twinfeed._core.attribution import Arm, CauseShare, Estimate, Gap, Interaction
from twinfeed._core.batch import Array
from twinfeed.attribute._causes import Cause
from twinfeed.attribute._prove import Proved
from twinfeed.stats.shares import LEVEL, detectable, interactions, mean_interval, shapley


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What was measured, per seed.

    Attributes:
        a: The metric of A, shape ``(seeds,)``.
        table: That of B without each combination of causes, shape ``(seeds, 2 ** bits)``.
        bits: The causes that each bit takes away.
        first: Seeds that decided how many there are; ``None`` where nothing was decided by looking.
        chains: Pairs of bits of which the second takes its causes away only behind the first.
    """

    a: Array
    table: Array
    bits: tuple[tuple[str, ...], ...]
    first: int | None = None
    chains: tuple[tuple[int, int], ...] = ()

    def estimate(self, values: Array, *, level: float = LEVEL) -> Estimate:
        """The mean of one value per seed with its interval."""
        return Estimate(*mean_interval(values, level=level, first=self.first))


def gap_of(
    results: Results,
    causes: Sequence[Cause],
    proofs: Mapping[str, Proved],
    *,
    metric: str,
    when: str,
    unit: str,
    method: str,
    screened: Mapping[str, tuple[Estimate, Estimate]] | None = None,
    idle: Sequence[str] = (),
) -> Gap:
    """Share a gap out.

    Args:
        results: What was measured.
        causes: All causes that were found, measured or not.
        proofs: What looking again saw of each.
        metric: What was measured.
        when: Of which epoch.
        unit: Of the results.
        method: How the shares were found, in words.
        idle: Causes that cannot matter to what was trained: their share is 0.
        screened: What each cause gave alone and last when there were too many to be combined.
    """
    values = shapley(results.table, results.chains)
    shares = [
        _share(results, bit, values[:, bit], (causes, proofs), screened or {})
        for bit in range(len(results.bits))
    ]
    shares.sort(key=lambda one: -abs(one.share.value) if one.share else 0.0)
    measured = {key for keys in results.bits for key in keys}
    shares += [
        _unmeasured(one, proofs[one.key], idle=one.key in idle)
        for one in causes
        if one.key not in measured
    ]
    left = results.estimate(results.a - results.table[:, -1])
    whole = results.estimate(results.a - results.table[:, 0])
    exact = math.fsum([*(one.share.value for one in shares if one.share), left.value])
    return Gap(
        metric=metric,
        when=when,
        unit=unit,
        a=results.estimate(results.a),
        b=results.estimate(results.table[:, 0]),
        gap=Estimate(exact, whole.low, whole.high),
        shares=tuple(shares),
        unexplained=left,
        interactions=_interactions(results),
        arms=tuple(_arms(results)),
        seeds=len(results.a),
        method=method,
        detectable=detectable(results.a - results.table[:, 0]),
    )


def _share(
    results: Results,
    bit: int,
    values: Array,
    known: tuple[Sequence[Cause], Mapping[str, Proved]],
    screened: Mapping[str, tuple[Estimate, Estimate]],
) -> CauseShare:
    causes, proofs = known
    keys, last = results.bits[bit], results.table.shape[1] - 1
    chosen = [one for one in causes if one.key in keys]
    single = len(chosen) == 1
    alone = results.estimate(results.table[:, 1 << bit] - results.table[:, 0])
    behind = results.estimate(results.table[:, last] - results.table[:, last ^ 1 << bit])
    if single and keys[0] in screened:
        alone, behind = screened[keys[0]]
    return CauseShare(
        key=keys[0] if single else "others",
        title=chosen[0].title if single else f"{len(chosen)} others: " + _titles(chosen),
        codes=tuple(code for one in chosen for code in one.codes),
        intervention=chosen[0].does if single else "each of them is taken away as on its own",
        proof="proven",
        proof_text="; ".join(
            proofs[one.key].text if single else f"{one.title}: {proofs[one.key].text}"
            for one in chosen
        ),
        share=results.estimate(values),
        alone=None if bit in {second for _, second in results.chains} else alone,
        last=None if bit in {first for first, _ in results.chains} else behind,
        members=() if single else keys,
    )


def _titles(causes: Sequence[Cause]) -> str:
    return ", ".join(cause.title for cause in causes)


def _unmeasured(cause: Cause, proved: Proved, *, idle: bool) -> CauseShare:
    return CauseShare(
        key=cause.key,
        title=cause.title,
        codes=cause.codes,
        intervention=cause.does,
        proof=proved.proof,
        proof_text=f"{proved.text}; both forms are one loss to the small network" * idle
        or proved.text,
        share=Estimate(0.0, 0.0, 0.0) if idle else None,
    )


def _interactions(results: Results) -> tuple[Interaction, ...]:
    """Pairs whose common effect is beyond noise, however many pairs were looked at."""
    if len(results.bits) < 2:
        return ()
    chained = {tuple(sorted(chain)) for chain in results.chains}
    every = interactions(results.table)
    pairs = {pair: values for pair, values in every.items() if pair not in chained}
    if not pairs:
        return ()
    level = 1 - (1 - LEVEL) / len(pairs)
    names = ["others" if len(keys) > 1 else "".join(keys) for keys in results.bits]
    found = [
        Interaction(keys=(names[one], names[two]), value=results.estimate(values, level=level))
        for (one, two), values in pairs.items()
    ]
    found = [one for one in found if one.value.beyond_noise and np.isfinite(one.value.low)]
    return tuple(sorted(found, key=lambda one: -abs(one.value.value)))


def _arms(results: Results) -> list[Arm]:
    return [
        Arm(
            without=tuple(
                key for bit, keys in enumerate(results.bits) if arm >> bit & 1 for key in keys
            ),
            result=results.estimate(results.table[:, arm]),
            values=tuple(results.table[:, arm].tolist()),
        )
        for arm in range(results.table.shape[1])
    ]
