"""What the settings of every kind of input share: sample numbers and confidence, and checks of plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, Self, cast

import numpy as np

from lrscore.errors import SettingsError
from lrscore.statistics import CORRECTIONS, ConfidencePlan, Correction, least_samples

MOST_SAMPLES = 10**9

Matrix = tuple[tuple[float, ...], ...]


def option(
    default: Any, help: str = "", *, choices: Sequence[str] = (), between: str = "", form: str = ""
) -> Any:
    """A field of a settings class that is an option of the command line as well, of that name.

    Args:
        default: of both.
        help: what the option's help says.
        choices: the values there are, of a text.
        between, form: of a pair: what stands between its two values in the option, and what to call it ("ROWSxCOLS").
    """
    facts = {"help": help, "choices": tuple(choices), "between": between, "form": form}
    return field(default=default, metadata=facts)


def field_of(settings: type, name: str) -> Field[Any]:
    """The field of that name of a settings class."""
    return next(one for one in fields(settings) if one.name == name)


@dataclass(frozen=True, kw_only=True)
class SamplingSettings:
    """How many noisy copies are drawn, and how confidence is shared. Frozen, validated, varied with `replace`.

    Args:
        pilot_samples: noisy copies per group that choose the labels.
        samples: noisy copies per group that estimate the label's probability.
        alpha: probability, over the sampling, that any statement of the certificate is wrong.
        correction: how `alpha` is shared among the outputs, see `lrscore.statistics.ConfidencePlan`.
        batch_size: noisy copies in one forward pass; chosen by device if None.
        tolerated: `k`, under every correction but "bonferroni" and "paper-holm": up to `k - 1` outputs may be wrong,
            and are subtracted from every count. "count-level" is "bonferroni" with a `k`.
        offered: values of `k` that share alpha, so that `tolerated` may be chosen among them after the samples have
            been seen; empty if it was fixed before.
        explored: names of the settings that were changed after the samples had been seen, though no share of alpha was
            paid for that; see `reconsidered`.
        runner_up: bound the other classes of an output as well, where the pilot expects more from comparing the label
            with them than from comparing it with one half: a label may then win with less than half of the votes.
        hierarchy: let the pilot pick, for every output, the finest node of the model's tree of classes that is likely
            to be certified with so many samples.
    """

    pilot_samples: int = option(128, "samples that choose labels")
    samples: int = option(1024, "estimation samples per group")
    alpha: float = option(0.01, "probability of any false statement")
    correction: str = option(
        "bonferroni",
        "how alpha is shared among the outputs; paper-holm is not valid and for comparison only",
        choices=CORRECTIONS,
    )
    batch_size: int | None = option(None, "noisy copies per forward pass")
    tolerated: int = option(1, "k: up to k - 1 outputs may be wrong, and are subtracted from every count")
    offered: tuple[int, ...] = option(
        (), "values of k that share alpha, separated by commas: one may be chosen after looking"
    )
    explored: tuple[str, ...] = ()
    runner_up: bool = option(
        False,
        "hold labels against the other classes, where the pilot says that this proves more than one half",
    )
    hierarchy: bool = option(
        False,
        "where a class is not certain, certify a group of classes; needs a model that states a tree of them",
    )

    def plan(self, n_outputs: int) -> ConfidencePlan:
        """How confidence is shared among that many outputs."""
        return ConfidencePlan.for_samples(
            float(self.alpha),
            cast(Correction, self.correction),
            n_outputs,
            self.samples,
            tolerated=self.tolerated,
            offered=self.offered,
        )

    @property
    def pilot_decides(self) -> bool:
        """Whether the pilot chooses more than the most frequent class."""
        return self.runner_up or self.hierarchy

    def least_samples(self, n_outputs: int) -> int:
        """Samples that can certify any of that many outputs, if all agree: with fewer, everything abstains for sure.

        Raises:
            SettingsError: no number of samples can.
        """
        return least_samples(
            float(self.alpha), self.correction, n_outputs, tolerated=self.tolerated, offered=self.offered
        )

    def reconsidered(self, **changes: Any) -> Self:
        """These settings with others that the same counts allow, chosen *after* the counts were seen.

        Choosing among statements by what the samples showed costs confidence (docs/theory.md, 3.6). The choice among
        the values of `k` that share alpha is paid for; every other change makes an exploration of the result, and
        `explored` names it.

        Args:
            changes: fields by name.

        Raises:
            SettingsError: a change of what the pilot decided.
        """
        names = {name for name, value in changes.items() if getattr(self, name) != value}
        for name in ("runner_up", "hierarchy", "pilot_samples"):
            if self.pilot_decides and name in names:
                raise SettingsError(f"{name} decided what was counted: other values ask for other samples")
        tolerated, correction = (
            changes.get("tolerated", self.tolerated),
            changes.get("correction", self.correction),
        )
        kept = tolerated in self.offered and correction == self.correction
        if kept:
            names -= {"tolerated"}
        names |= set(self.explored)
        offered = self.offered if kept else ()
        varied: Any = replace(cast(Any, self), **changes, offered=offered, explored=tuple(sorted(names)))
        return cast(Self, varied)

    @property
    def explored_in_words(self) -> str:
        """What was changed after the samples had been seen, in words; empty if nothing was."""
        return ", ".join("k" if name == "tolerated" else name for name in self.explored)

    def check_sampling(self) -> None:
        """Refuse sample numbers below 1 and an error probability or correction that no plan has.

        Raises:
            SettingsError: a value is outside its range.
        """
        whole_number("pilot_samples", self.pilot_samples, 1, MOST_SAMPLES)
        whole_number("samples", self.samples, 1, MOST_SAMPLES)
        if self.batch_size is not None:
            whole_number("batch_size", self.batch_size, 1, MOST_SAMPLES)
        whole_number("tolerated", self.tolerated, 1, MOST_SAMPLES)
        set_field(self, "offered", tuple(whole_number("offered", k, 1) for k in _whole_floats(self.offered)))
        set_field(self, "explored", _known_names(self))
        for name in ("runner_up", "hierarchy"):
            if not isinstance(getattr(self, name), bool):
                raise SettingsError(f"{name} must be true or false, got {getattr(self, name)!r:.80}")
        if (self.runner_up or self.hierarchy) and self.correction == "paper-holm":
            raise SettingsError("runner_up and hierarchy need a correction that holds, got paper-holm")
        self.plan(max((self.tolerated, *self.offered)))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a file; `type(settings)(**values)` restores the settings."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def set_field(settings: object, name: str, value: object) -> None:
    """Store a normalised value in a frozen dataclass while it is being built."""
    object.__setattr__(settings, name, value)


def whole_number(name: str, value: object, least: int, most: int = 1 << 31) -> int:
    """The value as an int; raises `SettingsError` if it is no whole number from `least` to `most`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise SettingsError(f"{name} must be a whole number of at least {least}, got {value!r:.80}")
    if value > most:
        raise SettingsError(f"{name} must be at most {most:,}, got {value!r:.80}")
    return int(value)


def _whole_floats(values: Sequence[Any]) -> list[Any]:
    """Numbers that an option or a file gave as 44.0 as whole ones; anything else as it is."""
    if isinstance(values, str) or not isinstance(values, Sequence):
        raise SettingsError(f"offered must be whole numbers, got {values!r:.80}")
    return [int(one) if isinstance(one, float) and one.is_integer() else one for one in values]


def _known_names(settings: SamplingSettings) -> tuple[str, ...]:
    """The names of settings in `explored`."""
    known = {one.name for one in fields(settings)} - {"explored", "offered"}
    explored: Any = (settings.explored,) if isinstance(settings.explored, str) else settings.explored
    if not isinstance(explored, tuple) or not all(
        isinstance(name, str) and name in known for name in explored
    ):
        raise SettingsError(f"explored must name settings, got {settings.explored!r:.80}")
    return explored
