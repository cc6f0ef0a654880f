"""What a worker process keeps: catalogues, models checked by digest, and a few samplers around what it just did."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from lrscore.catalogue import Catalogue, find_catalogue
from lrscore.errors import InputError
from lrscore.monitor import Run
from lrscore.provenance import describe_run
from lrscore.study.items import Item

_MODELS, _SAMPLERS = 3, 4


class Kept(threading.local):
    """The last few results of a function, by key, for every thread by itself.

    Samplers hold the stream that they draw from, and models of strangers may hold anything while they answer: nothing
    of that is shared between shards that run side by side, as on a worker that was started with several threads.
    """

    def __init__(self, most: int) -> None:
        self._most, self._values = most, OrderedDict[Any, Any]()

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """The value of that key, made if it is not there."""
        if key not in self._values:
            made = make()
            while len(self._values) >= self._most:
                self._values.popitem(last=False)
            self._values[key] = made
        self._values.move_to_end(key)
        return self._values[key]


_models, _samplers = Kept(_MODELS), Kept(_SAMPLERS)


def catalogue_of(item: Item) -> Catalogue:
    """The catalogue that the study names."""
    return find_catalogue(item.catalogue)


def source_catalogue(item: Item) -> Catalogue:
    """The catalogue, once the item's source is known to be the file that it was where the study was started.

    Raises:
        InputError: it is another one on this worker.
    """
    catalogue = catalogue_of(item)
    asked = getattr(catalogue, "fingerprint", None)
    if asked is not None and asked(item.source) not in (None, item.fingerprint):
        raise InputError(f"{item.source} is another file on this worker than where the study was started")
    return catalogue


def provenance_of(item: Item, batch: int) -> dict[str, str]:
    """Where the item's certificate comes from; cost left out.

    Args:
        batch: copies of a pass.
    """
    import torch

    device = item.study.device
    run = Run.on(device, torch.Generator(device).manual_seed(item.seed))
    planned = {"study_plans": " ".join(item.planned or (item.setting.plan,))}
    return describe_run(model_of(item), run, batch) | item.told | planned


def model_of(item: Item) -> Any:
    """The item's model on this worker's device, loaded once by every thread that works on it.

    Raises:
        InputError: it can not be loaded, or has other weights here than where the study was started.
    """
    one_thread()

    def load() -> Any:
        catalogue, name = catalogue_of(item), item.setting.model
        graph = item.setting.kind == "graph"
        model = (catalogue.load_graph_model if graph else catalogue.load_image_model)(name)
        digest = str(getattr(model, "digest", "") or "")
        if digest != item.model_digest:
            raise InputError(
                f"model {name} has other weights on this worker than where the study was started: "
                f"{digest[:12] or 'no digest'} instead of {item.model_digest[:12] or 'no digest'}"
            )
        return model.to(item.study.device) if hasattr(model, "to") else model

    key = (
        item.catalogue,
        item.setting.kind == "graph",
        item.setting.model,
        item.model_digest,
        item.study.device,
    )
    return _models.get(key, load)


def sampler_of(item: Item, make: Callable[[], Any]) -> Any:
    """The sampler of an item, made anew only if this worker did other things since."""
    return _samplers.get((item.catalogue, item.drawn), make)


def one_thread() -> None:
    """Sampling uses one thread: sums of other lengths would round differently, and workers would fight for cores."""
    import torch

    if torch.get_num_threads() != 1:
        with suppress(RuntimeError):
            torch.set_num_threads(1)
