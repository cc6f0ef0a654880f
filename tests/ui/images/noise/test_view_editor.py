"""Views in links, commands and rivals of the page."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lrscore import ImageSettings
from lrscore.errors import SettingsError
from lrscore.images.regions import GridRegions
from lrscore.images.view_text import read_views, written_views
from lrscore.images.views import fitting_views
from lrscore.images.windows import View
from models.segmentation.names import VIEWS_COST, VIEWS_MODEL
from models.segmentation.registry import load_model
from ui.compare.rivals import rival_settings
from ui.compare.sets import family
from ui.images.export import command_files
from ui.images.models import BUNDLED, model_to_load
from ui.images.noise.matrix_text import encode_levels
from ui.images.noise.view_editor import views_of_link
from ui.images.request import values_of
from ui.images.runs import pass_cost

VIEWS = ((1, 0.25), (3, 0.5), (None, 2.0))
SETTINGS = ImageSettings(grid=(9, 12), views=VIEWS)


def test_views_choose_the_network_that_is_built_of_them() -> None:
    assert model_to_load(BUNDLED, SETTINGS) == "street-views"
    tiles = replace(SETTINGS, grid=(2, 3), views=((0, 0.25), (None, 2.0)))
    assert model_to_load(BUNDLED, tiles) == "street-two-view"
    assert model_to_load(BUNDLED, ImageSettings()) == "street-unet"
    assert pass_cost(SETTINGS) == VIEWS_COST
    assert pass_cost(ImageSettings()) == 1.0
    assert pass_cost(tiles) > 1.2


def test_links_and_kinds_know_views() -> None:
    assert values_of(SETTINGS)["views"] is True
    assert family(SETTINGS) == "localized, 3 views"
    assert command_files(SETTINGS) == {}
    assert tuple((option.window, option.level) for option in read_views(written_views(VIEWS))) == VIEWS


def test_rivals_keep_the_windows() -> None:
    other = rival_settings("levels", SETTINGS, 0.1, 0.8).all_views()
    assert other is not None
    assert [view.window for view in other] == [1, 3, None]
    assert [view.level for view in other] == pytest.approx([0.1, 0.2, 0.8])
    strict = rival_settings("strict", SETTINGS, 0.1, 0.1).all_views()
    assert strict is not None
    assert strict[2] == View(None, float("inf"))
    assert [view.level for view in strict[:2]] == pytest.approx([0.1, 0.2])
    assert rival_settings("equal-samples", SETTINGS, 0.3, 0.3).all_views() is None


def test_views_without_windows_get_those_of_the_bundled_pyramid_on_the_picture() -> None:
    """Refused by no run: they are what `fitting_views` finds for the model itself."""
    model = load_model(VIEWS_MODEL)
    for height, width in [(180, 240), (240, 180), (120, 160)]:
        regions = GridRegions(height, width, 9, 12)
        found = views_of_link("0.2,0.4,0.8", regions)
        assert found == fitting_views(model, regions, [0.2, 0.4, 0.8])
    assert views_of_link("2:0.2,0.4,0.8", regions)[0] == (2, 0.2)
    for text, cells in [("0.2,0.4,0.8", None), ("0.2,0.4", regions)]:
        with pytest.raises(SettingsError, match="must say their windows"):
            views_of_link(text, cells)


def test_more_regions_than_a_link_can_name_are_a_sentence() -> None:
    with pytest.raises(SettingsError, match="up to 80 regions"):
        encode_levels(np.full((81, 81), 0.2))
