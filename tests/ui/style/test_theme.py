"""The themes: the same colours as the server's configuration, and enough contrast to read."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from ui.style.palette import parse_colour
from ui.style.theme import DARK, LIGHT, Theme

CONFIG = tomllib.loads((Path(__file__).resolve().parents[3] / ".streamlit" / "config.toml").read_text())


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [value / 255 for value in parse_colour(colour)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("theme", "name"), [(LIGHT, "light"), (DARK, "dark")], ids=["light", "dark"])
def test_plots_and_pages_have_one_palette(theme: Theme, name: str):
    colours = CONFIG["theme"][name]
    assert theme.background == colours["backgroundColor"]
    assert theme.surface == colours["secondaryBackgroundColor"]
    assert theme.text == colours["textColor"]
    assert theme.border == colours["borderColor"]
    assert theme.primary == colours["primaryColor"]


@pytest.mark.parametrize(("theme", "name"), [(LIGHT, "light"), (DARK, "dark")], ids=["light", "dark"])
def test_text_can_be_read(theme: Theme, name: str):
    grounds = [theme.background, CONFIG["theme"][name]["sidebar"]["backgroundColor"]]
    for ground in grounds:
        assert contrast(theme.text, ground) >= 7
        for colour in (theme.muted, theme.primary, theme.accent):
            assert contrast(colour, ground) >= 4.5, (colour, ground)
    assert contrast(theme.on_primary, theme.primary) >= 4.5


def test_the_server_keeps_to_itself():
    assert CONFIG["server"]["address"] == "127.0.0.1"
    assert CONFIG["server"]["enableCORS"]
    assert CONFIG["server"]["enableXsrfProtection"]
    assert CONFIG["browser"]["gatherUsageStats"] is False
    assert CONFIG["client"]["showErrorDetails"] == "none"
