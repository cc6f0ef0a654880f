"""The data sets, on folders made here and on the real files."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lrscore.errors import InputError
from models.datasets import open_camvid, open_cityscapes, open_dataset, open_folder, open_voc
from models.datasets.classes import CAMVID_CLASSES, VOID
from models.datasets.pairs import bit_palette

SHAPE = (32, 48)
MASK = np.zeros(SHAPE, dtype=np.uint8)
MASK[:, 24:] = 1
MASK[0, 0] = 255


def write(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def write_pair(image: Path, mask: Path, labels: np.ndarray = MASK) -> None:
    write(image, np.repeat(np.where(labels == 1, 255, 0).astype(np.uint8)[..., None], 3, axis=2))
    write(mask, labels)


def a_folder(root: Path, labels: np.ndarray = MASK, names: tuple[str, ...] = ("b", "a")) -> Path:
    for name in names:
        write_pair(root / "images" / f"{name}.png", root / "masks" / f"{name}.png", labels)
    (root / "classes.txt").write_text("left\nright\n")
    return root


def voc(root: Path, masks: str = "SegmentationClass", split: str = "train") -> Path:
    folder = root / "VOCdevkit" / "VOC2012"
    for name in ("2007_000001", "2007_000002"):
        write_pair(folder / "JPEGImages" / f"{name}.jpg", folder / masks / f"{name}.png")
    listing = folder / "ImageSets" / "Segmentation" / f"{split}.txt"
    listing.parent.mkdir(parents=True, exist_ok=True)
    listing.write_text("2007_000001\n2007_000002\n")
    return root


def cityscapes(root: Path) -> Path:
    """Label ids 7 road, 8 sidewalk, 26 car, 0 unlabelled, 9 parking (not evaluated)."""
    labels = np.zeros(SHAPE, dtype=np.uint8)
    labels[1], labels[2], labels[3], labels[4] = 7, 8, 26, 9
    for number in (2, 1):
        stem = f"ulm_{number:06}_000019"
        write(
            root / "cityscapes" / "leftImg8bit" / "train" / "ulm" / f"{stem}_leftImg8bit.png",
            np.zeros((*SHAPE, 3), np.uint8),
        )
        write(root / "cityscapes" / "gtFine" / "train" / "ulm" / f"{stem}_gtFine_labelIds.png", labels)
    return root


def test_a_folder_is_read_lazily_and_in_order(tmp_path: Path) -> None:
    pairs = open_folder(a_folder(tmp_path))
    assert pairs.names == ("a", "b")
    assert pairs.class_names == ("left", "right")
    (tmp_path / "images" / "b.png").write_text("broken")  # nobody has looked at it so far
    picture = pairs.load("a")
    assert picture.image.shape == (3, *SHAPE)
    assert picture.image.dtype == np.float32
    np.testing.assert_array_equal(picture.mask, MASK)
    with pytest.raises(InputError, match="not a picture"):
        list(pairs)
    assert pairs.only(["a"]).names == ("a",)


def test_pictures_are_scaled_with_antialiasing_and_masks_by_nearest_neighbour(tmp_path: Path) -> None:
    stripes = np.zeros(SHAPE, dtype=np.uint8)
    stripes[:, ::3] = 1  # every third column is white: far too fine for half the size
    pairs = open_folder(a_folder(tmp_path, stripes, ("a",)), size=(16, 1000))
    picture = pairs.load("a")
    assert picture.image.shape == (3, 16, 24)
    np.testing.assert_allclose(picture.image[:, 4:-4, 4:-4].mean(), 1 / 3, atol=0.03)
    assert picture.image.std() < 0.25  # nearest neighbour would leave .47
    assert set(np.unique(picture.mask)) == {0, 1}
    lattice = picture.image * 255
    np.testing.assert_allclose(lattice, np.rint(lattice), atol=1e-4)


def test_void_values_can_be_chosen(tmp_path: Path) -> None:
    labels = MASK.copy()
    labels[1, 1] = 77
    with pytest.raises(InputError, match=r"mask of a must hold class numbers 0 to 1 or void, got 77"):
        open_folder(a_folder(tmp_path, labels)).load("a")
    picture = open_folder(tmp_path, void=(255, 77)).load("a")
    assert picture.mask[1, 1] == picture.mask[0, 0] == VOID
    first_is_void = open_folder(tmp_path, class_names=["x", "y"], void=(0, 77, 255)).load("a")
    assert set(np.unique(first_is_void.mask)) == {1, VOID}


def test_folders_that_miss_something_say_what(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"images/ is missing"):
        open_folder(tmp_path)
    a_folder(tmp_path)
    (tmp_path / "classes.txt").unlink()
    with pytest.raises(InputError, match=r"write them into classes\.txt"):
        open_folder(tmp_path)
    with pytest.raises(InputError, match="class names must be 2 to 255, got 1"):
        open_folder(tmp_path, class_names=["one"])
    with pytest.raises(InputError, match="void must hold mask values"):
        open_folder(tmp_path, class_names=["x", "y"], void=(256,))
    with pytest.raises(InputError, match=r"has no picture 'c'; its 2 names begin with 'a'"):
        open_folder(tmp_path, class_names=["x", "y"]).load("c")
    write(tmp_path / "masks" / "a.png", np.zeros((32, 47), np.uint8))
    with pytest.raises(InputError, match=r"must have the picture's size \(32, 48\), got \(32, 47\)"):
        open_folder(tmp_path, class_names=["x", "y"]).load("a")
    (tmp_path / "masks" / "b.png").unlink()
    with pytest.raises(InputError, match=r"1 files are missing, the first is masks/b\.png"):
        open_folder(tmp_path, class_names=["x", "y"])
    for path in (tmp_path / "images").iterdir():
        path.unlink()
    with pytest.raises(InputError, match="holds no pairs"):
        open_folder(tmp_path, class_names=["x", "y"])


def test_pascal_voc_in_its_official_layout(tmp_path: Path) -> None:
    pairs = open_voc("train", root=voc(tmp_path))
    assert pairs.names == ("2007_000001", "2007_000002")
    assert (len(pairs.class_names), pairs.class_names[15]) == (21, "person")
    assert set(np.unique(pairs.load("2007_000001").mask)) == {0, 1, VOID}
    with pytest.raises(InputError, match=r"its list Segmentation/val\.txt is missing"):
        open_voc("val", root=tmp_path)
    with pytest.raises(InputError, match="split of Pascal VOC must be one of"):
        open_voc("test", root=tmp_path)


def test_trainaug_reads_its_own_list_and_masks(tmp_path: Path) -> None:
    voc(tmp_path)
    with pytest.raises(InputError, match="get the trainaug list and its masks"):
        open_voc("trainaug", root=tmp_path)
    voc(tmp_path, "SegmentationClassAug", "trainaug")
    listing = tmp_path / "VOCdevkit" / "VOC2012" / "ImageSets" / "Segmentation" / "trainaug.txt"
    listing.write_text("/JPEGImages/2007_000002.jpg /SegmentationClassAug/2007_000002.png\n")
    pairs = open_voc("trainaug", root=tmp_path)
    assert pairs.names == ("2007_000002",)
    assert pairs.pairs[0].mask.parent.name == "SegmentationClassAug"


def test_pascal_voc_is_downloaded_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []

    def fetch(root: str, **options: object) -> None:
        calls.append(options)
        voc(Path(root))

    monkeypatch.setattr("torchvision.datasets.VOCSegmentation", fetch)
    for _ in range(2):
        assert len(open_dataset("voc", "train", root=tmp_path / "new", download=True)) == 2
    assert calls == [{"year": "2012", "image_set": "train", "download": True}]

    def offline(root: str, **options: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr("torchvision.datasets.VOCSegmentation", offline)
    with pytest.raises(InputError, match="could not be downloaded: no route to host"):
        open_voc("train", root=tmp_path / "other", download=True)


def test_cityscapes_label_ids_become_train_ids(tmp_path: Path) -> None:
    pairs = open_cityscapes("train", root=cityscapes(tmp_path))
    assert pairs.names == ("ulm_000001_000019", "ulm_000002_000019")
    assert len(pairs.class_names) == len(pairs.palette) == 19
    mask = pairs.load(pairs.names[0]).mask
    assert [int(value) for value in mask[:5, 0]] == [VOID, 0, 1, 13, VOID]
    assert [pairs.class_names[code] for code in (0, 1, 13)] == ["road", "sidewalk", "car"]
    with pytest.raises(InputError, match="split of Cityscapes"):
        open_cityscapes("test", root=tmp_path)
    with pytest.raises(InputError, match="Cityscapes is not here: register"):
        open_cityscapes("val", root=tmp_path)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("camvid", "CamVid is not here: get the 11-class"),
        ("voc", "Pascal VOC 2012 is not here: open it with download=True"),
        ("cityscapes", "Cityscapes is not here: register"),
    ],
)
def test_a_missing_data_set_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    with pytest.raises(InputError, match=text) as caught:
        open_dataset(name, "train", root=tmp_path)
    assert "set LRS_DATA_ROOT" in str(caught.value)
    assert "\n" not in str(caught.value)
    monkeypatch.delenv("LRS_DATA_ROOT", raising=False)
    with pytest.raises(InputError, match=text):
        open_dataset(name, "train")


def test_data_sets_are_found_by_name_or_path(tmp_path: Path) -> None:
    assert len(open_dataset(str(a_folder(tmp_path / "mine").parent), "mine")) == 2
    with pytest.raises(
        InputError, match="one of camvid, voc, cityscapes or the path of a folder, got 'coco'"
    ):
        open_dataset("coco", "train")


def test_the_palette_is_pascal_vocs() -> None:
    expected = [(0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0), (0, 0, 128)]
    assert [tuple(colour) for colour in bit_palette(5)] == expected
    assert len({tuple(colour) for colour in bit_palette(255)}) == 255


@pytest.mark.data
def test_the_real_camvid(lrs_data_root: Path) -> None:
    val = open_camvid("val", root=lrs_data_root, size=(90, 120))
    assert len(val) == 101
    picture = val.load(val.names[0])
    assert picture.image.shape == (3, 90, 120)
    assert set(np.unique(picture.mask)) <= {*range(len(CAMVID_CLASSES)), VOID}


@pytest.mark.data
def test_the_real_voc_pairs(lrs_data_root: Path) -> None:
    sample = open_voc("sample", root=lrs_data_root, size=(128, 128))
    assert len(sample) == 40
    assert sample.class_names == tuple((lrs_data_root / "voc_sample" / "classes.txt").read_text().split())
    shares = np.zeros(256)
    for picture in sample:
        assert max(picture.image.shape) == 128
        shares += np.bincount(picture.mask.ravel(), minlength=256) / (40 * picture.mask.size)
    assert 0.5 < shares[0] < 0.68  # background, .589 at full size
    assert 0.04 < shares[VOID] < 0.1  # .069 at full size
