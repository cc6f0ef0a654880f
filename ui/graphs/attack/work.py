"""The work of an attack job on a graph, and the attacks found so far."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import TYPE_CHECKING

from jobs import JobHandle
from lrscore.errors import InputError
from lrscore.graphs.certificate import GraphCertificate
from ui.certification.made_with import refuse_other_weights
from ui.graphs.own_models import OWN, described_models, model_reference, own_models, plain_name
from ui.graphs.sources import model_inputs, source_of_certificate
from ui.running.found_store import FoundStore, StoreKey
from ui.running.machine import ModelShelf

if TYPE_CHECKING:
    import numpy as np

    from lrscore.graphs.attack import GraphAttack, GraphAttackSettings


class GraphAttackStore(FoundStore["GraphAttack"]):
    """Attacks; of two that spend alike, the one that changed more stays."""

    def __init__(self, capacity: int = 16) -> None:
        super().__init__(lambda attack: attack.changes, lambda attack: int(attack.changed.sum()), capacity)

    def best(self, key: StoreKey, budgets: tuple[int, ...]) -> GraphAttack | None:
        """The attack within (additions, deletions), and of edges if there are four, that changed most; of equal ones,
        the one that spends most."""
        within = [
            attack
            for attack in self.found(key)
            if all(spent <= most for spent, most in zip_longest(attack.changes, budgets, fillvalue=0))
        ]
        return max(within, key=lambda attack: (int(attack.changed.sum()), sum(attack.changes)), default=None)


def attack_model(certificate: GraphCertificate) -> str | None:
    """What loads the network that made the certificate; None if it is none of those at hand.

    A certificate file may come from anybody: its text never names code or files to load.
    """
    name = certificate.provenance.get("model", "")
    if name in model_inputs():
        return name
    at_hand = [*(model.name for model in own_models()), *described_models()]
    known = next((one for one in at_hand if plain_name(one) == name or one == OWN + name), None)
    return None if known is None else model_reference(known)


def attack_work(
    certificate: GraphCertificate,
    model_name: str,
    settings: GraphAttackSettings,
    targets: np.ndarray,
    shelf: ModelShelf,
    keep: Callable[[GraphAttack], None],
) -> Callable[[JobHandle], GraphAttack]:
    """A job that attacks the certificate's smoothed model on its own graph and hands over what it found."""
    source = source_of_certificate(certificate)
    if source is None:
        raise InputError("this certificate's file does not tell all of its graph, which an attack needs")

    def work(handle: JobHandle) -> GraphAttack:
        import torch

        from lrscore.graphs.attack import attack_graph

        model = shelf.get(model_name, handle.device)
        refuse_other_weights(certificate, model)
        found = attack_graph(
            model,
            source.load(),
            certificate,
            settings,
            targets=targets,
            generator=torch.Generator(handle.device).manual_seed(0),
            device=handle.device,
            progress=handle.progress,
            cancel=handle.cancelled,
        )
        keep(found)
        return found

    return work
