"""Sampling runs behind the graph tables, as a study: scores, margins and votes of a noise are counted at once.

What is sampled lies in a study's folder: `python -m lrscore study status`, `table`, `verify` tell more of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lrscore.catalogue import find_catalogue
from lrscore.errors import InputError
from lrscore.files import load_certificate
from lrscore.graphs.certificate import GraphCertificate
from lrscore.graphs.settings import GraphSettings
from lrscore.study.api import run_study
from lrscore.study.items import items_of
from lrscore.study.rows import CORRECT, DONE
from lrscore.study.settings import Setting, StudySettings
from lrscore.study.store import Store
from models.catalogue import __name__ as CATALOGUE
from models.graphs.registry import load_graph

if TYPE_CHECKING:
    from torch_geometric.data import Data

METHODS = ("naive", "paper", "envelope")
SOFT, MARGINS, VOTES = "soft", "margins", "votes"
KINDS: Mapping[str, Mapping[str, Any]] = {
    SOFT: {"scores": "soft", "margins": False},
    MARGINS: {"scores": "soft", "margins": True},
    VOTES: {"scores": "votes", "margins": False},
}
"""What is counted of a noise's copies: scores against one half, scores against every other class, votes."""


@dataclass(frozen=True)
class Sampled:
    """One setting's certificate, and its row of the study's table."""

    certificate: GraphCertificate
    row: Mapping[str, Any]

    def correct(self, method: str) -> list[int]:
        """Certified correct test nodes at the study's budgets."""
        counts: list[int] = self.row[f"{CORRECT}{method}"]
        return counts


@dataclass(frozen=True)
class GraphStudy:
    """Settings of one graph and one model, and the folder that holds what was sampled.

    Args:
        graph, model: names.
        settings: noise and sample numbers by name, each with the kinds that are counted of it.
        budgets: (M, 2) additions and deletions.
        folder: of the study.
    """

    graph: str
    model: str
    settings: Mapping[str, tuple[GraphSettings, Sequence[str]]]
    budgets: np.ndarray
    folder: Path

    @property
    def study(self) -> StudySettings:
        """The study, seed 0."""
        return StudySettings(
            data=(self.graph,),
            settings=tuple(
                Setting(named(name, kind), replace(values, **KINDS[kind]), self.model)
                for name, (values, kinds) in self.settings.items()
                for kind in kinds
            ),
            title=f"{self.graph}, {self.model}",
            methods=METHODS,
            budgets=tuple((int(additions), int(deletions)) for additions, deletions in self.budgets),
        )

    def sample(self, workers: int | None = None) -> str:
        """Do what is missing; what was done, in words.

        Raises:
            InputError: something failed.
        """
        outcome = run_study(self.study, self.folder, workers=workers, catalogue=CATALOGUE)
        if outcome.failed:
            rows = Store(self.folder).rows
            raise InputError(next(row["sentence"] for row in rows if row["status"] != DONE))
        return f"{outcome.done} certificates made, {outcome.kept} were there"

    def __getitem__(self, place: tuple[str, str]) -> Sampled:
        """What was sampled under a name and kind.

        Raises:
            InputError: it has not been sampled.
        """
        key = self._keys[named(*place)]
        row = self._rows.get(key)
        if row is None or row["status"] != DONE:
            raise InputError(f"{self.folder} does not hold {named(*place)}")
        certificate = load_certificate(self.folder / row["certificate"])
        assert isinstance(certificate, GraphCertificate)
        return Sampled(certificate, row)

    @cached_property
    def _rows(self) -> dict[str, dict[str, Any]]:
        return {row["key"]: row for row in Store(self.folder).rows}

    @cached_property
    def _keys(self) -> dict[str, str]:
        items = items_of(self.study, find_catalogue(CATALOGUE), CATALOGUE)
        return {item.setting.name: item.key for item in items}

    @cached_property
    def data(self) -> Data:
        """The graph."""
        return load_graph(self.graph)


def named(name: str, kind: str) -> str:
    """A setting's name in its study."""
    return f"{name}, {kind}"


def rate_of(certificate: GraphCertificate) -> str:
    """How fast it was sampled, with all that share its copies, in words."""
    told = certificate.provenance
    return f"{float(told['passes']) / float(told['seconds']):.0f} noisy graphs a second of one core"
