"""Collective robustness certificates by localized randomized smoothing.

Names are loaded when they are first used: reading and verifying certificates needs no torch.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lrscore.certificates import ImageCertificate
    from lrscore.collective import CollectiveCertificate, certify_collectively, verify
    from lrscore.errors import Cancelled, CertificateError, CertificateFileError, LrscoreError
    from lrscore.files import load_certificate
    from lrscore.graph_certificate import GraphCertificate
    from lrscore.graph_settings import GraphSettings
    from lrscore.graphs import certify_graph, stream_graph
    from lrscore.images import certify_image, stream_image
    from lrscore.settings import ImageSettings
    from lrscore.statistics import clopper_pearson_lower

_HOME = {
    "Cancelled": "errors",
    "CertificateError": "errors",
    "CertificateFileError": "errors",
    "CollectiveCertificate": "collective",
    "GraphCertificate": "graph_certificate",
    "GraphSettings": "graph_settings",
    "ImageCertificate": "certificates",
    "ImageSettings": "settings",
    "LrscoreError": "errors",
    "certify_collectively": "collective",
    "certify_graph": "graphs",
    "certify_image": "images",
    "clopper_pearson_lower": "statistics",
    "load_certificate": "files",
    "stream_graph": "graphs",
    "stream_image": "images",
    "verify": "collective",
}

__all__ = [
    "Cancelled",
    "CertificateError",
    "CertificateFileError",
    "CollectiveCertificate",
    "GraphCertificate",
    "GraphSettings",
    "ImageCertificate",
    "ImageSettings",
    "LrscoreError",
    "certify_collectively",
    "certify_graph",
    "certify_image",
    "clopper_pearson_lower",
    "load_certificate",
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
