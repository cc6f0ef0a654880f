"""The work of an attack job, and the attacks found so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from jobs import JobHandle, retry_with_smaller_batches
from lrscore.errors import InputError
from lrscore.images.attack.settings import AttackSettings
from lrscore.images.certificate import ImageCertificate
from models.dressing import parted
from models.segmentation.registry import DEFAULT_MODEL, available_models
from ui.certification.made_with import refuse_other_weights
from ui.running.found_store import FoundStore, StoreKey
from ui.running.machine import ModelShelf

if TYPE_CHECKING:
    from lrscore.images.attack.attack import ImageAttack

STEPS, PILOT_SAMPLES, SAMPLES = 12, 32, 64
"""Effort of an attack on request: about 20 s with the bundled model on two idle cores."""

_BATCHES = {"cpu": 8, "cuda": 32}


class AttackStore(FoundStore["ImageAttack"]):
    """Attacks; of two at one budget, the one that changed more stays."""

    def __init__(self, capacity: int = 16) -> None:
        super().__init__(lambda attack: attack.epsilon, lambda attack: int(attack.changed.sum()), capacity)

    def best(self, key: StoreKey, epsilon: float) -> ImageAttack | None:
        """The attack within a budget that changed most: one with a smaller norm is within the budget, too."""
        within = [attack for attack in self.found(key) if attack.epsilon <= epsilon]
        return max(within, key=lambda attack: (int(attack.changed.sum()), attack.epsilon), default=None)


def attack_model(certificate: ImageCertificate) -> str | None:
    """Name of the bundled model that made the certificate; None if it was another one.

    A certificate file may come from anybody: its text never names code to load.
    """
    name = certificate.provenance.get("model") or DEFAULT_MODEL
    try:
        base, dressing = parted(name)
    except InputError:
        return None
    bundled = any(entry.name == base for entry in available_models())
    return name if bundled and not dressing.compiled else None


def attack_work(
    certificate: ImageCertificate,
    settings: AttackSettings,
    shelf: ModelShelf,
    keep: Callable[[ImageAttack], None],
) -> Callable[[JobHandle], ImageAttack]:
    """A job that attacks the certificate's smoothed model and hands over what it found."""

    def work(handle: JobHandle) -> ImageAttack:
        import torch

        from lrscore.images.attack.attack import attack_image

        model = shelf.get(attack_model(certificate) or DEFAULT_MODEL, handle.device)
        refuse_other_weights(certificate, model)

        def attempt(batch_size: int) -> ImageAttack:
            return attack_image(
                model,
                certificate,
                replace(settings, batch_size=batch_size),
                generator=torch.Generator(handle.device).manual_seed(0),
                device=handle.device,
                progress=handle.progress,
                cancel=handle.cancelled,
            )

        first = _BATCHES[handle.device.split(":")[0]]
        found = retry_with_smaller_batches(attempt, first, handle.remark)
        keep(found)
        return found

    return work
