"""Certify the bundled scenes with the bundled model and store the counts: what the dashboard opens with.

python -m models.segmentation.certify_gallery [NAME ...] [--samples 1024] [--out models/gallery]

The first scene is certified with isotropic noise, too, and by two views, at the same cost: there is something to
compare.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from lrscore.cli.progress import progress_bar
from lrscore.images.baselines import forward_passes, isotropic_settings
from lrscore.images.certificate import ImageCertificate
from lrscore.images.certify import certify_image
from lrscore.images.settings import ImageSettings
from models.scenes.gallery import GALLERY, load_gallery_scene
from models.segmentation.names import DEFAULT_MODEL, TWO_VIEW_COST, TWO_VIEW_MODEL
from models.segmentation.registry import load_model

FOLDER = Path(__file__).resolve().parents[1] / "gallery"
RIVALS = FOLDER / "rivals"
RIVAL_LEVEL = 0.2  # between the levels of the localized certificates
VIEW_LEVELS = (0.2, 1.6)
BUDGETS = 121  # of the stored proof, evenly spaced in eps
SEED = 0


def certify_scene(name: str, settings: ImageSettings, *, model_name: str = DEFAULT_MODEL) -> ImageCertificate:
    """Sample and certify one bundled scene, with the envelope's proof for a whole curve of budgets."""
    scene = load_gallery_scene(name)
    image = np.rint(scene.image * 255).astype(np.float32) / np.float32(255)  # as any stored picture
    with progress_bar(f"{name}, noisy copies") as progress:
        certificate = certify_image(
            load_model(model_name),
            image,
            settings,
            generator=torch.Generator().manual_seed(SEED),
            progress=progress,
        )
    titled = {**certificate.provenance, "title": name}
    certificate = replace(certificate, provenance=titled).with_reference(scene.mask)
    return replace(certificate, curves=(certificate.collective(certificate.default_budgets(BUDGETS)),))


def main() -> None:
    """Certify the named scenes, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="scenes to certify; all if none is named")
    parser.add_argument("--samples", type=int, default=ImageSettings().samples)
    parser.add_argument("--out", type=Path, default=FOLDER)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or [scene.name for scene in GALLERY]:
        certificate = certify_scene(name, ImageSettings(samples=options.samples))
        certificate.save(options.out / f"{name}.nc")
        if name == GALLERY[0].name:
            (options.out / RIVALS.name).mkdir(exist_ok=True)
            for kind, (settings, model_name) in rivals(ImageSettings(samples=options.samples)).items():
                rival = certify_scene(name, settings, model_name=model_name)
                rival.save(options.out / RIVALS.name / f"{name}-{kind}.nc")


def rivals(settings: ImageSettings) -> dict[str, tuple[ImageSettings, str]]:
    """Settings and model of each rival, none of which costs more than a run with `settings`."""
    copies = int(forward_passes(settings) / TWO_VIEW_COST)
    pilot = copies * settings.pilot_samples // (settings.pilot_samples + settings.samples)
    views = replace(
        settings,
        grid=(2, 3),
        level_min=VIEW_LEVELS[0],
        level_max=VIEW_LEVELS[1],
        two_views=True,
        pilot_samples=pilot,
        samples=copies - pilot,
    )
    isotropic = isotropic_settings(settings, RIVAL_LEVEL, equal_cost=True)
    return {"isotropic": (isotropic, DEFAULT_MODEL), "two-views": (views, TWO_VIEW_MODEL)}


if __name__ == "__main__":
    main()
