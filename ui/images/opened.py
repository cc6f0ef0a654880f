"""What a link opens on the segmentation page: a file of the library, or a bundled scene.

A file brings all controls to its own settings, a scene brings them back to their defaults; only the budget stays. Then
`image_open` leaves the address, which from there on says all that differs from the defaults, as after moves by hand.
The controls' own parameters could not do that: Streamlit drops one that names a default, and the session's value stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

import numpy as np
import streamlit as st
from streamlit.errors import StreamlitAPIException

from lrscore.errors import CertificateFileError, SettingsError
from lrscore.images.certificate import ImageCertificate
from ui.certification.options import MOST_SEED
from ui.images.dataset_picker import PLACE, find_picture
from ui.images.models import ARITHMETIC, AS_IT_IS, BUNDLED, DRESSING, TITLES, choice_of, dressing_of
from ui.images.noise.adoption import WANTED, keep_levels
from ui.images.noise.editor import drop_edits
from ui.images.noise.view_editor import keep_views
from ui.images.request import DEFAULTS, link_of, shown_values
from ui.images.source_picker import DATASET, UPLOAD, forget_run, scene_titles
from ui.library.bundled import examples
from ui.library.certificates import read_certificate
from ui.library.opened import IMAGE_STORED, current_entry
from ui.links import adopt_values, named

OPEN = "image_open"
"""Name of a bundled scene or of a file of the library, in a link that opens it."""


def adopt_opened() -> None:
    """Open what the link asks for, if it does, before anything of the page is drawn."""
    opened = st.query_params.pop(OPEN, None)
    if opened is None:
        return
    forget_run()
    if opened in [example.name for example in examples()]:
        _adopt(opened, DEFAULTS)
        return
    st.session_state[IMAGE_STORED] = opened
    entry = current_entry()
    with suppress(CertificateFileError):  # the page says so when it shows the file
        certificate = None if entry is None else read_certificate(entry.path)
        if isinstance(certificate, ImageCertificate):
            adopt_controls(certificate)


def adopt_controls(certificate: ImageCertificate) -> None:
    """Bring the controls to the picture, settings, levels and seed of a certificate, as far as they can show them."""
    settings, provenance = certificate.settings, certificate.provenance
    values, seed = shown_values(settings), provenance.get("seed", "")
    known = seed.isdecimal() and int(seed) <= MOST_SEED
    values = {**values, "seed": int(seed) if known else DEFAULTS["seed"]}
    made_with = provenance.get("model", "")
    _adopt(provenance.get("title"), values, choice_of(made_with), dressing_of(made_with))
    if settings.views is not None:
        keep_views(settings.views)
    if settings.levels is not None and (values["rows"], values["cols"]) == settings.grid:
        with suppress(SettingsError):  # the editor may have no such levels: the page says that they differ
            keep_levels(np.array(settings.levels))


def _adopt(
    scene: str | None,
    values: Mapping[str, Any],
    model: str = BUNDLED,
    dressing: Mapping[str, Any] = MappingProxyType(DRESSING),
) -> None:
    """Set the scene and every control, in the session and in the link, and drop what was edited or asked for."""
    titles = scene_titles()
    place = find_picture(scene or "")
    chosen = scene if scene in titles else DATASET if place else UPLOAD
    adopt_values("image", {**DEFAULTS, **values, **place, "scene": chosen, "model": model, **dressing})
    said = link_of(values) | place
    if model != BUNDLED:
        said["model"] = TITLES.get(model, model)
    if dressing["denoise"]:
        said["denoise"] = "true"
    if dressing["precision"] != AS_IT_IS:
        said["precision"] = ARITHMETIC[dressing["precision"]]
    if chosen != next(iter(titles)):
        said["scene"] = titles[chosen]
    for name in ("scene", "model", *DRESSING, *PLACE, *DEFAULTS):
        key = named("image", name)
        with suppress(StreamlitAPIException):  # a control that this session has drawn says so itself
            st.query_params.pop(key, None)
            if name in said:
                st.query_params[key] = said[name]
    drop_edits()
    st.session_state.pop(WANTED, None)
