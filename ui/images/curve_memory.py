"""Curves of certificates, remembered for a while."""

from __future__ import annotations

import streamlit as st

from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from ui.images.branch_and_bound.work import SharpStore, sharpened, stored_points, strongest
from ui.images.curves import CurveSet, compute_curves, with_budget
from ui.images.states import Count
from ui.library.bundled import gallery_folder
from ui.running.owner import owner_token


@st.cache_resource(max_entries=64, show_spinner="Computing the curves of this certificate …")
def _curves_of(key: str, settings: ImageSettings, count: Count, _certificate: ImageCertificate) -> CurveSet:
    """The curves of a certificate; `key` and `settings` stand for it."""
    return compute_curves(_certificate, count)


def sharp_store() -> SharpStore:
    """What this browser's branch and bound has found, for all certificates on its screen lately.

    Every browser has its own: a better proof that somebody else asked for changes no number here.
    """
    return _sharp_store(owner_token())


@st.cache_resource(max_entries=64, show_spinner=False)
def _sharp_store(owner: str) -> SharpStore:
    return SharpStore()


def best_curves(key: str, count: Count, certificate: ImageCertificate) -> CurveSet:
    """The curves with everything that has been proven so far, now or when the certificate was stored."""
    curves = _curves_of(key, certificate.settings, count, certificate)
    # a file from elsewhere may hold any number: what it claims beyond its counts is searched again, not believed
    bundled = key.startswith(str(gallery_folder()))
    stored = stored_points(certificate, curves, count) if bundled else []
    found = sharp_store().found((key, certificate.settings, count))
    return sharpened(curves, strongest((*stored, *found)))


def curves_at(key: str, count: Count, certificate: ImageCertificate, epsilon: float) -> CurveSet:
    """`best_curves` with the budget `epsilon` among theirs."""
    curves = best_curves(key, count, certificate)
    return with_budget(curves, epsilon, certificate, count)
