"""The pictures of the noise show what the next run would use."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lrscore.errors import InputError
from tests.ui.toy import toy_certificate
from ui.components.viewer import Rings
from ui.images.noise.matrix_text import edit_ring
from ui.images.noise.panels import asks_for_other_noise, noise_panel, noisy_panel
from ui.images.panels import View, build_panels
from ui.images.states import pixel_states


def edited(level: float, ring: int = 1, group: int | None = 0):
    """The toy's settings with another level in one ring."""
    certificate = toy_certificate()
    levels = edit_ring(certificate.noise_levels, certificate.regions.distances(), ring, level, group)
    return replace(certificate.settings, levels=levels)


def test_the_noisy_copy_follows_the_edited_levels_before_a_run():
    certificate = toy_certificate()
    before = noisy_panel(certificate, certificate.settings, 0).layers[0].pixels.astype(int)
    after = noisy_panel(certificate, edited(0.6), 0).layers[0].pixels.astype(int)
    distance = certificate.regions.distances()[0][certificate.regions.index_map()]
    assert (before[distance != 1] == after[distance != 1]).all()
    clean = certificate.image.transpose(1, 2, 0) * 255
    inside = distance == 1
    assert np.abs(after - clean)[inside].mean() > 1.5 * np.abs(before - clean)[inside].mean()
    other = noisy_panel(certificate, edited(0.6), 5).layers[0].pixels
    assert (other == noisy_panel(certificate, certificate.settings, 5).layers[0].pixels).all()


def test_a_blanked_ring_is_black():
    certificate = toy_certificate()
    copy = noisy_panel(certificate, edited(np.inf), 0).layers[0].pixels
    distance = certificate.regions.distances()[0][certificate.regions.index_map()]
    assert not copy[distance == 1].any()
    assert copy[distance != 1].any()


def test_a_copy_of_two_views_is_near_inside_and_far_outside():
    certificate = toy_certificate()
    views = replace(certificate.settings, two_views=True, level_min=0.05, level_max=0.5)
    copy = noisy_panel(certificate, views, 0).layers[0].pixels.astype(int)
    strange = np.abs(copy - certificate.image.transpose(1, 2, 0) * 255).mean(axis=2)
    own = certificate.regions.index_map() == 0
    assert strange[~own].mean() > 4 * strange[own].mean()
    blank = noisy_panel(certificate, replace(views, mask_distance=1), 0).layers[0].pixels
    assert not blank[~own].any()
    assert blank[own].any()
    states = pixel_states(certificate, 0.1, np.zeros(6), "all")
    view = View(certificate, states, np.zeros(6), views, group=1, editable=True)
    (panel,) = build_panels(("noise",), view)
    assert panel.layers[1].rings is None


def test_the_levels_say_when_they_are_those_of_the_next_run():
    certificate = toy_certificate()
    assert not asks_for_other_noise(certificate, certificate.settings)
    assert asks_for_other_noise(certificate, edited(0.6))
    assert asks_for_other_noise(certificate, replace(certificate.settings, noise="laplace"))
    assert noise_panel(certificate, certificate.settings, 0, editable=True).title == "Noise levels"
    panel = noise_panel(certificate, edited(0.6), 0, editable=True)
    assert panel.title == "Noise levels, next run"
    assert panel.layers[1].labels[1] == "0.60"
    assert panel.layers[1].rings.levels == tuple(edited(0.6).noise_levels()[0])
    assert panel.layers[1].rings.distances == (0, 1, 2, 1, 1, 2)


def test_handles_need_a_picked_region_and_levels_that_may_be_edited():
    certificate = toy_certificate()
    states = pixel_states(certificate, 0.1, np.zeros(6), "all")

    def rings(**fields):
        view = View(certificate, states, np.zeros(6), certificate.settings, **fields)
        return build_panels(("noise",), view)[0].layers[1].rings

    assert rings(editable=True, group=4).group == 4
    assert rings(editable=True) is None
    assert rings(group=4) is None


@pytest.mark.parametrize(
    "wrong",
    [{"distances": (0,)}, {"group": 2}, {"low": 0.0}, {"high": 0.01}, {"step": 0.5}],
)
def test_impossible_rings_are_refused(wrong: dict):
    good = {"group": 0, "distances": (0, 1), "levels": (0.1, 0.2), "low": 0.01, "high": 1.0, "step": 0.01}
    Rings(**good)
    with pytest.raises(InputError, match=r"rings must|step, low and high"):
        Rings(**{**good, **wrong})
