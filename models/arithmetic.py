"""Which arithmetic a model runs in if nobody says: the fastest that keeps its labels, measured once and remembered.

The choice never depends on the picture that is certified, only on its size: it is measured on a bundled scene. It is
made before anything is sampled, so pilot and estimation, and every look of a run, have the same base model.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from lrscore.atomic import write_bytes
from lrscore.errors import InputError
from models.dressing import Dressing
from models.precision import PRECISIONS
from models.timing import least_in_turn

LEAST_COPIES = 2000
"""Planned copies from which a measurement is worth its time; shorter runs take the model as it is."""
_COPIES, _ROUNDS = 8, 3
_LEVEL = 0.2
_AGREEMENT = 0.995
_FASTER = 0.9  # of the time, from which another arithmetic is taken
_MOST_KEPT = 500
CACHE_VARIABLE = "LRS_CACHE"


@dataclass(frozen=True)
class Arithmetic:
    """What was measured.

    Args:
        chosen: the precision; None for the model as it is.
        rates: copies per second of each precision, "as it is" among them.
        agreement: share of labels that each has in common with the model as it is.
    """

    chosen: str | None
    rates: Mapping[str, float]
    agreement: Mapping[str, float]

    @property
    def sentence(self) -> str:
        """What was chosen, and the measured rates."""
        return (
            f"{self.chosen or 'the model as it is'} is used; measured on this machine: {self.rates_in_words}"
        )

    @property
    def rates_in_words(self) -> str:
        """Copies per second of each, and the labels it has in common with the model as it is."""
        return ", ".join(
            f"{name} {rate:.3g}/s"
            + (f" ({self.agreement[name]:.2%} of the labels)" if name in PRECISIONS else "")
            for name, rate in self.rates.items()
        )


def measure_model(base: str, worn: Dressing, size: tuple[int, int], device: torch.device) -> Arithmetic:
    """The same for a segmentation model by its name, and what is put around it beside its precision.

    Raises:
        InputError: no such model, or it can not take such a picture.
    """
    from models.segmentation.registry import load_model

    return choose_arithmetic(
        lambda one: load_model(base + replace(worn, precision=one).suffix).to(device),
        size,
        device,
        denoise=worn.denoise,
    )


def choose_arithmetic(
    build: Callable[[str | None], Any],
    size: tuple[int, int],
    device: torch.device,
    *,
    denoise: bool = False,
    cache: Path | None = None,
) -> Arithmetic:
    """Measure, or remember what was measured.

    Args:
        build: the model on the device in that precision; None for the model as it is.
        size: (height, width) of the pictures.
        device: where it runs.
        denoise: whether it is asked with levels.
        cache: file of earlier measurements; that of this machine's user if None.

    Raises:
        InputError: the model as it is can not take such a picture.
    """
    plain = build(None)
    path = _cache_file() if cache is None else cache
    key = _key(getattr(plain, "digest", "") or "", size, device)
    if getattr(plain, "digest", "") and (kept := _read(path).get(key)) is not None:
        return kept
    candidates = [name for name in PRECISIONS if name != "float16" or device.type == "cuda"]
    models, labels = {"as it is": plain}, {}
    batch, levels = _noisy_scene(size, device)

    def run(model: Any) -> torch.Tensor:
        scores = model.at_levels(batch, levels) if denoise else model(batch)
        # The copy waits for a GPU, too
        return scores.max(dim=1).indices.cpu()

    with torch.inference_mode():
        try:
            labels["as it is"] = run(plain)
        except Exception as error:  # models of strangers fail as they like
            raise InputError(f"the model cannot take a picture of {size[0]}x{size[1]}: {error}") from error
        for name in candidates:
            try:
                one = build(name)
                labels[name] = run(one)
                models[name] = one
            except Exception:  # an operator that this type does not have: no candidate
                continue
        seconds = least_in_turn({name: partial(run, model) for name, model in models.items()}, _ROUNDS)
    agreement = {name: float((labels[name] == labels["as it is"]).float().mean()) for name in models}
    measured = Arithmetic(
        choose(seconds, agreement), {name: _COPIES / spent for name, spent in seconds.items()}, agreement
    )
    if getattr(plain, "digest", ""):
        _remember(path, key, measured)
    return measured


def choose(seconds: Mapping[str, float], agreement: Mapping[str, float]) -> str | None:
    """The fastest of those that keep the labels; the model as it is unless another one is clearly faster."""
    good = [name for name in seconds if name in PRECISIONS and agreement[name] >= _AGREEMENT]
    best = min(good, key=seconds.__getitem__, default=None)
    return best if best is not None and seconds[best] < _FASTER * seconds["as it is"] else None


def _noisy_scene(size: tuple[int, int], device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Noisy copies of a bundled scene, and their levels (1, 1, H, W)."""
    from models.scenes.gallery import GALLERY, load_gallery_scene

    scene = torch.from_numpy(np.asarray(load_gallery_scene(GALLERY[0].name).image, dtype=np.float32))
    picture = F.interpolate(scene[None], size, mode="bilinear", align_corners=False)
    noise = torch.randn((_COPIES, *picture.shape[1:]), generator=torch.Generator().manual_seed(0))
    levels = torch.full((1, 1, *size), _LEVEL)
    return (picture + _LEVEL * noise).to(device), levels.to(device)


def _cache_file() -> Path:
    folder = os.environ.get(CACHE_VARIABLE)
    return (Path(folder) if folder else Path.home() / ".cache" / "lrscore") / "arithmetic.json"


def _key(digest: str, size: Sequence[int], device: torch.device) -> str:
    name = (
        torch.cuda.get_device_name(device)
        if device.type == "cuda"
        else torch.backends.cpu.get_cpu_capability()
    )
    facts = (digest, tuple(size), device.type, name, torch.get_num_threads(), torch.__version__)
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _read(path: Path) -> dict[str, Arithmetic]:
    """Earlier measurements; what can not be read as such is measured anew."""
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(key): Arithmetic(
                one["chosen"] if one["chosen"] in PRECISIONS else None,
                {str(name): float(rate) for name, rate in one["rates"].items()},
                {str(name): float(share) for name, share in one["agreement"].items()},
            )
            for key, one in stored.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _remember(path: Path, key: str, measured: Arithmetic) -> None:
    """A machine without a place to write measures every time."""
    kept = dict(list(_read(path).items())[-_MOST_KEPT:]) | {key: measured}
    content = {
        name: {"chosen": one.chosen, "rates": dict(one.rates), "agreement": dict(one.agreement)}
        for name, one in kept.items()
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, json.dumps(content).encode())
    except OSError:
        return
