"""The certificates stored with the project are those of the scenes and the checkpoint in the tree."""

import numpy as np
import pytest

import lrscore
from lrscore.baselines import forward_passes
from lrscore.verification import verify_file
from models.registry import load_model
from models.scenes.certify_gallery import FOLDER, RIVALS
from models.scenes.gallery import GALLERY, load_gallery_scene

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
    assert len(verify_file(FOLDER / f"{name}.nc")) == 5


def test_the_isotropic_rival_belongs_to_the_first_scene_and_costs_as_much(digest):
    (path,) = RIVALS.glob("*.nc")
    rival, localized = (lrscore.load_certificate(file) for file in (path, FOLDER / f"{NAMES[0]}.nc"))
    assert rival.provenance["model_digest"] == digest, "stale: run `make gallery`"
    assert rival.provenance["title"] == NAMES[0]
    assert np.array_equal(rival.image, localized.image)
    assert rival.settings.grid == (1, 1)
    assert forward_passes(rival.settings) == forward_passes(localized.settings)
    assert len(verify_file(path)) == 5
