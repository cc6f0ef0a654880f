"""Is a model the one that a certificate was made with?"""

from __future__ import annotations

import re
from typing import Any

from lrscore.certificate import Certificate
from lrscore.errors import InputError


def refuse_another(certificate: Certificate, model: Any, name: str) -> None:
    """Raise InputError if the model's weights are not those of the certificate; unknown ones pass."""
    stored, own = certificate.provenance.get("model_digest", ""), str(getattr(model, "digest", ""))
    if stored and own and stored != own:
        raise InputError(
            f"{name} is not the model that the certificate was made with: its weights are {_short(own)}, "
            f"the certificate's {_short(stored)}"
        )


def _short(digest: str) -> str:
    """Of every digest in it the beginning; what is put around the model stays."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1", digest)
