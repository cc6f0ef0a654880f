"""Real pictures, the bundled model, the whole path: from pixels to a file that verifies."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

import lrscore
from lrscore import ImageSettings, certify_image
from lrscore.cli.main import main
from lrscore.metrics import mean_iou, pixel_accuracy
from lrscore.verify import verify_file
from models.datasets.camvid import open_camvid
from models.scenes.gallery import GALLERY, load_gallery_scene
from models.segmentation.registry import load_model

SETTINGS = ImageSettings(grid=(2, 3), level_min=0.05, level_max=0.15, pilot_samples=16, samples=96)


def settled(certificate):
    """What every certificate of a picture must satisfy."""
    budgets = certificate.default_budgets(15)
    curves = [certificate.collective(budgets, method=method) for method in ("naive", "paper", "envelope")]
    for looser, tighter in pairwise(curves):
        assert (looser.certified <= tighter.certified).all()
    for curve in curves:
        assert (curve.certified <= curve.ceiling).all()
        assert (np.diff(curve.certified) <= 0).all()
    assert curves[-1].certified[0] == (~certificate.abstained).sum()
    correct = certificate.collective(budgets, targets=certificate.correct())
    assert (correct.certified <= curves[-1].ceiling).all()
    naive_by_hand = [certificate.certified_mask(eps).sum() for eps in certificate.noise.epsilon(budgets)]
    assert (curves[0].certified >= naive_by_hand).all()


@pytest.mark.data
def test_camvid_frames_are_certified_and_mostly_right(lrs_data_root, tmp_path):
    frames = open_camvid("val", root=lrs_data_root)
    model = load_model()
    for number in (0, 50):
        frame = frames.load(frames.names[number])
        certificate = certify_image(
            model, frame.image, SETTINGS, generator=torch.Generator().manual_seed(number)
        )
        certificate = certificate.with_reference(frame.mask)
        settled(certificate)
        assert pixel_accuracy(certificate.labels, frame.mask) > 0.7
        assert mean_iou(certificate.labels, frame.mask, 11) > 0.3
        certificate.save(tmp_path / "frame.nc")
        verify_file(tmp_path / "frame.nc")


@pytest.mark.data
def test_certify_image_on_the_command_line_takes_a_real_photo(lrs_data_root, tmp_path, capsys):
    photo = sorted((lrs_data_root / "voc_sample" / "images").glob("*.jpg"))[0]
    out = tmp_path / "photo.nc"
    options = ["--grid", "2x2", "--samples", "64", "--pilot-samples", "16", "--levels", "0.05:0.1"]
    assert main(["certify", "image", str(photo), *options, "--out", str(out)]) == 0
    assert main(["verify", str(out)]) == 0
    assert "resized from" in capsys.readouterr().out
    settled_shape = lrscore.load_certificate(out).shape
    assert settled_shape[0] <= 180
    assert settled_shape[1] <= 240


def test_a_bundled_scene_is_certified():
    scene = load_gallery_scene(GALLERY[0].name)
    certificate = certify_image(
        load_model(), scene.image, SETTINGS, generator=torch.Generator().manual_seed(0)
    )
    settled(certificate.with_reference(scene.mask))


def test_an_attack_within_the_budget_never_beats_the_certificate():
    """Gradient attack on the smoothed model: survivors must be at least the certified count."""
    scene = load_gallery_scene(GALLERY[0].name)
    model, image = load_model(), torch.as_tensor(scene.image)
    settings = replace(SETTINGS, grid=(1, 1), level_min=0.1, level_max=0.1, samples=400)
    certificate = certify_image(model, image, settings, generator=torch.Generator().manual_seed(0))
    for epsilon in (0.05, 0.15):
        attacked = attack(model, image, torch.as_tensor(certificate.labels), epsilon)
        assert float((attacked - image).norm()) <= epsilon * (1 + 1e-5)
        noisy = attacked + 0.1 * torch.randn((256, *image.shape), generator=torch.Generator().manual_seed(9))
        votes = torch.zeros((11, *image.shape[1:]))
        with torch.inference_mode():
            for part in noisy.split(32):
                votes += torch.nn.functional.one_hot(model(part).argmax(1), 11).sum(0).permute(2, 0, 1)
        kept = (votes.argmax(0).numpy() == certificate.labels).sum()
        assert kept >= certificate.collective([epsilon**2]).certified[0]


def attack(model, image, labels, epsilon, steps=4, copies=4):
    """Expectation over noise, normalised gradient ascent on the loss, projected to the l2 ball."""
    change = torch.zeros_like(image)
    generator = torch.Generator().manual_seed(5)
    for _ in range(steps):
        change.requires_grad_(True)
        noise = 0.1 * torch.randn((copies, *image.shape), generator=generator)
        scores = model(image + change + noise)
        loss = torch.nn.functional.cross_entropy(scores, labels.expand(copies, -1, -1))
        (gradient,) = torch.autograd.grad(loss, change)
        with torch.no_grad():
            change = change + epsilon * gradient / gradient.norm()
            change = change * min(1.0, epsilon / float(change.norm()))
    return (image + change.detach()).float()
