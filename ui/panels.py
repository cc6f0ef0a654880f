"""The pictures of a certificate as panels of the viewer."""

from __future__ import annotations

import numpy as np

from lrscore.certificates import ImageCertificate
from models.classes import CAMVID_PALETTE
from ui.curves import largest_budget
from ui.palette import ALLOCATION, NOISE, RADIUS, STATES, class_looks
from ui.pictures import colour_picture, grey_picture
from ui.states import StateMap
from ui.viewer import ColourScale, ImageLayer, LooksLayer, Panel, PixelValues, RegionLayer, Regions
from ui.viewer.layers import NOTHING

PANELS = ("input", "noisy", "labels", "certified", "radius", "attack", "noise")
PANEL_WORDS = {
    "input": "Input",
    "noisy": "Noisy copy",
    "labels": "Smoothed labels",
    "certified": "Certified",
    "radius": "Certified radius",
    "attack": "Worst attack found",
    "noise": "Noise levels",
}


def viewer_regions(certificate: ImageCertificate) -> Regions:
    """The grid as the viewer wants it."""
    regions = certificate.regions
    return Regions.from_slices((regions.slices(j) for j in range(regions.count)), outlined=False)


def build_panels(
    names: tuple[str, ...],
    certificate: ImageCertificate,
    states: StateMap,
    allocation: np.ndarray,
    group: int | None,
) -> list[Panel]:
    """The panels of that name, in the order of `PANELS`.

    Args:
        allocation: (J,) additive budget per region of the worst attack found.
        group: output group whose noise levels are shown; the middle one if None.
    """
    ground = ImageLayer("picture", grey_picture(certificate.image))
    builders = {
        "input": lambda: input_panel(certificate),
        "noisy": lambda: noisy_panel(certificate, group),
        "labels": lambda: labels_panel(certificate),
        "certified": lambda: certified_panel(ground, states),
        "radius": lambda: radius_panel(ground, certificate),
        "attack": lambda: attack_panel(ground, certificate, allocation),
        "noise": lambda: noise_panel(certificate, group),
    }
    return [builders[name]() for name in PANELS if name in names]


def input_panel(certificate: ImageCertificate) -> Panel:
    """The clean picture."""
    layer = ImageLayer("picture", colour_picture(certificate.image))
    return Panel(PANEL_WORDS["input"], (layer,), "The clean image.")


def noisy_panel(certificate: ImageCertificate, group: int | None) -> Panel:
    """One noisy copy as the model sees it when it predicts one group. For looking at only: not one of the samples."""
    chosen = certificate.regions.count // 2 if group is None else group
    levels = certificate.noise_levels[chosen][certificate.regions.index_map()]  # (H, W)
    visible = np.isfinite(levels)
    noise = _unit_noise(certificate.settings.noise, certificate.image.shape) * np.where(visible, levels, 0.0)
    layer = ImageLayer("copy", colour_picture((certificate.image + noise) * visible))
    description = f"A noisy copy of the image, with the levels used when region {chosen} is predicted."
    return Panel(f"{PANEL_WORDS['noisy']} for region {chosen}", (layer,), description)


def _unit_noise(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Noise of level 1, always the same."""
    rng = np.random.default_rng(0)
    draw = {
        "gaussian": lambda: rng.standard_normal(shape),
        "uniform": lambda: rng.uniform(-1.0, 1.0, shape),
        "laplace": lambda: rng.laplace(size=shape),
    }
    return draw[name]()


def labels_panel(certificate: ImageCertificate) -> Panel:
    """The smoothed prediction, and the reference to compare with if there is one."""
    names = certificate.class_names
    if len(names) == len(CAMVID_PALETTE):
        labels = np.where(certificate.sampled, certificate.labels, NOTHING)
        layers = [LooksLayer("smoothed", labels, class_looks(names, CAMVID_PALETTE))]
        if certificate.reference is not None:
            looks = class_looks(names, CAMVID_PALETTE)
            layers.append(LooksLayer("reference", certificate.reference, looks, visible=False, legend=False))
        return Panel(PANEL_WORDS["labels"], tuple(layers), "The class that wins under noise, per pixel.")
    spread = (certificate.labels * (255 // max(1, int(certificate.labels.max())))).astype(np.uint8)
    grey = ImageLayer("smoothed", np.repeat(spread[:, :, None], 3, axis=2))
    return Panel(PANEL_WORDS["labels"], (grey,), "The class number that wins under noise, per pixel.")


def certified_panel(ground: ImageLayer, states: StateMap) -> Panel:
    """The five states over the picture."""
    looks = LooksLayer("states", states.numbers, STATES, opacity=0.82, legend=False)
    counted = ", ".join(f"{look.name}: {states.count(look):,} pixels" for look in STATES)
    return Panel(
        PANEL_WORDS["certified"], (ground, looks), f"State of every pixel at this budget. {counted}."
    )


def radius_panel(ground: ImageLayer, certificate: ImageCertificate) -> Panel:
    """Every pixel's own certified eps, on a range that only depends on the settings' round maximum."""
    high = largest_budget(certificate)
    radii = np.where(certificate.abstained, np.nan, certificate.radii)
    scale = ColourScale(RADIUS, 0.0, high, "own certified ε")
    layer = ImageLayer("radius", RADIUS.apply(radii, 0.0, high), scale=scale)
    return Panel(
        PANEL_WORDS["radius"], (ground, layer), "Certified radius of every pixel; grey where it abstains."
    )


def attack_panel(ground: ImageLayer, certificate: ImageCertificate, allocation: np.ndarray) -> Panel:
    """Share of the budget that the worst attack found spends in every region."""
    total = float(allocation.sum())
    shares = allocation / total if total > 0 else np.zeros_like(allocation)
    layer = RegionLayer(
        "share of the budget",
        ALLOCATION.apply(shares, 0.0, 1.0),
        tuple(f"{share:.0%}" if share >= 0.005 else "" for share in shares),
        opacity=0.72,
        scale=ColourScale(ALLOCATION, 0.0, 100.0, "share of the budget", "%"),
    )
    return Panel(
        PANEL_WORDS["attack"], (ground, layer), "Where the worst allocation found spends the budget."
    )


def noise_panel(certificate: ImageCertificate, group: int | None) -> Panel:
    """Noise levels that one group's pixels are smoothed with, over the picture."""
    chosen = certificate.regions.count // 2 if group is None else group
    levels = certificate.noise_levels[chosen]
    finite = levels[np.isfinite(levels)]
    high = max(0.5, float(finite.max(initial=0.0)))
    layer = RegionLayer(
        "noise level",
        NOISE.apply(levels, 0.0, high),
        tuple("blank" if np.isinf(level) else f"{level:.2f}" for level in levels),
        opacity=0.8,
        scale=ColourScale(NOISE, 0.0, high, f"level for region {chosen}"),
    )
    picture = ImageLayer("picture", colour_picture(certificate.image))
    return Panel(
        PANEL_WORDS["noise"], (picture, layer), f"Noise per region when region {chosen} is predicted."
    )


def readout(certificate: ImageCertificate, states: StateMap) -> list[PixelValues]:
    """What the viewer says about the pixel under the crosshair."""
    names = certificate.class_names or None
    values = [PixelValues("label", np.where(certificate.sampled, certificate.labels, NOTHING), names)]
    if certificate.reference is not None:
        values.append(PixelValues("reference", certificate.reference, names))
    values.append(PixelValues("state", states.numbers, tuple(look.name for look in STATES)))
    values.append(PixelValues("bound p", certificate.probabilities, digits=4))
    values.append(PixelValues("radius", certificate.radii))
    return values
