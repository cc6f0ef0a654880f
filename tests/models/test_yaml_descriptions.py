"""Descriptions of models as YAML: the same model as the JSON one, and nothing that is more than data."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from safetensors.torch import save_file
from torch import nn

from lrscore.errors import InputError
from lrscore.plain_text import MOST_DEPTH, TextError
from models.descriptions import is_description, parse_description
from models.graphs.described import GraphDescription
from models.graphs.registry import load_graph_model
from models.segmentation.described import Description
from models.segmentation.registry import load_model
from models.yaml_text import MOST_BYTES, parse_yaml
from ui.images.own_model import checked_description
from ui.library.described import MODELS_VARIABLE, described_files

TEXT = """
# what can not be seen from the weights
network: my_yaml_networks:plain
weights: w.safetensors
class_names: [road, "no", 'rest']
mean: [0.45, 0.45, 0.45]
std: [0.25, 0.25, 0.25]
arguments: {classes: 3}
multiple: 4
palette:
  - [0, 0, 0]
  - [1, 2, 3]
  - [4, 5, 6]
"""
SAID = {
    "network": "my_yaml_networks:plain",
    "weights": "w.safetensors",
    "class_names": ["road", "no", "rest"],
    "mean": [0.45, 0.45, 0.45],
    "std": [0.25, 0.25, 0.25],
    "arguments": {"classes": 3},
    "multiple": 4,
    "palette": [[0, 0, 0], [1, 2, 3], [4, 5, 6]],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "my_yaml_networks.py").write_text(
        "from torch import nn\n"
        "def plain(classes=3):\n    return nn.Conv2d(3, classes, 1)\n"
        "class Graph(nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        self.layer = nn.Linear(4, 2)\n"
        "    def forward(self, x, edge_index):\n        return self.layer(x).softmax(dim=1)\n"
        "def graph():\n    return Graph()\n"
    )
    torch.manual_seed(0)
    save_file(dict(nn.Conv2d(3, 3, 1).state_dict()), tmp_path / "w.safetensors")
    return tmp_path


def test_yaml_and_json_are_one_model(folder: Path):
    """In the command line's loader, whatever the case of the ending, with something put around it."""
    (folder / "one.json").write_text(json.dumps(SAID))
    picture = torch.rand(1, 3, 18, 22)
    expected = load_model(str(folder / "one.json"))(picture)
    for name in ("two.yaml", "three.yml", "FOUR.YAML"):
        (folder / name).write_text(TEXT)
        found = load_model(str(folder / name))
        assert found.class_names == ("road", "no", "rest")
        assert torch.equal(found(picture), expected)
        assert Description.read(folder / name).name == Path(name).stem
    assert load_model(f"{folder / 'two.yaml'}+bfloat16").name.endswith("+bfloat16")


def test_graph_models_take_it_too(folder: Path):
    (folder / "g.yml").write_text(
        "network: my_yaml_networks:graph\nclass_names: [a, b]\noutput: probabilities\n"
    )
    model = load_graph_model(str(folder / "g.yml"))
    scores = model(torch.rand(5, 4), torch.zeros((2, 0), dtype=torch.long))
    assert scores.shape == (5, 2)
    assert GraphDescription.read(folder / "g.yml").class_names == ("a", "b")


def test_what_json_says_yaml_says():
    for values in (SAID, {"a": [None, True, 1.5e-3, -7, "é", {"b": []}]}, {}):
        assert parse_yaml(json.dumps(values).encode(), "x") == values
        assert parse_yaml(yaml.safe_dump(values).encode(), "x") == values
        assert parse_yaml(b"\xef\xbb\xbf" + yaml.safe_dump(values).encode(), "x") == values


