"""A preset is answered by the certificate stored for it, and by nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from models.scenes.gallery import GALLERY
from tests.ui.toy import ToyModel, toy_certificate
from ui.certification.options import Preset
from ui.images.on_screen import answered, find_certificate
from ui.images.request import COPIES, DEFAULTS, Request, request_from
from ui.images.source_picker import Pick
from ui.library.bundled import examples, preset_file

LIVE = Preset(
    "live",
    "Live",
    "",
    MappingProxyType({**DEFAULTS, **COPIES, "rows": 2, "cols": 2, "pilot": 32, "samples": 512}),
)
"""A preset that the toy model can answer."""


@pytest.fixture(autouse=True)
def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.images.on_screen.STORED_PRESETS", (LIVE,))


def store_live(gallery: Path, **changed: object) -> Path:
    """A certificate with the settings of "Live", stored as its answer."""
    certificate = toy_certificate(grid=(2, 2), samples=512)
    settings = replace(certificate.settings, **changed) if changed else certificate.settings
    told = {"model": ToyModel.name, "seed": "0", "title": GALLERY[0].name}
    path = preset_file(GALLERY[0].name, "live")
    path.parent.mkdir(exist_ok=True)
    replace(certificate, settings=settings, provenance=told).save(path)
    return path


def asking(seed: int = 0, **values: object) -> Request:
    return replace(request_from({**LIVE.values, **values}), seed=seed)


def test_a_stored_preset_answers_and_other_noise_does_not(gallery: Path):
    path = store_live(gallery)
    pick = Pick(example=examples()[0])
    own = find_certificate(pick, None)
    found = answered(own, pick, asking())
    assert found.key.startswith(str(path))
    assert found.certificate is not None
    assert found.certificate.settings.grid == (2, 2)
    for request in (asking(levels=(0.1, 0.31)), asking(samples=1024), asking(noise="laplace"), None):
        assert answered(own, pick, request) is own
    assert answered(replace(own, origin="run"), pick, asking()).key == own.key, "a run stays on screen"


def test_the_answer_claims_under_the_confidence_that_is_asked_for(gallery: Path):
    store_live(gallery)
    pick = Pick(example=examples()[0])
    found = answered(find_certificate(pick, None), pick, asking(alpha=0.001))
    assert found.certificate is not None
    assert found.certificate.settings.grid == (2, 2)
