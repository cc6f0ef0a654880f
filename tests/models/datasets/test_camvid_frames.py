"""The CamVid loader, on folders made here and on the real frames."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lrscore.errors import InputError
from models.datasets.camvid_frames import CamVid, drive_of
from models.datasets.classes import VOID

NAMES = ("0001TP_000001", "0001TP_000002", "0006R0_f00001")


def write_frames(
    root: Path,
    *,
    top: int = 11,
    mask_shape: tuple[int, int] = (4, 6),
    picture_shape: tuple[int, int] = (4, 6),
    split: str = "train",
) -> Path:
    folder = root / "camvid" / split
    for kind in ("images", "masks"):
        (folder / kind).mkdir(parents=True)
    mask = np.zeros(mask_shape, dtype=np.uint8)
    mask[0, :2] = 7, top
    for name in NAMES:
        Image.fromarray(np.full((*picture_shape, 3), 128, dtype=np.uint8)).save(
            folder / "images" / f"{name}.jpg"
        )
        Image.fromarray(mask).save(folder / "masks" / f"{name}.png")
    return root


def test_frames_come_as_float_pictures_and_masks_with_void(tmp_path: Path) -> None:
    frames = list(CamVid.open("train", root=write_frames(tmp_path)))
    assert [frame.name for frame in frames] == list(NAMES)
    assert frames[0].image.shape == (3, 4, 6)
    assert frames[0].image.dtype == np.float32
    np.testing.assert_allclose(frames[0].image, 128 / 255, atol=2 / 255)
    assert frames[0].mask[0].tolist() == [7, VOID, 0, 0, 0, 0]


def test_drives_split_the_frames(tmp_path: Path) -> None:
    frames = CamVid.open("train", root=write_frames(tmp_path))
    assert frames.drives == ("0001TP", "0006R0")
    assert frames.only("0006R0").names == ("0006R0_f00001",)
    assert frames.without("0006R0").names == NAMES[:2]
    with pytest.raises(InputError, match="drives must be among 0001TP, 0006R0, got 0016E5"):
        frames.only("0016E5")


def test_the_root_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRS_DATA_ROOT", str(write_frames(tmp_path)))
    assert len(CamVid.open("train")) == len(NAMES)
    monkeypatch.delenv("LRS_DATA_ROOT")
    with pytest.raises(InputError, match="set LRS_DATA_ROOT"):
        CamVid.open("train")


def test_missing_and_broken_data_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="split must be one of train, val, got 'test'"):
        CamVid.open("test", root=tmp_path)
    with pytest.raises(InputError, match="no CamVid frames"):
        CamVid.open("train", root=tmp_path)
    frames = CamVid.open("train", root=write_frames(tmp_path))
    with pytest.raises(InputError, match="got 'nothing'"):
        frames.load("nothing")
    picture = frames.folder / "images" / f"{NAMES[0]}.jpg"
    picture.write_text("no picture")
    with pytest.raises(InputError, match="cannot be read"):
        frames.load(NAMES[0])
    (frames.folder / "masks" / f"{NAMES[1]}.png").unlink()
    with pytest.raises(InputError, match="1 CamVid masks are missing"):
        CamVid.open("train", root=tmp_path)


@pytest.mark.parametrize(("top", "shape"), [(12, (4, 6)), (11, (5, 6))])
def test_masks_of_another_kind_are_refused(tmp_path: Path, top: int, shape: tuple[int, int]) -> None:
    frames = CamVid.open("train", root=write_frames(tmp_path, top=top, mask_shape=shape))
    with pytest.raises(InputError, match=r"must be \(4, 6\) with values 0..11"):
        frames.load(NAMES[0])


@pytest.mark.data
def test_the_real_frames(lrs_data_root: Path) -> None:
    train, val = CamVid.open("train", root=lrs_data_root), CamVid.open("val", root=lrs_data_root)
    assert {drive: len(train.only(drive)) for drive in train.drives} == {
        "0001TP": 62,
        "0006R0": 101,
        "0016E5": 204,
    }
    assert len(val) == 101
    assert {drive_of(name) for name in val.names} == {"0016E5"}
    frame = train.load(train.names[0])
    assert frame.image.shape == (3, 180, 240)
    assert set(np.unique(frame.mask)) <= {*range(11), VOID}
