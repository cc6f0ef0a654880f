"""Masks and lists of classes that used to be taken for something else without a word."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lrscore.cli.main import main
from lrscore.errors import InputError
from models.datasets import open_dataset
from models.datasets.camvid import open_camvid
from models.datasets.photos import load_mask
from tests.models.segmentation.finetuning.own_data import write_folder

QUICK = ["--size", "keep", "--samples", "40", "--pilot-samples", "8", "--grid", "2x2"]


def write(path: Path, labels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(labels.astype(np.uint8)).save(path)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes, masks in black and white."""
    place = tmp_path / "white"
    picture = np.zeros((32, 48, 3), dtype=np.uint8)
    write(place / "images" / "a.png", picture)
    write(place / "masks" / "a.png", 255 * (np.arange(48) > 20) * np.ones((32, 1)))
    (place / "classes.txt").write_text("ground\ndisc\n")
    return place


def test_black_and_white_masks_of_two_classes_are_refused_unless_white_is_said_to_be_void(folder: Path):
    with pytest.raises(InputError, match="mask of a holds 0 and 255 alone"):
        open_dataset(str(folder), "").load("a")
    mask = open_dataset(str(folder), "", void=(255,)).load("a").mask
    assert np.unique(mask).tolist() == [0, 255]
    (folder / "classes.txt").write_text("ground\ndisc\nbar\n")  # of three classes one may well be alone
    assert np.unique(open_dataset(str(folder), "").load("a").mask).tolist() == [0, 255]


def test_the_command_line_refuses_them_as_well_and_says_what_has_no_class(folder, tmp_path, capsys):
    source, mask = str(folder / "images" / "a.png"), str(folder / "masks" / "a.png")
    description = tmp_path / "two.json"
    (tmp_path / "two.py").write_text(
        "from torch import nn\ndef build():\n    net = nn.Conv2d(3, 2, 1)\n"
        "    net.class_names = ('ground', 'disc')\n    return net\n"
    )
    description.write_text('{"network": "two:build"}')
    given = [*QUICK, "--model", str(description), "--reference", mask, "--out", str(tmp_path / "c.nc")]
    assert main(["certify", "image", source, *given]) == 2
    error = capsys.readouterr().err
    assert "the reference mask holds 0 and 255 alone" in error
    assert error.count("\n") == 1
    assert main(["check", source, "--model", str(description), "--reference", mask, "--votes", "2"]) == 2
    assert main(["certify", "image", source, *given, "--void", "255"]) == 0
    assert "56.2% of the pixels have no class and do not count" in capsys.readouterr().out


def palette_mask(index: np.ndarray, colours: list[int], kind: str = "PNG") -> bytes:
    picture, content = Image.new("P", index.shape[::-1]), io.BytesIO()
    picture.putdata(index.ravel().tolist())
    picture.putpalette(colours)
    picture.save(content, kind)
    return content.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_a_palette_of_other_greys_is_refused_and_every_other_is_not(kind: str) -> None:
    index = np.arange(12).reshape(3, 4) % 3
    with pytest.raises(InputError, match="shows 1 as the grey 7"):
        load_mask(palette_mask(index, [0, 0, 0, 7, 7, 7, 255, 255, 255], kind), None)
    for colours in (
        [0, 0, 0, 1, 1, 1, 2, 2, 2],
        [0, 0, 0, 128, 0, 0, 128, 128, 128],
        [0, 0, 0, 255, 255, 255, 255, 255, 255],
    ):
        np.testing.assert_array_equal(load_mask(palette_mask(index, colours, kind), None), index)


def test_two_masks_of_one_name_are_refused(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mine", 2)
    mask = next((folder / "masks").glob("*1*"))
    shutil.copy(mask, mask.with_suffix(".tif"))
    with pytest.raises(InputError, match=f"two masks of the name {mask.stem}"):
        open_dataset(str(folder), "")


def test_comments_are_no_classes(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "mine", 2)
    (folder / "classes.txt").write_text("# mine\nground\ndisc\nbar\n")
    with pytest.raises(InputError, match=r"line 1 of .*must hold one name"):
        open_dataset(str(folder), "")


def test_hidden_files_of_camvid_are_passed_over(tmp_path: Path) -> None:
    place = tmp_path / "camvid" / "val"
    write(place / "images" / "f.png", np.zeros((20, 20, 3))).rename(place / "images" / "f.jpg")
    write(place / "masks" / "f.png", np.zeros((20, 20)))
    (place / "images" / "._f.jpg").write_bytes(b"\0")
    assert open_camvid("val", root=tmp_path).names == ("f",)
    with pytest.raises(InputError, match="no CamVid frames"):
        open_camvid("train", root=tmp_path)


@pytest.mark.parametrize("given", [["0,1"], ["0", "1"], ["0,", "1"]])
def test_training_takes_void_values_as_certifying_does(given: list[str]) -> None:
    from models.segmentation.finetuning.command import parser

    chosen = parser().parse_args(["--data", "x", "--out", "y.json", "--void", *given])
    assert sum(chosen.void, ()) == (0, 1)
