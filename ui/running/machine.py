"""The models that are loaded, and how fast this machine is."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jobs import settle
from lrscore.errors import InputError
from models.dressing import parted

if TYPE_CHECKING:
    import torch


PASSES_PER_SECOND = {"cpu": 90.0, "cuda": 4000.0}
"""Forward passes a second at 180x240 until this machine has been measured."""


WORKING_SIZE = (180, 240)


_WORKING_PIXELS = WORKING_SIZE[0] * WORKING_SIZE[1]


def load_image_model(name: str) -> Any:
    """The segmentation model of that name, torch imported only when one is asked for."""
    from models.segmentation.registry import load_model

    return load_model(name)


class ModelShelf:
    """Loaded models by name and device; each is loaded once, by whoever needs it first, and again if its file changes.

    Args:
        load: gives the model of a name.
    """

    def __init__(self, load: Callable[[str], Any] = load_image_model) -> None:
        self._load = load
        self._lock = threading.Lock()
        self._models: dict[tuple[str, str], tuple[int, Any]] = {}

    def get(self, name: str, device: str) -> Callable[..., torch.Tensor]:
        """The model, on its device.

        Raises:
            InputError: unknown name or unusable weights.
        """
        with self._lock:
            stamp, known = model_stamp(name), self._models.get((name, device))
            if known is None or known[0] != stamp:
                model = self._load(name)
                known = self._models[name, device] = stamp, model.to(device)
                settle()
            return known[1]


def model_stamp(name: str) -> int:
    """Changes when the file does that a model's name is, if it is one: a description, or a checkpoint; else 0."""
    try:
        return Path(parted(name)[0]).stat().st_mtime_ns
    except (InputError, OSError, ValueError):
        return 0


class Pacemaker:
    """Remembers how many passes a second each device has done, for estimates. Safe between threads.

    A device may be named with what is put around the model ("cpu+bfloat16"): that has a rate of its own, once measured.

    Args:
        typical: passes a second over `unit` pixels, by kind of device, until this machine has been measured.
        unit: pixels, or whatever else the cost of a pass follows.
    """

    def __init__(self, typical: Mapping[str, float] = PASSES_PER_SECOND, unit: int = _WORKING_PIXELS) -> None:
        self._typical, self._unit = typical, unit
        self._lock = threading.Lock()
        self._rates: dict[str, float] = {}

    def note(self, device: str, pixels: int, passes: int, seconds: float) -> None:
        """A run did that many passes over pictures of that many pixels."""
        if passes > 0 and seconds > 0:
            with self._lock:
                self._rates[device] = passes * pixels / self._unit / seconds

    def seconds(self, device: str, pixels: int, passes: int) -> float:
        """Estimated duration of a run."""
        with self._lock:
            plain = device.partition("+")[0]
            known = self._rates.get(plain, self._typical[plain.split(":")[0]])
            rate = self._rates.get(device, known)
        return passes * pixels / self._unit / rate
