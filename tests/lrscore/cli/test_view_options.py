"""Views on the command line: what is typed, what fits, what is refused."""

from __future__ import annotations

import argparse

import numpy as np
import pytest

from lrscore.cli.image_options import add_noise_options, fitted_settings, image_settings, model_name
from lrscore.cli.options import add_settings
from lrscore.cli.view_options import views_type, widest
from lrscore.errors import InputError, SettingsError
from lrscore.images.settings import ImageSettings
from lrscore.images.view_text import ViewOption, read_views, written_views
from tests.lrscore.images.linear_views import random_views


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_settings(parser, ImageSettings, "grid")
    add_noise_options(parser)
    parser.add_argument("--model")
    return parser.parse_args(words)


def test_levels_with_and_without_windows() -> None:
    assert read_views("0.1, 2:0.4,all:inf") == (
        ViewOption(0.1, None, True),
        ViewOption(0.4, 2),
        ViewOption(float("inf"), None),
    )
    views = ((2, 0.1), (None, 1 / 3), (None, float("inf")))
    settings = image_settings(options("--views", written_views(views)))
    assert settings.views == views


@pytest.mark.parametrize(
    "text", ["", "a", "0.1,", "x:0.1", "1.5:0.1", "-1:0.1", "0:0.1:2", "inf", "0", ",".join("1" * 9)]
)
def test_what_is_no_list_of_views(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=r"expected \[WINDOW:\]LEVEL"):
        views_type(text)


def test_windows_that_were_not_typed_come_from_model_and_pictures() -> None:
    typed = options("--views", "0.2,3:0.4,0.8", "--grid", "4x4")
    settings = image_settings(typed)
    assert settings.views == ((None, 0.2), (3, 0.4), (None, 0.8))
    model = random_views(0)
    fitted = fitted_settings(typed, settings, model, [(12, 16)])
    assert fitted.views == ((1, 0.2), (3, 0.4), (None, 0.8))
    small = fitted_settings(
        options("--views", "0.2,0.4,0.8", "--grid", "4x4"), settings, model, [(12, 16), (4, 8)]
    )
    assert small.views == ((1, 0.2), (3, 0.4), (None, 0.8))
    with pytest.raises(InputError, match="reads 3 views, the settings have 2"):
        fitted_settings(options("--views", "0.2,0.8"), settings, model, [(12, 16)])
    plain = options("--levels", "0.1:0.2")
    assert fitted_settings(plain, image_settings(plain), model, [(12, 16)]) == image_settings(plain)


def test_views_and_a_matrix_contradict_each_other() -> None:
    with pytest.raises(SettingsError, match="give one of them"):
        image_settings(options("--views", "0.2,0.4", "--level-matrix", "levels.csv"))
    with pytest.raises(SettingsError, match="shorthand"):
        image_settings(options("--views", "0.2,0.4", "--two-views"))


def test_the_model_is_the_one_that_the_views_need() -> None:
    assert model_name(options()) == "street-unet"
    assert model_name(options("--two-views")) == "street-two-view"
    assert model_name(options("--views", "0.2,1")) == "street-two-view"
    assert model_name(options("--views", "0.2,0.4,1")) == "street-views"
    assert model_name(options("--views", "0.2,0.4,1", "--model", "mine")) == "mine"


def test_the_widest_window() -> None:
    assert widest([1, 3, 2]) == 3
    assert widest([1, None]) is None
    np.testing.assert_equal(widest([0]), 0)
