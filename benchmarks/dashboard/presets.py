"""Certify what the presets of both certification pages ask for, so that a click on one shows its result at once.

    python -m benchmarks.dashboard.presets [--scenes NAME ...] [--presets NAME ...] [--proofs]

Writes `models/gallery/presets/SCENE-PRESET.nc` and `models/graphs/bundled/presets/village-PRESET.nc`; files that are
there stay. `--proofs` adds branch and bound, where the curves part, to every bundled certificate of an image.
`--attack EPS` attacks the first scene and writes `models/gallery/attacks/SCENE.npz`, which the guided path shows.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from lrscore import load_certificate
from lrscore.cli.progress import progress_bar
from lrscore.graphs.certify import certify_graph
from lrscore.images.attack.attack import attack_image
from lrscore.images.attack.settings import AttackSettings
from lrscore.images.certificate import ImageCertificate
from models.graphs.registry import bundled_certificate, load_graph, load_graph_model
from models.scenes.gallery import GALLERY, load_gallery_scene
from models.segmentation.certify_gallery import certify_scene
from models.segmentation.registry import load_model
from ui.graphs.presets import graph_presets
from ui.graphs.request import request_from as graph_request_from
from ui.graphs.request import values_of
from ui.images.attack.work import SAMPLES, STEPS
from ui.images.branch_and_bound.work import search, stored_points, with_proofs
from ui.images.curves import compute_curves, parting_budget
from ui.images.states import Count
from ui.images.stored_presets import STORED_PRESETS, preset_request
from ui.library.bundled import OWN_PRESET, attack_file, gallery_folder, preset_file
from ui.library.bundled_graphs import graph_preset_file

SECONDS = 20.0
COUNTS: tuple[Count, ...] = ("all", "correct")


def main() -> None:
    """Certify what is missing."""
    names = [scene.name for scene in GALLERY]
    presets = [preset.name for preset in STORED_PRESETS if preset.name != OWN_PRESET]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenes", nargs="*", default=names, choices=names)
    parser.add_argument("--presets", nargs="*", default=presets, choices=presets)
    parser.add_argument("--proofs", action="store_true")
    parser.add_argument("--attack", type=float, metavar="EPS")
    options = parser.parse_args()
    if options.attack is not None:
        attack_scene(names[0], options.attack)
        return
    if options.proofs:
        add_proofs(sorted(gallery_folder().rglob("*.nc")))
        return
    for scene in options.scenes:  # a run that is stopped leaves whole scenes
        for name in options.presets:
            certify_preset(scene, name)
    certify_village()


def certify_preset(scene: str, name: str) -> None:
    """One preset of one scene, unless its file is there."""
    path = preset_file(scene, name)
    if path.is_file():
        return
    path.parent.mkdir(exist_ok=True)
    preset = next(preset for preset in STORED_PRESETS if preset.name == name)
    request = preset_request(preset, load_gallery_scene(scene).mask.shape)
    # the sample size is fixed beforehand: no looks are needed, and plain Bonferroni answers what "anytime" asks for
    settings = replace(request.settings, correction="bonferroni", tolerated=1, offered=())
    certificate = certify_scene(scene, settings, model_name=request.model)
    proven(certificate).save(path)
    print(f"written {path}", flush=True)


def proven(certificate: ImageCertificate) -> ImageCertificate:
    """With branch and bound at the budget where the curves part, for both ways to count."""
    found = {}
    for count in COUNTS:
        curves = compute_curves(certificate, count)
        index = curves.index(parting_budget(curves))
        known = [point.index for point in stored_points(certificate, curves, count)]
        gap = int(curves.ceiling[index] - curves.envelope[index])
        searched = gap > 0 and index not in known
        found[count] = [search(certificate, curves, count, index, seconds=SECONDS)] if searched else []
    return with_proofs(certificate, found["all"], found["correct"])


def add_proofs(paths: Iterable[Path]) -> None:
    """Branch and bound for bundled certificates that have none."""
    for path in paths:
        certificate = load_certificate(path)
        if isinstance(certificate, ImageCertificate):
            better = proven(certificate)
            if better is not certificate:
                better.save(path)
                print(f"proofs added: {path}", flush=True)


def attack_scene(scene: str, epsilon: float) -> None:
    """The strongest change found within a budget, by the page's own search."""
    certificate = load_certificate(gallery_folder() / f"{scene}.nc")
    settings = AttackSettings(epsilon, None, certificate.correct(), steps=STEPS, samples=SAMPLES)
    with progress_bar(f"{scene}, attack") as progress:
        found = attack_image(
            load_model(certificate.provenance["model"]),
            certificate,
            settings,
            generator=torch.Generator().manual_seed(0),
            progress=progress,
        )
    path = attack_file(scene)
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        path,
        change=(found.image - certificate.image).astype(np.float16),
        changed=found.changed,
        asked=np.int64(found.attacked.sum()),
        epsilon=np.float64(found.epsilon),
    )
    print(f"written {path}: {int(found.changed.sum()):,} of {int(found.attacked.sum()):,} labels changed")


def certify_village() -> None:
    """Every preset of the village, unless its file is there."""
    stored = load_certificate(bundled_certificate("village"))
    data = load_graph("village")
    for preset in graph_presets(values_of(stored.settings)):
        path = graph_preset_file("village", preset.name)
        if preset.name == OWN_PRESET or path.is_file():
            continue
        path.parent.mkdir(exist_ok=True)
        settings = graph_request_from(preset.values).settings
        certificate = certify_graph(
            load_graph_model(stored.provenance["model"]),
            data,
            settings,
            generator=torch.Generator().manual_seed(0),
        ).with_reference(data.y.numpy())
        told = {**certificate.provenance, "title": "village"}
        replace(certificate, display=stored.display, provenance=told).save(path)
        print(f"written {path}", flush=True)


if __name__ == "__main__":
    main()
