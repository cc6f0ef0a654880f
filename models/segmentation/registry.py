"""Segmentation models by name. Graph models have their own registry (`models.graphs`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lrscore.errors import InputError
from models.datasets.classes import CAMVID_CLASSES, CAMVID_PALETTE
from models.datasets.pairs import bit_palette
from models.descriptions import is_description
from models.dressing import parted
from models.segmentation.checkpoint import Checkpoint, load_checkpoint
from models.segmentation.model import SegmentationModel, TwoViewSegmentationModel, ViewsSegmentationModel
from models.segmentation.names import DEFAULT_MODEL, ISOTROPIC_MODEL, TWO_VIEW_MODEL, VIEWS_MODEL, WEIGHTS
from models.segmentation.street_views import StreetViews
from models.segmentation.two_view_unet import TwoViewUNet


@dataclass(frozen=True)
class ModelEntry:
    """What the registry knows about a model before it is loaded.

    Args:
        name: as `load_model` takes it.
        title: one line for people.
        weights: the checkpoint; the model card lies beside it as `.md`.
    """

    name: str
    title: str
    weights: Path

    @property
    def card(self) -> Path:
        """The model card."""
        return self.weights.with_suffix(".md")

    @property
    def limits(self) -> str:
        """The model card's section on where it fails, as Markdown without its heading."""
        _, _, after = self.card.read_text(encoding="utf-8").partition("\n## Where it fails\n")
        return after.partition("\n## ")[0].strip()


_ENTRIES = (
    ModelEntry(
        DEFAULT_MODEL,
        "StreetUNet, trained on CamVid and procedural street scenes under localized Gaussian noise",
        WEIGHTS[DEFAULT_MODEL],
    ),
    ModelEntry(
        TWO_VIEW_MODEL,
        "TwoViewUNet: tiles see themselves well and the rest roughly, one pair of noisy views serves all cells",
        WEIGHTS[TWO_VIEW_MODEL],
    ),
    ModelEntry(
        ISOTROPIC_MODEL,
        "StreetUNet, trained on from the default under the same noise everywhere, for isotropic smoothing",
        WEIGHTS[ISOTROPIC_MODEL],
    ),
    ModelEntry(
        VIEWS_MODEL,
        "StreetViews: a pyramid of noisy views, each read within a window of its own, serves all cells in one pass",
        WEIGHTS[VIEWS_MODEL],
    ),
)


def available_models() -> tuple[ModelEntry, ...]:
    """All segmentation models, the default first."""
    return _ENTRIES


def load_model(name: str = DEFAULT_MODEL, *, weights: Path | None = None) -> Any:
    """Load a segmentation model, fused for inference, on the CPU.

    Returns:
        A `SegmentationModel`; with suffixes such as "+denoised" and "+bfloat16" that model in what they name
        (`models.dressing`).

    Args:
        name: one of `available_models()`, or one's own model as `models.segmentation.described` names it ("FILE.json",
            "torchvision:ARCHITECTURE", "package.module:function").
        weights: another checkpoint of the same architecture instead of the bundled one.

    Raises:
        InputError: unknown name, or a file that does not hold this model's weights.
    """
    base, dressing = parted(name)
    return dressing.put_on(_undressed(base, weights))


def _undressed(name: str, weights: Path | None) -> SegmentationModel:
    if ":" in name or is_description(name):
        from models.segmentation.described import load_own  # brings data sets and torchvision along

        return load_own(name, weights=weights)
    suffix = Path(name).suffix.lower()
    if suffix == ".safetensors" and Path(name).is_file():
        return _model_of(load_checkpoint(Path(name)), Path(name).stem)
    if suffix in (".safetensors", ".pt", ".pth", ".ckpt", ".bin"):
        if not Path(name).is_file():
            raise InputError(f"weights {name} do not exist")
        raise InputError(
            f"{name} holds weights alone: describe the network in a FILE.json with network, weights and "
            "class_names"
        )
    entry = next((entry for entry in _ENTRIES if entry.name == name), None)
    if entry is None:
        known = ", ".join(entry.name for entry in _ENTRIES)
        raise InputError(
            f"model must be one of: {known}; or FILE.json, torchvision:ARCHITECTURE or module:function; got {name!r}"
        )
    stored = load_checkpoint(weights or entry.weights)
    if stored.class_names != CAMVID_CLASSES:
        raise InputError(f"model {name} must score the classes {', '.join(CAMVID_CLASSES)}")
    return _model_of(stored, name)


def _model_of(stored: Checkpoint, name: str) -> SegmentationModel:
    """A checkpoint of the project's own networks, fused."""
    kind: type[SegmentationModel] = SegmentationModel
    if isinstance(stored.network, TwoViewUNet):
        kind = TwoViewSegmentationModel
    elif isinstance(stored.network, StreetViews):
        kind = ViewsSegmentationModel
    return kind(
        stored.network.fuse(),
        name=name,
        class_names=stored.class_names,
        palette=CAMVID_PALETTE
        if stored.class_names == CAMVID_CLASSES
        else bit_palette(len(stored.class_names)),
        digest=stored.digest,
    )
