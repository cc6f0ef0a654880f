"""Coarse labels and bounds on rivals against flat labels: the same passes, the same counts read in four ways.

`python -m benchmarks.coarse_labels --graph citeseer` holds labels of nodes against rivals instead.

`python -m benchmarks.coarse_labels --frames 2 --scenes 2 --out docs/results/coarse_labels.json`; `--show FILE` prints
the tables of such a file. Frames are from CamVid's validation split (`LRS_DATA_ROOT`); all pictures have `SIZE`.

Every picture is sampled once under every noise: pilot votes, and votes per class of the estimation samples. What a run
with `hierarchy` or `runner_up` would have counted of these copies follows from that.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.ndimage import maximum_filter, minimum_filter

from lrscore import GraphSettings, ImageSettings, certify_graph
from lrscore.images.certificate import ImageCertificate
from lrscore.images.sampler import ImageSampler
from lrscore.images.views import fitting_views
from lrscore.monitor import Monitor, Run
from lrscore.vote_choice import FIRST, INSIDE
from models import load_graph, load_graph_model, load_model, open_dataset
from models.datasets.classes import CAMVID_CLASSES
from models.scenes import render_scene

SIZE = (120, 160)
EPSILONS = (0.1, 0.2, 0.3)
WAYS = {
    "flat": {},
    "runner-up": {"runner_up": True},
    "coarse": {"hierarchy": True},
    "both": {"hierarchy": True, "runner_up": True},
}
OBJECTS = ("pole", "sign", "car", "pedestrian", "bicyclist")
"""Classes of things; the others are ground, buildings, plants and sky."""
_EDGE = 5  # pixels across, around a border of the reference


def noises(pilot: int, samples: int) -> dict[str, tuple[str, ImageSettings]]:
    """Network and settings of every noise: one set of copies each, so equal passes."""
    shared = {"samples": samples, "pilot_samples": pilot}
    return {
        "isotropic 0.25": (
            "street-unet",
            ImageSettings(grid=(1, 1), level_min=0.25, level_max=0.25, **shared),
        ),
        "tiles 0.25:1": (
            "street-two-view",
            ImageSettings(grid=(2, 3), two_views=True, level_min=0.25, level_max=1.0, **shared),
        ),
        "windows 0.25,0.5,1": ("street-views", ImageSettings(grid=(6, 8), **shared)),
    }


def pictures(frames: int, scenes: int) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Names, pictures and references: evenly spaced validation frames, fresh scenes."""
    data = open_dataset("camvid", "val", size=SIZE) if frames else None
    places = np.linspace(0, len(data) - 1, frames).astype(int).tolist() if data is not None else []
    for turn in range(max(frames, scenes)):  # in turns: what is done when it is stopped is of both kinds
        if turn < frames and data is not None:
            name = data.names[places[turn]]
            pair = data.load(name)
            yield f"camvid {name}", pair.image, pair.mask
        if turn < scenes:
            scene = render_scene(3_000_000 + turn, height=SIZE[0], width=SIZE[1])
            yield f"scene {3_000_000 + turn}", scene.image, scene.mask


