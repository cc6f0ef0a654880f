"""The model card that a training run writes beside its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lrscore.provenance import digest_of_file
from models.segmentation.training.loop import TrainingSettings
from models.segmentation.training.noise import PyramidRange

_NETWORKS = {
    "street": "StreetUNet (`models/segmentation/street_unet.py`)",
    "two-view": "TwoViewUNet (`models/segmentation/two_view_unet.py`)",
    "views": "StreetViews (`models/segmentation/street_views.py`)",
}


@dataclass(frozen=True)
class RunFacts:
    """What a card says about one run.

    Args:
        command: the command line.
        step: at which the weights were taken.
        photographs, drives: pictures trained on, and the drives they come from.
        holdout: drive that was kept out, and by which the weights were chosen.
        scenes: procedural scenes trained on.
        clean, noisy: mIoU on the held-out drive, in [0, 1].
        level: of the noise that `noisy` was scored under.
        kept: "best" or "last".
        architecture: "street", "two-view" or "views", as the command line names it.
    """

    command: str
    step: int
    photographs: int
    drives: Sequence[str]
    holdout: str
    scenes: int
    clean: float
    noisy: float
    level: float
    kept: str
    architecture: str = "street"


def write_card(weights: Path, facts: RunFacts, settings: TrainingSettings) -> Path:
    """Write the card as Markdown beside the weights, with the same name.

    Args:
        weights: the checkpoint, already written: its digest goes into the card.
    """
    why = "the best mean of both scores below so far" if facts.kept == "best" else "the latest of the run"
    noise = f"one pass under isotropic noise {facts.level:g}"
    if facts.architecture == "views":
        noise = f"one pass, noise {facts.level:g} in the finest view, a pyramid's in the others"
    chosen = (
        "The weights were chosen by these scores, so they are favourable."
        if facts.kept == "best"
        else "The weights are the latest of the run; these scores did not choose them."
    )
    card = f"""# {weights.stem}

{_NETWORKS[facts.architecture]}, 11 CamVid classes; {_inside(facts)} inside.
Weights `{weights.name}`, SHA-256 `{digest_of_file(weights)}`.

- **Data:** {facts.photographs} CamVid training frames of {", ".join(facts.drives)}; {facts.scenes} procedural scenes.
  Drive {facts.holdout} was kept out; the validation split was not looked at.
- **Licence:** these weights are derived from CamVid; the terms of the copy that was used apply to them.
- **Noise in training:** {_noise_words(facts, settings)}.
- **Training:** `{facts.command}`, weights of step {facts.step} of at most {settings.steps}: {why}.

| mIoU on the held-out drive {facts.holdout} | |
| --- | --- |
| clean | {facts.clean:.3f} |
| {noise} | {facts.noisy:.3f} |

{chosen}
`python -m models.evaluate --weights {weights.name}` scores them on pictures that chose nothing.
No score here is a certificate.
"""
    path = weights.with_suffix(".md")
    path.write_text(card, encoding="utf-8")
    return path


def _inside(facts: RunFacts) -> str:
    if facts.architecture == "views":
        return "averaging and normalisation by level happen"
    return "clamping to [0, 1] and normalisation happen"


def _flatter_words(pyramid: PyramidRange) -> str:
    if pyramid.flatter == (1.0, 1.0):
        return ""
    least, largest = pyramid.flatter
    return f"\n  divided by {least:g} to {largest:g}"


def _noise_words(facts: RunFacts, settings: TrainingSettings) -> str:
    if facts.architecture == "views":
        pyramid = settings.pyramid
        return (
            f"{pyramid.clean:.0%} of the pictures clean; levels of the finest view {pyramid.lowest:g} to\n"
            f"  {pyramid.highest:g}, the others up to {pyramid.spread:g} times above or below a pyramid's"
            f"{_flatter_words(pyramid)}, {pyramid.blanked:.0%} of the last views blank"
        )
    if facts.architecture == "two-view":
        views = settings.views
        grids = " or ".join(f"{rows}x{cols}" for rows, cols in views.grids)
        return (
            f"{views.clean:.0%} of the pictures clean; near levels {views.lowest:g} to {views.highest:g},\n"
            f"  far levels {views.ratio[0]:g} to {views.ratio[1]:g} times as high, "
            f"{views.blanked:.0%} of the far views blank;\n  tiles {grids}"
        )
    noise = settings.noise
    localized = 1 - noise.clean - noise.isotropic
    return (
        f"{noise.clean:.0%} of the views clean, {noise.isotropic:.0%} isotropic,\n"
        f"  {localized:.0%} localized, levels {noise.lowest:g} to {noise.highest:g}"
    )
