"""Where a sampling run stands between two batches: what has been counted, and what the generator would draw next.

A run that begins from its standing draws what it would have drawn, and ends with the same counts to the bit. Copies
that were drawn since the last look are counted apart: only a look makes a certificate of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from lrscore.certificate import Certificate
from lrscore.errors import InputError

if TYPE_CHECKING:
    import torch

_PASSES = 512  # between two chances to keep the standing


@dataclass(frozen=True, eq=False)
class Standing:
    """One moment of a run, after a whole number of batches.

    Args:
        certificate: as of the last look; the pilots that are complete count in it, sampled or not.
        since: what was counted since then: of images agreements and votes of rivals (2, H, W), of graphs an array of
            the shape of its counts; with a choice of the pilot (n, 3), votes of rivals last.
        drawn: (I,) copies that each group has drawn since then.
        generator: state of the generator.
    """

    certificate: Certificate
    since: np.ndarray
    drawn: np.ndarray
    generator: np.ndarray

    @property
    def copies(self) -> int:
        """Estimation samples drawn so far, all groups together."""
        return int(self.certificate.trials.sum() + self.drawn.sum())


@dataclass(frozen=True, eq=False)
class Trail:
    """What a run leaves on its way.

    Args:
        keep: told where the run stands, between batches and after every look.
        begin: where it begins; None for a new run.
    """

    keep: Callable[[Standing], None]
    begin: Standing | None = None

    def dressed(self, dress: Callable[[Any], Certificate]) -> Trail:
        """The same, with certificates as the caller hands them on (title, reference); each is dressed once."""
        known: list[tuple[Certificate, Certificate]] = []

        def keep(standing: Standing) -> None:
            if not known or known[-1][0] is not standing.certificate:
                known[:] = [(standing.certificate, dress(standing.certificate))]
            self.keep(replace(standing, certificate=known[-1][1]))

        return replace(self, keep=keep)

    def pieces(self, copies: int, batch: int, groups: int) -> Iterator[int]:
        """Numbers of copies that add up to `copies`, all but the last of them whole batches."""
        piece = max(1, _PASSES // (batch * groups)) * batch
        for start in range(0, copies, piece):
            yield min(piece, copies - start)


class Look:
    """What a run counts between two looks, and the trail that it leaves meanwhile.

    Args:
        certificate: as of the last look.
        nothing: counts of no copies, see `Standing.since`.
        generator: draws the copies.
        trail: is told where the run stands, now and then and at the end; None tells nobody.
        begin: what has been drawn since the last look already; None if nothing.

    Attributes:
        since: what was counted so far.
    """

    def __init__(
        self,
        certificate: Certificate,
        nothing: np.ndarray,
        generator: torch.Generator,
        trail: Trail | None,
        begin: Standing | None,
    ) -> None:
        self._certificate, self._generator, self._trail = certificate, generator, trail
        self.since = nothing.copy() if begin is None else begin.since.copy()
        self._drawn = np.zeros_like(certificate.trials) if begin is None else begin.drawn.copy()

    def draw(self, groups: list[int], copies: int, batch: int, count: Callable[[int], np.ndarray]) -> None:
        """Count so many copies of some groups, less those that have been drawn already.

        Args:
            batch: copies of one pass.
            count: counts that many new copies, in the shape of `since`.
        """
        left = copies - int(self._drawn[groups[0]])
        for piece in [left] if self._trail is None else self._trail.pieces(left, batch, len(groups)):
            self.since += count(piece)
            self._drawn[groups] += piece
            self._keep(self._certificate, self.since, self._drawn)

    def end(self, looked: Certificate) -> None:
        """The look is over: the certificate counts everything."""
        self._keep(looked, np.zeros_like(self.since), np.zeros_like(self._drawn))

    def _keep(self, certificate: Certificate, since: np.ndarray, drawn: np.ndarray) -> None:
        if self._trail is not None:
            self._trail.keep(Standing(certificate, since.copy(), drawn.copy(), state_of(self._generator)))


def state_of(generator: torch.Generator) -> np.ndarray:
    """What `go_on` puts back."""
    return np.asarray(generator.get_state().numpy()).copy()


def go_on(
    begin: Standing, generator: torch.Generator, settings: Any, provenance: Mapping[str, str], inputs: bool
) -> None:
    """Bring the generator to where a run stood, if it is the same run on the same machine and software.

    Args:
        begin: where it stood.
        settings, provenance: of the run that goes on.
        inputs: whether it is about the same input.

    Raises:
        InputError: something differs, and counts of two models or machines would be added up.
    """
    import torch

    before = begin.certificate
    told = {name: before.provenance.get(name) for name in provenance}
    changed = [name for name, value in provenance.items() if told[name] != value]
    if not inputs:
        changed.append("input")
    if before.settings.to_dict() != settings.to_dict():
        changed.append("settings")
    if changed:
        raise InputError(
            f"the run can not go on, it was begun with another {', '.join(changed)}: start it again"
        )
    try:
        generator.set_state(torch.from_numpy(begin.generator.copy()))
    except (RuntimeError, TypeError) as error:
        raise InputError("the run can not go on, its generator is damaged: start it again") from error
