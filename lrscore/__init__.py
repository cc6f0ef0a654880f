"""Collective robustness certificates by localized randomized smoothing.

Names are loaded when they are first used: reading and verifying certificates needs no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lrscore.certificate import Certificate
    from lrscore.collective import CollectiveCertificate, Limits, Threat, certify_collectively, verify
    from lrscore.errors import Cancelled, CertificateError, CertificateFileError, LrscoreError
    from lrscore.files import load_certificate
    from lrscore.graphs.certificate import GraphCertificate
    from lrscore.graphs.certify import certify_graph, stream_graph
    from lrscore.graphs.settings import GraphSettings
    from lrscore.images.baselines import CenterSettings, center_smooth, isotropic_settings, segcertify
    from lrscore.images.certificate import ImageCertificate
    from lrscore.images.certify import certify_image, stream_image
    from lrscore.images.settings import ImageSettings
    from lrscore.images.tuning.locality import Locality, gradient_locality, measure_locality
    from lrscore.images.tuning.proposal import Example, ProposalSettings, apply_levels, propose_levels
    from lrscore.images.tuning.search import LevelProposal
    from lrscore.statistics import clopper_pearson_lower

_HOME = {
    "Cancelled": "errors",
    "CenterSettings": "images.baselines",
    "Certificate": "certificate",
    "CertificateError": "errors",
    "CertificateFileError": "errors",
    "CollectiveCertificate": "collective",
    "Example": "images.tuning.proposal",
    "GraphCertificate": "graphs.certificate",
    "GraphSettings": "graphs.settings",
    "ImageCertificate": "images.certificate",
    "ImageSettings": "images.settings",
    "LevelProposal": "images.tuning.search",
    "Limits": "collective",
    "Locality": "images.tuning.locality",
    "LrscoreError": "errors",
    "ProposalSettings": "images.tuning.proposal",
    "Threat": "collective",
    "apply_levels": "images.tuning.proposal",
    "center_smooth": "images.baselines",
    "certify_collectively": "collective",
    "certify_graph": "graphs.certify",
    "certify_image": "images.certify",
    "clopper_pearson_lower": "statistics",
    "gradient_locality": "images.tuning.locality",
    "isotropic_settings": "images.baselines",
    "load_certificate": "files",
    "measure_locality": "images.tuning.locality",
    "propose_levels": "images.tuning.proposal",
    "segcertify": "images.baselines",
    "stream_graph": "graphs.certify",
    "stream_image": "images.certify",
    "verify": "collective",
}

__all__ = [
    "Cancelled",
    "CenterSettings",
    "Certificate",
    "CertificateError",
    "CertificateFileError",
    "CollectiveCertificate",
    "Example",
    "GraphCertificate",
    "GraphSettings",
    "ImageCertificate",
    "ImageSettings",
    "LevelProposal",
    "Limits",
    "Locality",
    "LrscoreError",
    "ProposalSettings",
    "Threat",
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
