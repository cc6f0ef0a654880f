"""The CamVid loader, on folders made here and on the real frames."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lrscore.errors import InputError
from models.datasets.camvid import drive_of, drives, of_drives, open_camvid, without_drives
from models.datasets.classes import VOID

NAMES = ("0001TP_000001", "0001TP_000002", "0006R0_f00001")


def write_frames(
    root: Path,
    *,
    top: int = 11,
    mask_shape: tuple[int, int] = (16, 24),
    picture_shape: tuple[int, int] = (16, 24),
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
    frames = list(open_camvid("train", root=write_frames(tmp_path)))
    assert [frame.name for frame in frames] == list(NAMES)
    assert frames[0].image.shape == (3, 16, 24)
    assert frames[0].image.dtype == np.float32
    np.testing.assert_allclose(frames[0].image, 128 / 255, atol=2 / 255)
    assert frames[0].mask[0].tolist() == [7, VOID, *[0] * 22]


def test_drives_split_the_frames(tmp_path: Path) -> None:
    frames = open_camvid("train", root=write_frames(tmp_path))
    assert drives(frames) == ("0001TP", "0006R0")
    assert of_drives(frames, "0006R0").names == ("0006R0_f00001",)
    assert without_drives(frames, "0006R0").names == NAMES[:2]
    with pytest.raises(InputError, match="drives must be among 0001TP, 0006R0, got 0016E5"):
        of_drives(frames, "0016E5")


def test_the_root_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LRS_DATA_ROOT", str(write_frames(tmp_path)))
    assert len(open_camvid("train")) == len(NAMES)
    monkeypatch.delenv("LRS_DATA_ROOT")
    with pytest.raises(InputError, match="set LRS_DATA_ROOT"):
        open_camvid("train")


def test_missing_and_broken_data_are_named(tmp_path: Path) -> None:
    (tmp_path / "camvid").mkdir()
    with pytest.raises(InputError, match="split must be one of train, val, got 'test'"):
        open_camvid("test", root=tmp_path)
    with pytest.raises(InputError, match="no CamVid frames"):
        open_camvid("train", root=tmp_path)
    frames = open_camvid("train", root=write_frames(tmp_path))
    with pytest.raises(InputError, match="no picture 'nothing'"):
        frames.load("nothing")
    picture = frames.pairs[0].image
    picture.write_text("no picture")
    with pytest.raises(InputError, match="not a picture this software can read"):
        frames.load(NAMES[0])
    frames.pairs[1].mask.unlink()
    with pytest.raises(InputError, match="1 CamVid masks are missing"):
        open_camvid("train", root=tmp_path)


@pytest.mark.parametrize(("top", "shape"), [(12, (16, 24)), (11, (20, 24))])
def test_masks_of_another_kind_are_refused(tmp_path: Path, top: int, shape: tuple[int, int]) -> None:
    frames = open_camvid("train", root=write_frames(tmp_path, top=top, mask_shape=shape))
    with pytest.raises(InputError, match=r"the picture's size|class numbers 0 to 10 or void, got 12"):
        frames.load(NAMES[0])


@pytest.mark.data
def test_the_real_frames(lrs_data_root: Path) -> None:
    train, val = open_camvid("train", root=lrs_data_root), open_camvid("val", root=lrs_data_root)
    assert {drive: len(of_drives(train, drive)) for drive in drives(train)} == {
        "0001TP": 62,
        "0006R0": 101,
        "0016E5": 204,
    }
    assert len(val) == 101
    assert {drive_of(name) for name in val.names} == {"0016E5"}
    frame = train.load(train.names[0])
    assert frame.image.shape == (3, 180, 240)
    assert set(np.unique(frame.mask)) <= {*range(11), VOID}
