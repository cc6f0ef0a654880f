"""Collective robustness certificates by localized randomized smoothing.

Names are loaded when they are first used: reading and verifying certificates needs no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lrscore.baselines import CenterSettings, center_smooth, isotropic_settings, segcertify
    from lrscore.certificates import ImageCertificate
    from lrscore.collective import CollectiveCertificate, certify_collectively, verify
    from lrscore.errors import Cancelled, CertificateError, CertificateFileError, LrscoreError
    from lrscore.files import load_certificate
    from lrscore.graph_certificate import GraphCertificate
    from lrscore.graph_settings import GraphSettings
    from lrscore.graphs import certify_graph, stream_graph
    from lrscore.images import certify_image, stream_image
    from lrscore.level_proposal import Example, ProposalSettings, apply_levels, propose_levels
    from lrscore.level_search import LevelProposal
    from lrscore.locality import Locality, gradient_locality, measure_locality
    from lrscore.settings import ImageSettings
    from lrscore.statistics import clopper_pearson_lower

_HOME = {
    "Cancelled": "errors",
    "CenterSettings": "baselines",
    "CertificateError": "errors",
    "CertificateFileError": "errors",
    "CollectiveCertificate": "collective",
    "Example": "level_proposal",
    "GraphCertificate": "graph_certificate",
    "GraphSettings": "graph_settings",
    "ImageCertificate": "certificates",
    "ImageSettings": "settings",
    "LevelProposal": "level_search",
    "Locality": "locality",
    "LrscoreError": "errors",
    "ProposalSettings": "level_proposal",
    "apply_levels": "level_proposal",
    "center_smooth": "baselines",
    "certify_collectively": "collective",
    "certify_graph": "graphs",
    "certify_image": "images",
    "clopper_pearson_lower": "statistics",
    "gradient_locality": "locality",
    "isotropic_settings": "baselines",
    "load_certificate": "files",
    "measure_locality": "locality",
    "propose_levels": "level_proposal",
    "segcertify": "baselines",
    "stream_graph": "graphs",
    "stream_image": "images",
    "verify": "collective",
}

__all__ = [
    "Cancelled",
    "CenterSettings",
    "CertificateError",
    "CertificateFileError",
    "CollectiveCertificate",
    "Example",
    "GraphCertificate",
    "GraphSettings",
    "ImageCertificate",
    "ImageSettings",
    "LevelProposal",
    "Locality",
    "LrscoreError",
    "ProposalSettings",
    "apply_levels",
    "center_smooth",
    "certify_collectively",
    "certify_graph",
    "certify_image",
    "clopper_pearson_lower",
    "gradient_locality",
    "isotropic_settings",
    "load_certificate",
    "measure_locality",
    "propose_levels",
    "segcertify",
    "stream_graph",
    "stream_image",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'lrscore' has no attribute {name!r}")
    return getattr(importlib.import_module(f"lrscore.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
