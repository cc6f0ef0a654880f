"""Collective certificates: how many outputs hold together, proven, with the best ceiling found.

`certify_collectively` computes a certificate, `verify` re-checks it in rational arithmetic.
"""

from lrscore.collective.branching import Limits
from lrscore.collective.certificate import METHODS, CollectiveCertificate, Status
from lrscore.collective.certify import certify_collectively
from lrscore.collective.problem import Threat
from lrscore.collective.verify import verify

__all__ = ["METHODS", "CollectiveCertificate", "Limits", "Status", "Threat", "certify_collectively", "verify"]
