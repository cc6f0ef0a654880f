"""Which certificates are of runs that did not come to their end, said alike wherever a certificate is shown."""

from __future__ import annotations

from lrscore.certificate import Certificate
from lrscore.images.certificate import ImageCertificate
from lrscore.images.further import stopped_early

STOPPED = "stopped early"
"""What such a certificate is called. What it claims holds: only plans with looks can be stopped."""


def stopped_words(certificate: Certificate) -> str:
    """How far a run came that was stopped before its end; nothing for one that came to its end."""
    if isinstance(certificate, ImageCertificate):
        return certificate.how_far("region") if stopped_early(certificate) else ""
    return certificate.how_far("cluster") if certificate.short_of_plan else ""


def command_remark(certificate: Certificate) -> str:
    """Stands below a command that draws all that was planned, where the certificate has not; nothing elsewhere."""
    words = stopped_words(certificate)
    return f"\n# draws all samples; the certificate shown was {STOPPED}: {words}" if words else ""
