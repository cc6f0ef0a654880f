"""Official groups of the three data sets: every class in its place, and the models that state them."""

import json

import pytest
import torch

from lrscore.errors import InputError
from models import load_model
from models.datasets.classes import CAMVID_CLASSES
from models.datasets.trees import CAMVID_TREE, official_tree
from models.segmentation.described import load_own

CITYSCAPES = [
    "road",
    "sidewalk",
    "building",
    "wall",
    "fence",
    "pole",
    "traffic light",
    "traffic sign",
    "vegetation",
    "terrain",
    "sky",
    "person",
    "rider",
    "car",
    "truck",
    "bus",
    "train",
    "motorcycle",
    "bicycle",
]
VOC = [
    "background",
    "aeroplane",
    "bicycle",
    "bird",
    "boat",
    "bottle",
    "bus",
    "car",
    "cat",
    "chair",
    "cow",
    "diningtable",
    "dog",
    "horse",
    "motorbike",
    "person",
    "pottedplant",
    "sheep",
    "sofa",
    "train",
    "tvmonitor",
]


def groups_of(tree, names):
    return {name: {names[one] for one in group} for name, group in zip(tree.names, tree.members, strict=True)}


def test_official_groups():
    street = groups_of(official_tree(CITYSCAPES), CITYSCAPES)
    assert street["human"] == {"person", "rider"}
    assert {len(group) for group in street.values()} == {2, 3, 6}
    voc = groups_of(official_tree(VOC), VOC)
    assert {name: len(group) for name, group in voc.items()} == {"animal": 6, "vehicle": 7, "indoor": 6}
    assert official_tree(("cat", "dog")) is None
    assert official_tree(("cat", "Cat")) is None


def test_bundled_models_state_the_tree_of_their_classes():
    model = load_model("street-unet")
    assert model.class_tree == CAMVID_TREE == official_tree(CAMVID_CLASSES)
    named = groups_of(CAMVID_TREE, CAMVID_CLASSES)
    assert named["vehicle"] == {"car", "bicyclist"}
    assert named["vehicle"] < named["moving object"]
    assert load_model("street-two-view").class_tree == CAMVID_TREE


def described(tmp_path, **more):
    (tmp_path / "nets.py").write_text(
        "import torch\n\n\ndef three():\n    net = torch.nn.Conv2d(3, 3, 1)\n    net.class_names = ('a', 'b', 'c')\n"
        "    return net\n"
    )
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"network": "nets:three", **more}))
    return load_own(str(path))


def test_a_description_states_a_tree(tmp_path):
    model = described(tmp_path, hierarchy={"vowels or not": ["a", "b"]})
    assert model.class_tree.names == ("vowels or not",)
    assert model(torch.zeros(1, 3, 20, 20)).shape[1] == 3


@pytest.mark.parametrize(
    ("hierarchy", "text"),
    [({"x": ["a", "d"]}, "'d', which is no class"), (["a", "b"], "hierarchy must give")],
)
def test_another_tree_is_one_sentence(tmp_path, hierarchy, text):
    with pytest.raises(InputError, match=text):
        described(tmp_path, hierarchy=hierarchy)
