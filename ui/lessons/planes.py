"""The village's plane of budgets, computed once."""

from __future__ import annotations

import streamlit as st

from lrscore.graphs.certificate import GraphCertificate
from ui.graphs.counting import Count
from ui.graphs.memory import BOXES, QUICK
from ui.graphs.plane import Plane, compute_plane


def village_plane(certificate: GraphCertificate, count: Count) -> Plane:
    """The plane of a stored certificate of the village."""
    title = certificate.provenance.get("title", "")
    return _plane(f"{title} {certificate.counts.sum()} {certificate.settings}", count, certificate)


@st.cache_resource(max_entries=4, show_spinner="Proving every pair of budgets …")
def _plane(key: str, count: Count, _certificate: GraphCertificate) -> Plane:
    return compute_plane(_certificate, count, BOXES[QUICK])