def sampled(
    model: Any, image: np.ndarray, settings: ImageSettings, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Pilot votes and estimation votes (H, W, classes)."""
    run = Run.on("cpu", torch.Generator().manual_seed(seed))
    sampler = ImageSampler(model, torch.from_numpy(np.ascontiguousarray(image, np.float32)), settings, run)
    monitor = Monitor(0)
    return sampler.count_votes(settings.pilot_samples, monitor), sampler.count_votes(
        settings.samples, monitor
    )


def read_as(
    settings: ImageSettings,
    image: np.ndarray,
    votes: tuple[np.ndarray, np.ndarray],
    tree: Any,
    reference: np.ndarray,
) -> ImageCertificate:
    """The certificate that a run with these settings makes of these copies."""
    pilot, counted = votes
    certificate = ImageCertificate(
        settings=settings,
        image=np.asarray(image, np.float32),
        labels=pilot.argmax(axis=2),
        pilot_votes=pilot,
        agreements=np.take_along_axis(counted, pilot.argmax(axis=2)[..., None], axis=2)[..., 0],
        trials=np.full(settings.grid[0] * settings.grid[1], settings.samples),
    )
    if settings.pilot_decides:
        choice = certificate.pilot_choice(tree if settings.hierarchy else None)
        sides = choice.sides(certificate.votes_per_pixel).reshape(pilot.shape)
        inside, first = (np.where(sides == side, counted, 0).sum(axis=2) for side in (INSIDE, FIRST))
        certificate = replace(certificate, agreements=inside, chosen=choice.counting(first.ravel()))
    certificate.check_counts()
    return certificate.with_reference(reference)


def facts(certificate: ImageCertificate, edges: np.ndarray, outlines: np.ndarray) -> dict[str, Any]:
    """What is compared: shares of all pixels, of those near a border of the reference, and near an object's."""
    alone = [certificate.certified_mask(epsilon) for epsilon in EPSILONS]
    budgets = certificate.noise.budget(np.array(EPSILONS))
    known = certificate.reference != certificate.void
    right = certificate.collective(budgets, targets=certificate.correct()).certified
    chosen = certificate.chosen
    return {
        "abstained": float(certificate.abstained.mean()),
        "abstained_edges": float(certificate.abstained[edges].mean()),
        "radius_edges": float(certificate.radii[edges].mean()),
        "radius": float(certificate.radii.mean()),
        "abstained_outlines": float(certificate.abstained[outlines].mean()),
        "radius_outlines": float(certificate.radii[outlines].mean()),
        "alone_outlines": [float(mask[outlines].mean()) for mask in alone],
        "outlines": int(outlines.sum()),
        "coarse": float(certificate.coarse.mean()),
        "contested": 0.0 if chosen is None else float(chosen.contested.mean()),
        "uncertified": (1 - certificate.collective(budgets).certified / certificate.labels.size).tolist(),
        "accuracy": (right / max(int(known.sum()), 1)).tolist(),
        "gain": certificate.information_gain(budgets).tolist(),
    }


def edges_of(reference: np.ndarray) -> np.ndarray:
    """(H, W) bool: known pixels with another known class nearby."""
    known = reference != 255
    low = minimum_filter(np.where(known, reference, 255), _EDGE)
    high = maximum_filter(np.where(known, reference, -1), _EDGE)
    return known & (low != high)


def outlines_of(reference: np.ndarray) -> np.ndarray:
    """(H, W) bool: those of `edges_of` that have an object (`OBJECTS`) nearby, or are part of one."""
    thing = np.isin(reference, [CAMVID_CLASSES.index(name) for name in OBJECTS])
    return edges_of(reference) & (maximum_filter(thing.astype(np.uint8), _EDGE) > 0)


def measure(frames: int, scenes: int, pilot: int, samples: int) -> Iterator[dict[str, Any]]:
    """One row per picture, noise and way."""
    for number, (name, image, reference) in enumerate(pictures(frames, scenes)):
        for noise, (network, settings) in noises(pilot, samples).items():
            model = load_model(network)
            if network == "street-views":
                regions = settings.regions(*reference.shape)
                settings = replace(settings, views=fitting_views(model, regions, (0.25, 0.5, 1.0)))
            votes = sampled(model, image, settings, number)
            for way, changes in WAYS.items():
                certificate = read_as(replace(settings, **changes), image, votes, model.class_tree, reference)
                row = {"picture": name, "noise": noise, "way": way, "pilot": pilot, "samples": samples}
                yield row | facts(certificate, edges_of(reference), outlines_of(reference))


GRAPH_BUDGETS = np.array([(0, 0), (1, 0), (2, 0), (0, 5), (0, 10), (1, 5)], dtype=float)
FLIPS = ((0.01, 0.6), (0.03, 0.8))
"""Chances that an attribute is added and deleted."""
EDGES = ((2e-5, 0.6), (2e-5, 0.8), (2e-5, 0.95))
"""Chances of a new edge and of a lost one: flips of edges alone."""


def measure_graph(name: str, samples: int) -> Iterator[str]:
    """Lines of tables: nodes of a graph certified with and without bounds on rivals, from the same copies.

    First under flips of attributes and attacks on them, then under flips of edges and attacks on those.
    """
    yield from measure_flips(
        name, samples, [{"flip_to_one": (a, a), "flip_to_zero": (d, d)} for a, d in FLIPS]
    )
    none = {"flip_to_one": (0.0, 0.0), "flip_to_zero": (0.0, 0.0)}
    yield ""
    yield from measure_flips(
        name, samples, [none | {"flip_edges": ((new, new), (lost, lost))} for new, lost in EDGES]
    )


def measure_flips(name: str, samples: int, noises: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Lines of one table, one kind of flips; budgets are of what is flipped."""
    graph, model = load_graph(name), load_graph_model(f"{name}-gcn")
    pairs = ", ".join(f"({a:.0f}, {d:.0f})" for a, d in GRAPH_BUDGETS)
    yield f"| noise | labels | held against rivals | below one half, certified | abstain | certified at {pairs} |"
    yield "|---|---|---|---|---|---|"
    for noise in noises:
        edges = "flip_edges" in noise
        chances = noise["flip_edges"] if edges else (noise["flip_to_one"], noise["flip_to_zero"])
        said = ", ".join(f"{near:g}" for near, _ in chances)
        budgets = np.pad(GRAPH_BUDGETS, ((0, 0), (2, 0))) if edges else GRAPH_BUDGETS
        for runner_up in (False, True):
            settings = GraphSettings(
                clusters=1,
                scores="votes",
                **noise,
                pilot_samples=100,
                samples=samples,
                runner_up=runner_up,
            )
            found = certify_graph(model, graph, settings, generator=torch.Generator().manual_seed(0))
            contested = 0 if found.chosen is None else int(found.chosen.contested.sum())
            below = int((~found.abstained & (found.probabilities <= 0.5)).sum())
            counts = " / ".join(map(str, found.collective(budgets, "exact").certified))
            way = "runner-up" if runner_up else "flat"
            yield f"| {said} | {way} | {contested} | {below} | {int(found.abstained.sum())} | {counts} |"


def tables(rows: list[dict[str, Any]]) -> str:
    """Means over the pictures of each kind, as Markdown."""
    lines = []
    for kind in ("camvid", "scene"):
        mine = [row for row in rows if row["picture"].startswith(kind)]
        if not mine:
            continue
        count = len({row["picture"] for row in mine})
        lines += [
            f"**{'CamVid validation frames' if kind == 'camvid' else 'Fresh scenes'}: {count}, "
            f"{mine[0]['pilot']} + {mine[0]['samples']:,} samples**",
            "",
            "| noise | labels | groups of classes | held against rivals | abstain | abstain at edges | radius at edges "
            "| uncertified at 0.1 / 0.2 / 0.3 | certified correct | information gain |",
            "|---|---|---|---|---|---|---|---|---|---|",
        ]
        lines += [
            *_lines(mine, _cells),
            "",
            f"At the outlines of objects ({', '.join(OBJECTS)}; {sum(_outlines(mine)):,} pixels):",
            "",
            "| noise | labels | abstain | radius | certified by themselves at 0.1 / 0.2 / 0.3 |",
            "|---|---|---|---|---|",
            *_lines(mine, _outline_cells),
            "",
        ]
    return "\n".join(lines)


def _lines(
    rows: list[dict[str, Any]], cells: Callable[[list[dict[str, Any]]], Iterator[str]]
) -> Iterator[str]:
    """A line of a table for every noise and way."""
    for noise in dict.fromkeys(row["noise"] for row in rows):
        for way in WAYS:
            these = [row for row in rows if (row["noise"], row["way"]) == (noise, way)]
            yield f"| {noise} | {way} | " + " | ".join(cells(these)) + " |"


def _outlines(rows: list[dict[str, Any]]) -> list[int]:
    """Pixels at outlines of every picture."""
    return list({row["picture"]: row["outlines"] for row in rows}.values())


def _outline_cells(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Of all outline pixels of all pictures together: some pictures have hardly any."""
    counts = [row["outlines"] for row in rows]
    yield f"{100 * np.average([row['abstained_outlines'] for row in rows], weights=counts):.1f} %"
    yield f"{np.average([row['radius_outlines'] for row in rows], weights=counts):.4f}"
    shares = np.average([row["alone_outlines"] for row in rows], axis=0, weights=counts)
    yield " / ".join(f"{value:.3f}" for value in shares)


def _cells(rows: list[dict[str, Any]]) -> Iterator[str]:
    for name in ("coarse", "contested", "abstained", "abstained_edges"):
        yield f"{100 * np.mean([row[name] for row in rows]):.1f} %"
    yield f"{np.mean([row['radius_edges'] for row in rows]):.4f}"
    for name in ("uncertified", "accuracy", "gain"):
        yield " / ".join(f"{value:.3f}" for value in np.mean([row[name] for row in rows], axis=0))


def main() -> None:
    """Measure, or show what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=2)
    parser.add_argument("--scenes", type=int, default=2)
    parser.add_argument("--pilot", type=int, default=64)
    parser.add_argument("--samples", type=int, default=256)
    parser.add_argument("--out", default="coarse_labels.json")
    parser.add_argument("--show", metavar="FILE")
    parser.add_argument("--graph", metavar="NAME")
    options = parser.parse_args()
    if options.graph:
        for line in measure_graph(options.graph, options.samples):
            print(line, flush=True)
        return
    if options.show:
        print(tables(json.loads(Path(options.show).read_text())))
        return
    rows = []
    for row in measure(options.frames, options.scenes, options.pilot, options.samples):
        rows.append(row)
        Path(options.out).write_text(json.dumps(rows) + "\n")
        print(row["picture"], row["noise"], row["way"], flush=True)
    print(tables(rows))


if __name__ == "__main__":
    main()
