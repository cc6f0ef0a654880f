"""The noise as pictures: a noisy copy, and the levels with handles to change them ring by ring.

Both show the noise that the controls and edits ask for, which is the certificate's own until somebody changes it: so a
change can be looked at before anything is sampled.
"""

from __future__ import annotations

import numpy as np

from lrscore.images.certificate import ImageCertificate
from lrscore.images.regions import GridRegions
from lrscore.images.settings import ImageSettings
from lrscore.images.windows import clearest_levels
from ui.components.viewer import ColourScale, ImageLayer, Panel, RegionLayer, Rings
from ui.style.palette import NOISE
from ui.style.pictures import colour_picture

LEVELS_TITLE = "Noise levels"
COPY_TITLE = "Noisy copy"

_RING_STEP, _RING_MOST = 0.01, 1.0
"""What a drag can set; the table takes every level."""


def asks_for_other_noise(certificate: ImageCertificate, planned: ImageSettings) -> bool:
    """Whether the next run would use other noise than the certificate on screen."""
    return planned.noise != certificate.settings.noise or not np.array_equal(
        planned.noise_levels(), certificate.noise_levels
    )


def noisy_panel(certificate: ImageCertificate, planned: ImageSettings, group: int) -> Panel:
    """One noisy copy as the model sees it when it predicts one group. For looking at only: not one of the samples.

    Of views: everywhere the clearest one that the group reads there.
    """
    row = planned.noise_levels()[group]
    if (views := planned.all_views()) is not None:
        row = clearest_levels(planned.grid_distances(), views)[group]
    levels = row[certificate.regions.index_map()]  # (H, W)
    visible = np.isfinite(levels)
    noise = _unit_noise(planned.noise, certificate.image.shape) * np.where(visible, levels, 0.0)
    layer = ImageLayer("copy", colour_picture((certificate.image + noise) * visible))
    when = ", with the levels of the next run" if asks_for_other_noise(certificate, planned) else ""
    where = "" if views is None else ": in every region the clearest view of it"
    description = f"A noisy copy of the image as the model sees it to predict region {group}{where}{when}."
    return Panel(f"{COPY_TITLE} for region {group}", (layer,), description)


def noise_panel(
    certificate: ImageCertificate, planned: ImageSettings, group: int, *, editable: bool
) -> Panel:
    """Levels that one group's pixels are smoothed with, over the picture; with handles if they may be changed."""
    levels = planned.noise_levels()[group]
    finite = levels[np.isfinite(levels)]
    high = max(0.5, float(finite.max(initial=0.0)))
    layer = RegionLayer(
        "noise level",
        NOISE.apply(levels, 0.0, high),
        tuple("blank" if np.isinf(level) else f"{level:.2f}" for level in levels),
        opacity=0.8,
        scale=ColourScale(NOISE, 0.0, high, f"level for region {group}"),
        rings=_rings(planned, group) if editable else None,
    )
    picture = ImageLayer("picture", colour_picture(certificate.image))
    changed = asks_for_other_noise(certificate, planned)
    title = f"{LEVELS_TITLE}, next run" if changed else LEVELS_TITLE
    return Panel(title, (picture, layer), f"Noise per region when region {group} is predicted.")


def _rings(planned: ImageSettings, group: int) -> Rings:
    rows, cols = planned.grid
    return Rings(
        group=group,
        distances=tuple(GridRegions(rows, cols, rows, cols).distances()[group].tolist()),
        levels=tuple(planned.noise_levels()[group].tolist()),
        low=_RING_STEP,
        high=_RING_MOST,
        step=_RING_STEP,
    )


def _unit_noise(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Noise of level 1, always the same."""
    rng = np.random.default_rng(0)
    draw = {
        "gaussian": lambda: rng.standard_normal(shape),
        "uniform": lambda: rng.uniform(-1.0, 1.0, shape),
        "laplace": lambda: rng.laplace(size=shape),
    }
    return draw[name]()
