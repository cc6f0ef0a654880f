"""Presets of the segmentation page that certificates are stored for, and the settings that a click on one asks for."""

from __future__ import annotations

from dataclasses import replace

from ui.certification.options import Preset
from ui.images.noise.view_editor import PYRAMID_VIEWS, views_named
from ui.images.request import PRESETS, PYRAMID, Request, request_from

STORED_PRESETS = (*PRESETS, PYRAMID)


def preset_request(preset: Preset, size: tuple[int, int]) -> Request:
    """What the page asks for after a click on a preset.

    Args:
        size: height and width of the picture, which the windows of views follow.
    """
    request = request_from(dict(preset.values))
    if preset is not PYRAMID:
        return request
    views = views_named(PYRAMID_VIEWS, request.settings.regions(*size))
    return replace(request, settings=replace(request.settings, two_views=False, views=views))
