"""The works behind "Measured locality" and "Propose levels": where a model looks, and which noise suits it.

Both help to choose settings before anything is sampled. No guarantee rests on them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from jobs import JobHandle
from lrscore.errors import InputError
from lrscore.images.references import match_reference
from lrscore.images.settings import ImageSettings
from models.datasets.classes import CAMVID_CLASSES
from ui.images.sources import Source
from ui.running.machine import ModelShelf

if TYPE_CHECKING:
    from lrscore.images.tuning.locality import Locality
    from lrscore.images.tuning.proposal import Example
    from lrscore.images.tuning.search import Trial

DRAWS = 8
"""Noised copies per region of a measurement."""
VOTES, PILOTS = 8, 2
"""Votes per region and pilot picture; few, because every candidate is voted on with the same random numbers."""
LEAST_TRIALS, MOST_TRIALS = 8, 40
_SECONDS = 70.0  # what a proposal may take
_FIRST_PILOT = 3_000_000  # training renders scenes from seed 1,000,000 on, the benchmarks from 2,000,000 on


@dataclass(frozen=True, eq=False)
class FoundLocality:
    """What is known about where the model looks.

    Args:
        locality: (I, J) influence.
        source: the picture.
        model: what was loaded.
        preview: by gradients at the clean picture, until noise has been measured.
    """

    locality: Locality
    source: Source
    model: str
    preview: bool


def locality_work(
    source: Source, grid: tuple[int, int], model_name: str, shelf: ModelShelf
) -> Callable[[JobHandle], FoundLocality]:
    """A job that publishes the gradient preview and returns the measurement."""

    def work(handle: JobHandle) -> FoundLocality:
        import torch

        from lrscore.images.tuning.locality import gradient_locality, measure_locality

        model = shelf.get(model_name, handle.device)
        generator = torch.Generator(handle.device).manual_seed(0)
        try:
            preview = gradient_locality(
                model,
                source.image,
                grid=grid,
                probes=1,
                generator=generator,
                device=handle.device,
                cancel=handle.cancelled,
            )
            handle.publish(FoundLocality(preview, source, model_name, preview=True))
        except InputError:  # not differentiable: the measurement below needs no gradients
            handle.remark("This model has no gradients to preview; its labels are measured under noise.")
        measured = measure_locality(
            model,
            source.image,
            grid=grid,
            draws=DRAWS,
            generator=generator,
            device=handle.device,
            progress=handle.progress,
            cancel=handle.cancelled,
        )
        return FoundLocality(measured, source, model_name, preview=False)

    return work


@dataclass(frozen=True)
class ProposalPlan:
    """What a search does.

    Args:
        settings: grid, noise, statistics, and the levels to improve on.
        model: name of the model.
        pilots: seeds of the rendered scenes that are voted on.
        trials: most level matrices to try.
        seed: of the votes.
    """

    settings: ImageSettings
    model: str
    pilots: tuple[int, ...]
    trials: int
    seed: int

    @property
    def passes_per_trial(self) -> int:
        """Noisy copies of one trial."""
        rows, cols = self.settings.grid
        sets = 1 if self.settings.all_views() is not None else rows * cols
        return sets * VOTES * len(self.pilots)

    @property
    def passes(self) -> int:
        """Noisy copies if every trial is made."""
        return self.trials * self.passes_per_trial


def plan_proposal(
    settings: ImageSettings, model: str, certified: str, seed: int, seconds: Callable[[int], float]
) -> ProposalPlan:
    """A search that takes about a minute where the device allows it.

    Args:
        certified: name of the picture that is going to be certified: never a pilot.
        seconds: estimated duration of a number of passes.
    """
    seeds = (_FIRST_PILOT + number for number in range(PILOTS + 1))
    pilots = tuple(pilot for pilot in seeds if f"scene:{pilot}" != certified)[:PILOTS]
    plan = ProposalPlan(settings, model, pilots, MOST_TRIALS, seed)
    affordable = int(_SECONDS / max(seconds(plan.passes_per_trial), 1e-9))
    return replace(plan, trials=min(MOST_TRIALS, max(LEAST_TRIALS, affordable)))


@dataclass(frozen=True, eq=False)
class FoundLevels:
    """A search under way or done: where it started and the best so far.

    Args:
        plan: what was asked for.
        before, after: levels, forecast radius and accuracy on the pilots.
        tried: level matrices tried.
    """

    plan: ProposalPlan
    before: Trial
    after: Trial
    tried: int

    @property
    def better(self) -> bool:
        """Whether anything beats the start."""
        return self.after != self.before


def proposal_work(plan: ProposalPlan, shelf: ModelShelf) -> Callable[[JobHandle], FoundLevels]:
    """A job that publishes the best levels so far after every trial."""

    def work(handle: JobHandle) -> FoundLevels:
        from lrscore.images.tuning.proposal import ProposalSettings, propose_levels

        model = shelf.get(plan.model, handle.device)
        examples = [pilot_example(seed, tuple(getattr(model, "class_names", ()))) for seed in plan.pilots]
        trials: list[Trial] = []

        def on_trial(trial: Trial) -> None:
            trials.append(trial)
            handle.publish(FoundLevels(plan, trials[0], best_trial(trials), len(trials)))

        proposal = propose_levels(
            model,
            examples,
            plan.settings,
            ProposalSettings(evaluations=plan.trials, votes=VOTES, seed=plan.seed),
            device=handle.device,
            progress=handle.progress,
            cancel=handle.cancelled,
            on_trial=on_trial,
        )
        return FoundLevels(plan, proposal.before, proposal.after, len(proposal.trials))

    return work


def pilot_example(seed: int, class_names: tuple[str, ...]) -> Example:
    """A rendered scene with its reference in the model's classes.

    Raises:
        InputError: the model has other classes than the scenes.
    """
    from lrscore.images.tuning.proposal import Example
    from models.scenes.render import render_scene

    scene = render_scene(seed)
    reference = match_reference(scene.mask, CAMVID_CLASSES, class_names)
    if reference is None:
        raise InputError(
            "Levels are proposed on rendered street scenes, and this model has other classes than they; "
            "search them with `python -m lrscore propose` on labelled pictures of its own"
        )
    return Example(np.rint(scene.image * 255).astype(np.float32) / np.float32(255), reference)


def best_trial(trials: list[Trial]) -> Trial:
    """The first of the trials with the largest radius among those as accurate as the start."""
    floor = trials[0].accuracy
    return max((trial for trial in trials if trial.accuracy >= floor), key=lambda trial: trial.radius)
