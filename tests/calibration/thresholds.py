"""The decisions of single measures that must beat chance, each tried where nothing is to be found.

All call the function that decides. Rates beyond what a few hundred trials show are tried all the
same: a threshold that rests on a wrong spread errs far more often than it says.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.calibration.claim import Claim
from twinfeed.diff._labels._paired import PairedLabels
from twinfeed.diff._labels._story import _kind, _table
from twinfeed.diff._ledger._account import _ledger, _taken
from twinfeed.diff._ledger._ground import Ground
from twinfeed.diff._ledger._step import Change, Kept
from twinfeed.diff._measures.augment.different_flips import _otherwise, _surely_more
from twinfeed.diff._measures.augment.values_pushed_out_of_range import _surely
from twinfeed.diff._measures.batches.parts_of_other_classes import _deviations
from twinfeed.diff._pairing._by_place import same_places
from twinfeed.diff._pairing._pairs import Pairs
from twinfeed.diff._policy._across import _middle
from twinfeed.diff._policy._draws import _MOST, _judged, _spread
from twinfeed.diff._policy._parameters import count_as_one
from twinfeed.diff._policy._randomness import _surely as surely_changed
from twinfeed.diff._policy._spread import Spread, spread_of, surely_wider
from twinfeed.diff._streams._order import Moves, stays_near
from twinfeed.diff._twins import Repeats
from twinfeed.diff._values._column_order import matched_columns
from twinfeed.diff._values._line import middle_of
from twinfeed.lint._rules.batches import parts_of_other_classes
from twinfeed.stats.sequence import kept_company


def _near(random: np.random.Generator) -> bool:
    """Two mixed orders."""
    count = int(random.integers(20, 600))
    moved = np.abs(random.permutation(count) - np.arange(count)).mean()
    return stays_near(float(moved) / (count / 3), count)


def _kept_batches(random: np.random.Generator) -> bool:
    """Examples mixed, in batches of which the last may hold one or two."""
    count = int(random.integers(20, 80))
    batch = np.arange(count) // int(random.integers(2, count))
    company = kept_company(batch, batch[random.permutation(count)])
    return Moves("mixed", count, 1.0, 1.0, company).shuffled_batches


def _classes(random: np.random.Generator) -> bool:
    """Two parts drawn from the same classes, some of them rare."""
    sizes = random.integers(20, 600, 2)
    shares = random.dirichlet(np.full(int(random.integers(2, 40)), random.choice([0.2, 1, 10])))
    counts = np.array([random.multinomial(size, shares) for size in sizes])
    counts = counts[:, counts.sum(axis=0) > 0]
    return 2 <= counts.shape[1] <= 0.2 * sizes[1] + 2 and _deviations(counts) > 5


def _validation(random: np.random.Generator) -> bool:
    kinds = int(random.integers(2, 30))
    parts = [random.integers(0, kinds, int(random.integers(10, 300))) for _ in range(2)]
    epochs = [
        SimpleNamespace(rows=_Labels(labels), rows_of=lambda _: slice(None)) for labels in parts
    ]
    train = SimpleNamespace(trains=True, infinite=False, epoch=epochs[1])
    use = SimpleNamespace(call="validation", infinite=False, name="", where="")
    subject: Any = SimpleNamespace(use=use, others=[train], infinite=False, epoch=epochs[0])
    try:
        return any(True for _ in parts_of_other_classes.check(subject))
    except AttributeError:  # what a finding says of the subject is not here
        return True


class _Labels:
    def __init__(self, label: np.ndarray) -> None:
        self.label = label.astype(float)

    def __len__(self) -> int:
        return len(self.label)


_SLACKS = {"zoom_x": 0.04, "rotation_degrees": 3.0, "shift_x": 0.025, "shift_y": 0.025}


def _again(random: np.random.Generator) -> bool:
    """Two epochs of draws, for each example or for each batch, that have nothing in common."""
    size, batches = int(random.integers(4, 33)), int(random.integers(2, 12))
    epoch = size * batches
    fields = list(random.choice(list(_SLACKS), int(random.integers(1, 4)), replace=False))
    draws = np.stack([random.uniform(-1, 1, 2 * epoch) * _SLACKS[f] for f in fields], axis=1)
    draws *= random.uniform(2, 8)
    numbers = np.arange(2 * epoch)
    if random.random() < 0.5:
        draws = draws[numbers // size * size]
    by = size if random.random() < 0.5 else epoch
    pairs = [
        (at, at + by)
        for at in range(2 * epoch - by)
        if by == epoch or at // epoch == (at + by) // epoch
    ]
    rows = SimpleNamespace(batch=numbers // size % batches, epoch=numbers // epoch)
    trace: Any = SimpleNamespace(rows=rows)
    kind = "epochs" if by == epoch else "workers"
    return _judged(kind, _spread(pairs, _MOST), dict(enumerate(draws)), trace, fields) is not None


def _held_against(random: np.random.Generator) -> tuple[np.ndarray, list[np.ndarray]]:
    """Draws of one feed less those of another, of a batch each or of an example each.

    Batches are three or more: one alone says nothing of whether its examples share a draw.
    """
    count = int(random.integers(40, 400))
    size = int(random.integers(1, min(64, count // 3)))
    batches = [random.permutation(count) // size for _ in range(2)]
    if random.random() < 0.5:
        values = random.uniform(-1, 1, count) - random.uniform(-1, 1, count)
    else:
        one, other = (random.uniform(-1, 1, count)[batch] for batch in batches)
        values = one - other
    return values + random.normal(0, 0.02, count), batches


def _off_centre(random: np.random.Generator) -> bool:
    values, batches = _held_against(random)
    found = _middle(values, count_as_one(values, *batches))
    return not found.low <= 0 <= found.high


def _wider(random: np.random.Generator) -> bool:
    sides: list[Spread] = []
    for _ in range(2):
        values, batches = _held_against(random)
        away = np.abs(values - np.median(values))
        alike = count_as_one(values, *batches)
        away.sort()
        sides.append(Spread(-2, 2, random=True, views=len(values), away=away, alike=alike))
    return surely_wider(*sides)


def _end(random: np.random.Generator) -> bool:
    low, high = spread_of(random.uniform(-1, 1, int(random.integers(30, 600))), 0.01).high_between
    return not low <= 1 <= high


def _flips(random: np.random.Generator) -> tuple[Spread, Spread]:
    share, views = random.random(), random.integers(20, 400, 2).tolist()
    one, other = (
        Spread(random.binomial(count, share) / count, 1, random=True, views=count)
        for count in views
    )
    return one, other


def _changed(random: np.random.Generator) -> bool:
    """As many examples taken for changed as likeness may take wrongly."""
    same = random.random(int(random.integers(20, 300))) >= 0.12
    none = np.zeros(0, int)
    return surely_changed(Repeats(Pairs(none, none, none, none, "likeness", 1.0), same), 0.12)


def _left_range(random: np.random.Generator) -> bool:
    """Two sides that draw alike, of which the other happens to keep to the range."""
    batches, leaves = int(random.integers(2, 12)), float(random.uniform(0.02, 0.5))
    sides = [random.random(batches) < leaves for _ in range(2)]
    if not sides[0].any() or sides[1].any():
        return False
    traces: list[Any] = []
    for beyond in sides:
        rows = np.arange(batches)
        values = [np.array([0.0, 1.5 if out else 1.0]) for out in beyond]
        kept = SimpleNamespace(row=rows, values=values)
        traces.append(SimpleNamespace(kept=kept, rows=SimpleNamespace(epoch=0 * rows, batch=rows)))
    return _surely(traces[0], traces[1], 0.0, 1.0)


def _paired(left: np.ndarray, right: np.ndarray, noise: float, odd: float) -> PairedLabels:
    at = np.arange(len(left))
    return PairedLabels(
        left.astype(float), right.astype(float), (at, at), classes=True, numbers=True,
        of_two_forms=False, exact=not odd, noise=noise, odd=odd,
    )  # fmt: skip


def _clean(random: np.random.Generator) -> bool:
    """Labels that have nothing to do with each other."""
    kinds, count = int(random.integers(2, 8)), int(random.integers(5, 200))
    left, right = random.choice(kinds, (2, count), p=random.dirichlet(np.full(kinds, 10)))
    return bool((left != right).any()) and _table(_paired(left, right, 0, 0)) is not None


def _wrong_pairs(random: np.random.Generator) -> bool:
    """Equal labels, of which wrong pairs leave as many unequal as they may."""
    kinds, count, noise = int(random.integers(2, 8)), int(random.integers(20, 600)), 0.05
    left = random.integers(0, kinds, count)
    wrong = random.random(count) < 2 * random.uniform(0, noise) + 0.02
    right = np.where(wrong, (left + random.integers(1, kinds, count)) % kinds, left)
    kind = _kind(_paired(left, right, noise, 0.02), int((left == right).sum()), 1 / kinds)[0]
    return kind not in {"same", "in doubt", "too few"}


def _strangers(random: np.random.Generator) -> bool:
    """The n-th of two feeds of the same classes that are other examples."""
    count, kinds = int(random.integers(12, 120)), int(random.integers(1, 5))
    labels = np.sort(random.integers(0, kinds, count))
    labels = random.permutation(labels) if random.random() < 0.5 else labels
    middles = random.normal(0, 1, (kinds, 64))
    one, other = (
        np.clip(128 + 40 * (middles[labels] + random.normal(0, 1, (count, 64))), 0, 255)
        for _ in range(2)
    )
    return same_places(one.astype(np.uint8), other.astype(np.uint8), (labels, labels))


def _columns(random: np.random.Generator) -> bool:
    one, other = random.normal(0, 1, (2, int(random.integers(20, 60)), int(random.integers(2, 6))))
    return float(matched_columns(one, other)[2].sum()) <= 0.1


def _factor(random: np.random.Generator) -> bool:
    """The middle of factors of single examples, of which the mean lies elsewhere."""
    low, high = middle_of(np.log(random.gamma(1, 1, int(random.integers(6, 400))) / np.log(2)))
    return not low <= 1 <= high


def _explained(random: np.random.Generator) -> bool:
    """What a step takes of the difference of a few pairs, unequal ones."""
    pairs, mean = int(random.integers(3, 65)), float(random.uniform(0.05, 0.95))
    before = random.gamma(2, 1, pairs)
    after = before * (1 - random.beta(8 * mean, 8 * (1 - mean), pairs))
    kept = Kept(step="values", says="", share=0.0, taken=0.0, facts={})
    found = _ledger([before, after], [kept], pairs)[1]
    return not (found.shares[0].low <= mean <= found.shares[0].high)


def _pays(random: np.random.Generator) -> bool:
    """A step that takes from some pairs what it adds to others."""
    pairs = int(random.integers(6, 129))
    none, fit = np.zeros((pairs, 1, 1, 1), np.float32), random.permutation(pairs) % 2 == 0
    ground = Ground(none, none, np.zeros((2, pairs), int), fit)
    change = Change(step="values", says="", left=none, right=none, judge="values", least=0.0)
    before = random.gamma(3, 1, pairs)
    after = before * (1 + random.normal(0, random.uniform(0.02, 0.3), pairs))
    return _taken(change, ground, ground, before, after) is not None


THRESHOLDS = {
    "examples that stay near, 6 sd": Claim(0.001, _near),
    "batches kept by chance": Claim(0.0001, _kept_batches),
    "classes of two parts, 5 sd": Claim(0.001, _classes),
    "classes of a validation": Claim(0.001, _validation),
    "draws that come again, 6 sd": Claim(0.001, _again),
    "interval of a middle of draws, 99.9 %": Claim(0.001, _off_centre, slack=0.002),
    "views that lie further out, 4 sd": Claim(0.0001, _wider),
    "interval of an end": Claim(0.05, _end, slack=0.01),
    "shares mirrored, bounded": Claim(0.01, lambda random: _otherwise(*_flips(random))),
    "shares mirrored, 99.9 %": Claim(0.001, lambda random: _surely_more(*_flips(random))),
    "examples taken for changed": Claim(0.025, _changed, slack=0.01),
    "batches that leave a range": Claim(0.001, _left_range),
    "a clean table of classes": Claim(0.001, _clean),
    "labels beyond wrong pairs, 3.3 sd": Claim(0.001, _wrong_pairs),
    "examples at the same places, 5 sd": Claim(0.001, _strangers),
    "columns that follow a stranger": Claim(0.001, _columns),
    "interval of a factor": Claim(0.05, _factor),
    "interval of a share of the ledger": Claim(0.05, _explained, slack=0.02),
    "a step of the ledger that pays": Claim(0.025, _pays, slack=0.01),
}
"""By what is decided: the rate of error that it states or relies on."""
