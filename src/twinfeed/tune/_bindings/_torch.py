"""A torch ``DataLoader`` with other workers."""

from __future__ import annotations

from typing import Any

from torch.utils.data import BatchSampler, DataLoader, IterableDataset

from twinfeed.tune._bindings._looked import differs_from, open_epoch
from twinfeed.tune._forms import Form, Forms, counts

_KIND = "torch DataLoader"
_KEPT = (
    "collate_fn", "pin_memory", "timeout", "worker_init_fn", "multiprocessing_context",
    "generator",
)  # fmt: skip


def forms_of(loader: Any, cores: int, *, unsafe: bool) -> Forms:
    """Other numbers of worker processes, and of batches that each prepares."""
    del unsafe  # a worker is a process of its own: nothing is shared
    forms: list[Form] = []
    why = ""
    if isinstance(loader.dataset, IterableDataset):
        why = (
            "every worker would give all of an iterable dataset again, if it does not share it out"
        )
    else:
        forms = [
            _form(loader, workers, ahead)
            for workers in counts(loader.num_workers, cores)
            for ahead in ((2, 8) if workers else (0,))
        ]
    return Forms(
        kind=_KIND, open_epoch=open_epoch, forms=forms, differs=differs_from(loader), why=why
    )


def _form(loader: Any, workers: int, ahead: int) -> Form:
    more: dict[str, Any] = {"num_workers": workers}
    name = "no worker process"
    if workers:
        more |= {"persistent_workers": True, "prefetch_factor": ahead}
        name = f"{workers} worker process{'es' if workers > 1 else ''}, {ahead} batches ahead each"
    plain = type(loader.batch_sampler) is BatchSampler
    order = ("batch_size", "sampler", "drop_last") if plain else ("batch_sampler",)
    if loader.batch_size is None and loader.batch_sampler is None:
        order = ("batch_size", "sampler")
    kept = [*order, *_KEPT]

    def build() -> Any:
        given = {one: getattr(loader, one) for one in kept}
        if not workers:
            given |= {"timeout": 0, "multiprocessing_context": None}
        return DataLoader(loader.dataset, **given, **more)

    said = [f"{one}=loader.{one}" for one in kept if workers or one not in _OF_WORKERS]
    lines = [*said, *(f"{key}={value}" for key, value in more.items())]
    code = "\n".join(
        ["loader = torch.utils.data.DataLoader(", "    loader.dataset,"]
        + [f"    {line}," for line in lines]
        + [")"]
    )
    return Form(name=name, code=code, build=build)


_OF_WORKERS = frozenset({"timeout", "multiprocessing_context"})
