"""What a link opens on the segmentation page: a file of the library, or a bundled scene.

A file brings the controls to its own settings, a scene brings them back to their defaults, once; what else the link
says about controls wins over that. A link to the scene's control itself would not do: where it names the default, it
is dropped, and the scene of the session stays.
"""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import streamlit as st

from lrscore.certificates import ImageCertificate
from lrscore.errors import CertificateFileError, SettingsError
from ui.controls import DEFAULTS, shown_values
from ui.gallery import examples
from ui.level_adoption import WANTED, keep_levels
from ui.noise_editor import MATRIX, drop_edits
from ui.preset_pills import adopt_values
from ui.resources import read_certificate
from ui.source_picker import UPLOAD, forget_run
from ui.stage import JOB, STORED, current_entry

OPEN = "open"
"""Name of a bundled scene in a link that opens it."""
_ADOPTED = "adopted_image"
_LARGEST_SEED = 2**31 - 1


def open_images_afresh() -> None:
    """From now on a link to the file that is open already brings the controls back to its settings, too."""
    st.session_state.pop(_ADOPTED, None)


def adopt_opened() -> None:
    """Bring the controls to what the link has just opened; later calls change nothing."""
    scene = st.query_params.pop(OPEN, None)
    if scene in [example.name for example in examples()]:
        forget_run()
        drop_edits()
        adopt_values(DEFAULTS)
        _choose_scene(scene)
        return
    entry = current_entry() if STORED in st.query_params and JOB not in st.query_params else None
    if entry is not None and st.session_state.get(_ADOPTED) != entry.identity:
        st.session_state[_ADOPTED] = entry.identity
        with suppress(CertificateFileError):  # the page says so when it shows the file
            certificate = read_certificate(entry.path)
            if isinstance(certificate, ImageCertificate):
                adopt_controls(certificate)


def adopt_controls(certificate: ImageCertificate) -> None:
    """Bring the controls to the picture, settings, levels and seed of a certificate, as far as they can show them."""
    settings, provenance = certificate.settings, certificate.provenance
    seed = provenance.get("seed", "")
    known = seed.isdecimal() and int(seed) <= _LARGEST_SEED
    adopt_values({**DEFAULTS, **shown_values(settings), "seed": int(seed) if known else DEFAULTS["seed"]})
    _choose_scene(provenance.get("title"))
    st.session_state.pop(WANTED, None)
    if MATRIX in st.query_params:
        return
    drop_edits()
    if settings.levels is not None:
        with suppress(SettingsError):  # the editor may have no such levels: the page says that they differ
            keep_levels(np.array(settings.levels))


def _choose_scene(name: str | None) -> None:
    """The picture is that of the file, whatever the link says beside it."""
    st.query_params.pop("scene", None)
    st.session_state["scene"] = name if name in [example.name for example in examples()] else UPLOAD
