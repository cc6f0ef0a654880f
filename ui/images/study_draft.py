"""A study that does to other pictures what was done to the one on screen."""

from __future__ import annotations

from lrscore.images.certificate import ImageCertificate
from lrscore.study.reading import study_text
from lrscore.study.settings import Setting, StudySettings

PICTURES = tuple(f"scene:{seed}" for seed in range(2_000_000, 2_000_005))
"""Rendered scenes that training never saw: to be replaced by what the reader is interested in."""


def study_draft(certificate: ImageCertificate) -> str:
    """The text of a study with the certificate's settings, model and seed."""
    told, settings = certificate.provenance, certificate.settings
    seed = told.get("seed", "0")
    grid = "x".join(map(str, settings.grid))
    study = StudySettings(
        data=PICTURES,
        settings=(
            Setting(f"{grid}, {settings.levels_in_words()}", settings, told.get("model") or "street-unet"),
        ),
        title="study from the page",
        limit=len(PICTURES),
        seeds=(int(seed) if seed.isdecimal() and int(seed) < 2**63 else 0,),
    )
    return study_text(study)
