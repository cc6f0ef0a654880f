"""Is a model the one that a certificate was made with?"""

from __future__ import annotations

from typing import Any

from lrscore.certificate import Certificate
from lrscore.errors import InputError


def refuse_other_weights(certificate: Certificate, model: Any) -> None:
    """Raise InputError if the model's weights are not those of the certificate; unknown ones pass."""
    made_with = certificate.provenance.get("model_digest", "")
    if made_with and made_with != getattr(model, "digest", made_with):
        raise InputError("this certificate was made with other weights than the model that is here")
