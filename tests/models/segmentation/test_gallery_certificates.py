"""The certificates stored with the project are those of the scenes and the checkpoint in the tree."""

import numpy as np
import pytest

import lrscore
from lrscore.images.baselines import forward_passes
from lrscore.verify import verify_file
from models.scenes.gallery import GALLERY, load_gallery_scene
from models.segmentation.certify_gallery import FOLDER, RIVALS, rivals
from models.segmentation.names import TWO_VIEW_COST, bundled_digest
from models.segmentation.registry import load_model

NAMES = [scene.name for scene in GALLERY]


@pytest.fixture(scope="module")
def digest():
    return load_model().digest


def test_every_scene_has_a_certificate_and_there_are_no_others():
    assert sorted(path.stem for path in FOLDER.glob("*.nc")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_stored_certificates_belong_to_scene_and_checkpoint(name, digest):
    certificate = lrscore.load_certificate(FOLDER / f"{name}.nc")
    scene = load_gallery_scene(name)
    assert certificate.provenance["model_digest"] == digest, "stale: run `make gallery`"
    assert certificate.provenance["title"] == name
    # The last bit of a sine may differ between processors, and one pixel in ten thousand with it.
    assert (np.abs(certificate.image - scene.image) > 1e-6).mean() < 1e-3, "stale: run `make gallery`"
    assert (certificate.reference != scene.mask).mean() < 1e-3
    assert certificate.curves[0].certified[0] > 0


@pytest.mark.parametrize("name", NAMES)
def test_stored_certificates_verify(name):
    checks = [check.subject for check in verify_file(FOLDER / f"{name}.nc")]
    assert sum(subject.endswith("-exact") for subject in checks) == 2  # pixels, correct pixels


def test_the_rivals_belong_to_the_first_scene_and_cost_as_much():
    localized = lrscore.load_certificate(FOLDER / f"{NAMES[0]}.nc")
    expected = rivals(localized.settings)
    assert {path.stem for path in RIVALS.glob("*.nc")} == {f"{NAMES[0]}-{kind}" for kind in expected}
    for kind, (settings, model) in expected.items():
        path = RIVALS / f"{NAMES[0]}-{kind}.nc"
        rival = lrscore.load_certificate(path)
        assert rival.settings == settings
        assert rival.provenance["model_digest"] == bundled_digest(model), "stale: run `make gallery`"
        assert rival.provenance["title"] == NAMES[0]
        assert np.array_equal(rival.image, localized.image)
        cost = forward_passes(settings) * (TWO_VIEW_COST if settings.two_views else 1)
        assert cost == pytest.approx(forward_passes(localized.settings), rel=1e-3)
        assert len(verify_file(path)) == 5
