"""Published certificates that localized smoothing is compared with: same images, same models, same sample budgets.

Strictly local smoothing needs no module of its own: it is `ImageSettings(mask_distance=...)`.
"""

from __future__ import annotations

from lrscore.images.baselines.center import CenterCertificate, CenterSettings
from lrscore.images.baselines.center_sampling import center_smooth
from lrscore.images.baselines.isotropic import forward_passes, isotropic_settings
from lrscore.images.baselines.segcertify import FixedThresholdCertificate, certify_fixed_threshold, segcertify

__all__ = [
    "CenterCertificate",
    "CenterSettings",
    "FixedThresholdCertificate",
    "center_smooth",
    "certify_fixed_threshold",
    "forward_passes",
    "isotropic_settings",
    "segcertify",
]