LAUGHS = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + k)}: &{chr(98 + k)} [*{chr(97 + k)}, *{chr(97 + k)}]\n" for k in range(20)
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LAUGHS, "aliases"),
        ("a: &a {b: 1}\nc: {<<: *a}", "aliases"),
        ("a: &a [*a]", "aliases"),
        ("a: !!python/object/apply:os.system ['touch /tmp/x']", "python/object"),
        ("a: !!python/name:os.system", "python/name"),
        ("a: !own {b: 1}", "!own"),
        ("a: !!binary aGk=", "bytes"),
        ("a: !!set {b, c}", "set"),
        ("a: 2020-01-01", "date"),
        ("a: 1\na: 2", "the key a twice"),
        ("a: {b: 1, 'b': 2}", "the key b twice"),
        ("1: a", "key that is no text"),
        ("? [a]\n: b", "no plain YAML"),
        ("a: 1\n---\nb: 2", "no plain YAML"),
        ("a: [1", "no plain YAML"),
        ("a: 'x", "no plain YAML"),
        ("\ta: 1", "no plain YAML"),
        ("a: \x00", "no plain YAML"),
        ("a: " + "[" * 5000, "deeper"),
        ("[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1), "deeper"),
        ("a: " + "9" * 401, "hundreds of digits"),
        ("a: 0x" + "f" * 5000, "hundreds of digits"),
        ("a: " + "9" * 20_000, r"digits"),
        ("a: " + "x" * MOST_BYTES, "longer than"),
    ],
)
def test_what_is_more_than_data_is_refused_in_a_sentence(text: str, words: str):
    with pytest.raises(TextError, match=words) as raised:
        parse_yaml(text.encode(), "the file")
    said = str(raised.value)
    assert said.isprintable()
    assert len(said) < 400


def test_bytes_that_are_no_text_are_refused():
    for content in (b"\xff\xfe", b"a: \x80"):
        with pytest.raises(TextError, match="UTF-8"):
            parse_yaml(content, "the file")


def test_lists_as_deep_as_json_allows_are_read():
    text = "[" * MOST_DEPTH + "1" + "]" * MOST_DEPTH
    assert parse_yaml(text.encode(), "x") == json.loads(text)


def test_damaged_texts_are_a_sentence():
    """A good text with characters lost, doubled and changed: a value of JSON or one sentence."""
    random, letters = np.random.default_rng(0), "&*!|>%@`{}[]:-?,#'\"\t\n 0ax.~<\x07é"
    read, sentences = 0, []
    for _ in range(400):
        text = list(TEXT)
        for _ in range(int(random.integers(1, 8))):
            place = int(random.integers(len(text)))
            text[place : place + int(random.integers(0, 3))] = letters[int(random.integers(len(letters)))]
        try:
            json.dumps(parse_yaml("".join(text).encode(), "x"))
            read += 1
        except TextError as error:
            sentences.append(str(error))
    assert 20 < read < 380
    assert all(sentence.isprintable() for sentence in sentences)


def test_errors_name_the_form_and_the_file(folder: Path):
    (folder / "x.yaml").write_text("a: [1")
    with pytest.raises(InputError, match=r"model description x\.yaml must be YAML.*line"):
        load_model(str(folder / "x.yaml"))
    (folder / "y.yml").write_text("- a\n")
    with pytest.raises(InputError, match="one object"):
        load_model(str(folder / "y.yml"))
    (folder / "z.yml").write_text("networ: a\n")
    with pytest.raises(InputError, match="may have the keys"):
        load_model(str(folder / "z.yml"))
    with pytest.raises(InputError, match="does not exist"):
        load_model("nowhere.yaml")
    with pytest.raises(InputError, match="must be JSON"):
        parse_description(TEXT.encode(), "x.json")


def test_the_page_takes_it_as_data_too():
    text = b"network: torchvision:lraspp_mobilenet_v3_large\nclass_names: [a, b]\n"
    assert checked_description(text, "My.YAML")["class_names"] == ["a", "b"]
    with pytest.raises(InputError, match="no code is run"):
        checked_description(b"network: os:system", "x.yml")
    with pytest.raises(InputError, match="aliases"):
        checked_description(LAUGHS.encode(), "x.yml")
    with pytest.raises(InputError, match="must be JSON"):
        checked_description(text, "x.json")


def test_the_owners_folder_offers_it(folder: Path, monkeypatch: pytest.MonkeyPatch):
    for name in ("a.json", "a.yaml", "b.yml", "c.txt"):
        (folder / name).write_text("{}")
    monkeypatch.setenv(MODELS_VARIABLE, str(folder))
    assert {name: path.name for name, path in described_files("images").items()} == {
        "a": "a.json",
        "b": "b.yml",
    }
    assert described_files("graphs") == {}
    assert is_description("X.YmL")
    assert not is_description("module:function")
