"""The command line on a user's folder and network: sources, void, classes, masks, targets, check, attack, warnings."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lrscore import load_certificate
from lrscore.cli.main import main
from lrscore.errors import InputError
from models.catalogue import load_image, load_images, load_reference
from models.datasets import open_dataset
from tests.models.segmentation.finetuning.own_data import write_folder, write_network

QUICK = ["--size", "keep", "--samples", "40", "--pilot-samples", "8", "--grid", "2x2"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "mine", 4)


@pytest.fixture
def model(tmp_path: Path) -> str:
    return str(write_network(tmp_path / "net"))


def certify(source: str, model: str, tmp_path: Path, *more: str) -> int:
    return main(
        ["certify", "image", source, "--model", model, *QUICK, *more, "--out", str(tmp_path / "c.nc")]
    )


def one_line(capsys, *parts: str) -> None:
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    for part in parts:
        assert part in said


def test_a_picture_of_a_folder_or_of_its_splits(folder, model, tmp_path):
    for split in ("train", "val"):
        shutil.copytree(folder, tmp_path / "parts" / split, ignore=shutil.ignore_patterns("classes.txt"))
    shutil.copy(folder / "classes.txt", tmp_path / "parts")
    for source in (f"{folder}::p1", f"{tmp_path / 'parts'}:val:p1"):
        assert certify(source, model, tmp_path) == 0
        stored = load_certificate(tmp_path / "c.nc")
        assert (stored.reference[:2] == 255).all()  # the line "Void" in classes.txt
        assert set(np.unique(stored.reference[2:])) <= {0, 1, 2}
    assert len(load_images(str(folder), None, limit=3)) == 3
    assert load_images("photo.png", None, limit=3) is None


@pytest.mark.parametrize(
    "content", ["ground\ndisc\nbar\nvoid", "Grünes\nDisc\nBar\nvoid", "\ufeffground\ndisc\nbar\nvoid\n\n"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-16"])
def test_class_names_in_any_encoding(folder, content, encoding):
    if encoding == "latin-1":
        content = content.replace("\ufeff", "")
    (folder / "classes.txt").write_bytes(content.encode(encoding))
    names = open_dataset(str(folder), "").class_names
    assert names == (content.split("\n")[0].strip("\ufeff"), *content.split("\n")[1:3])


def test_void_in_the_middle_and_further_void_values(folder):
    (folder / "classes.txt").write_text("ground\nunlabelled\nbar\nvoid\n")
    pairs = open_dataset(str(folder), "")
    before = np.asarray(Image.open(folder / "masks" / "p1.PNG"))
    np.testing.assert_array_equal(pairs.load("p1").mask, np.array([0, 255, 1, 255])[before])
    more = open_dataset(str(folder), "", void=(0,)).load("p1").mask
    np.testing.assert_array_equal(more, np.array([255, 255, 1, 255])[before])


def test_an_empty_line_would_shift_the_numbers(folder, model, tmp_path, capsys):
    (folder / "classes.txt").write_text("ground\n\ndisc\nbar\n")
    assert certify(f"{folder}::p1", model, tmp_path) == 2
    one_line(capsys, "line 2")


def test_a_mask_file_with_its_own_classes_and_void(folder, model, tmp_path, capsys):
    picture, mask = folder / "images" / "p1.JPG", folder / "masks" / "p1.PNG"
    assert certify(str(picture), model, tmp_path, "--reference", str(mask)) == 2  # 3 is no class of the model
    one_line(capsys, "got 3")
    assert certify(str(picture), model, tmp_path, "--reference", str(mask), "--void", "3") == 0
    by_number = load_certificate(tmp_path / "c.nc").reference
    names = ["--classes", str(folder / "classes.txt")]
    assert certify(str(picture), model, tmp_path, "--reference", str(mask), *names) == 0
    np.testing.assert_array_equal(load_certificate(tmp_path / "c.nc").reference, by_number)
    capsys.readouterr()
    assert certify(str(picture), model, tmp_path, "--reference", str(mask), "--classes", "a,b,c,d") == 0
    assert (
        "only the reference has a, b, c, d; only the model has ground, disc, bar" in capsys.readouterr().out
    )
    assert load_certificate(tmp_path / "c.nc").reference is None


@pytest.mark.parametrize("size", [(64, 48), (48, 65), (24, 33), (96, 128), (47, 64)])
def test_masks_are_scaled_and_never_stretched(folder, tmp_path, size):
    Image.fromarray(np.zeros(size, dtype=np.uint8)).save(tmp_path / "m.png")
    loaded = load_image(str(folder / "images" / "p1.JPG"), (24, 32))
    assert loaded.original == (48, 64)
    read = partial(load_reference, str(tmp_path / "m.png"), (24, 32), original=loaded.original)
    if abs(size[0] * 64 - size[1] * 48) <= max(sum(size), 112) / 2:  # half a pixel of rounding
        assert read().shape == (24, 32)
        return
    with pytest.raises(InputError, match=f"64x48 .*got {size[1]}x{size[0]}"):
        read()


def test_targets_are_stored_and_verified(folder, model, tmp_path, capsys):
    mask = np.zeros((48, 64), dtype=np.uint8)
    mask[10:30, 20:40] = 7
    Image.fromarray(mask).save(tmp_path / "m.png")
    assert certify(f"{folder}::p1", model, tmp_path, "--targets", str(tmp_path / "m.png")) == 0
    assert main(["verify", str(tmp_path / "c.nc")]) == 0
    assert "of the 400 pixels in targets" in capsys.readouterr().out
    Image.fromarray(mask * 0).save(tmp_path / "m.png")
    assert certify(f"{folder}::p1", model, tmp_path, "--targets", str(tmp_path / "m.png")) == 2


def test_a_run_that_can_certify_nothing_is_announced_with_the_least_that_can(folder, model, tmp_path, capsys):
    assert certify(f"{folder}::p1", model, tmp_path, "--samples", "18") == 0
    said = capsys.readouterr().out
    assert "needs at least --samples 19" in said
    assert load_certificate(tmp_path / "c.nc").abstained.all()
    assert certify(f"{folder}::p1", model, tmp_path, "--samples", "19", "--levels", "0.001:0.001") == 0
    assert "WARNING: with" not in capsys.readouterr().out
    assert not load_certificate(tmp_path / "c.nc").abstained.all()


def test_broken_predictions_are_warned_of_when_certified_and_when_shown(folder, model, tmp_path, capsys):
    assert certify(f"{folder}::p1", model, tmp_path, "--levels", "0.001:0.001") == 0
    assert "unsmoothed prediction: " in (said := capsys.readouterr().out)
    assert "WARNING" not in said
    broken = ["--levels", "3:3"]
    assert certify(f"{folder}::p1", model, tmp_path, *broken) == 0
    certified = capsys.readouterr().out
    assert main(["show", str(tmp_path / "c.nc")]) == 0
    share = load_certificate(tmp_path / "c.nc").agreement
    for said in (certified, capsys.readouterr().out):
        assert f"{share:.1%}" in said
        assert ("WARNING: smoothing changes many labels" in said) is (share < 0.8)


def test_check_climbs_the_levels(folder, model, tmp_path, capsys):
    levels = ["--levels", "0.001,0.5", "--votes", "4", "--size", "keep", "--model", model]
    assert main(["check", str(folder), *levels, "--limit", "2"]) == 0
    assert "2 pictures" in " ".join(capsys.readouterr().out.split())
    assert main(["check", str(folder / "images" / "p1.JPG"), *levels]) == 0
    assert "accuracy" not in capsys.readouterr().out  # nothing is known about that file
    assert main(["check", f"{folder}:nowhere", *levels]) == 2
    one_line(capsys, "there is no folder")
    assert main(["check", str(folder), *levels, "--levels", "-1"]) == 2


def test_attack_writes_what_it_changed_and_says_survived_against_certified(folder, model, tmp_path, capsys):
    assert certify(f"{folder}::p1", model, tmp_path, "--levels", "0.1:0.1") == 0
    capsys.readouterr()
    attack = [
        "attack",
        str(tmp_path / "c.nc"),
        "--model",
        model,
        "--steps",
        "2",
        "--out",
        str(tmp_path / "x.npy"),
    ]
    assert main([*attack, "--eps", "0.5"]) == 0
    said = capsys.readouterr().out
    survived, certified = (
        int(said.split(word)[1].split()[0].replace(",", "")) for word in ("survived", "certified")
    )
    assert certified <= survived
    changed = np.load(tmp_path / "x.npy") - load_certificate(tmp_path / "c.nc").image
    assert 0 < np.linalg.norm(changed) <= 0.5
    assert main(attack) == 2
    one_line(capsys, "--eps")
    assert main([*attack, "--eps", "0.5", "--model", "street-unet"]) == 2
    one_line(capsys, "is not the model")
    assert main([*attack, "--eps", "-1"]) == 2
    assert main(["attack", str(tmp_path / "nothing.nc"), "--eps", "1"]) == 2
