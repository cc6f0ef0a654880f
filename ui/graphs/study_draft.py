"""A study that does to more seeds of the graph on screen what was done to it."""

from __future__ import annotations

from lrscore.graphs.certificate import GraphCertificate
from lrscore.study.reading import study_text
from lrscore.study.settings import Setting, StudySettings

GRAPH, MODEL = "village", "village-gcn"
"""What a certificate that does not know its graph or model is about in a draft."""
SEEDS = 3
"""Seeds of a draft: how much of a result is luck is the first question where there is one graph."""


def study_draft(certificate: GraphCertificate) -> str:
    """The text of a study with the certificate's graph, settings and model, under its own seed and those after it."""
    told, settings = certificate.provenance, certificate.settings
    known = told.get("seed", "0")
    seed = int(known) if known.isdecimal() and int(known) < 2**63 - SEEDS else 0
    name = f"{settings.clusters} cluster{'s' if settings.clusters != 1 else ''}, {settings.scores}"
    study = StudySettings(
        data=(told.get("title") or GRAPH,),
        settings=(Setting(name, settings, told.get("model") or MODEL),),
        title="study from the page",
        seeds=tuple(range(seed, seed + SEEDS)),
    )
    return study_text(study)
