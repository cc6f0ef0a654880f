"""What a description says about feeding and reading a network, against the same arithmetic written out."""

from __future__ import annotations

import json
import random
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from lrscore.errors import InputError
from models.segmentation.described import Description, load_described
from models.segmentation.preprocessing import PreparedNetwork

PICTURES = torch.rand(2, 3, 12, 16, generator=torch.Generator().manual_seed(0))


class Answers(nn.Module):
    """Returns whatever a function makes of the pictures that reach it."""

    def __init__(self, answer: Any) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, images: Tensor) -> Any:
        return self.answer(images)


def prepared(answer: Any, classes: int = 3, **wiring: Any) -> PreparedNetwork:
    return PreparedNetwork(Answers(answer), classes=classes, **wiring)


def test_channels_scale_and_normalisation_come_in_that_order() -> None:
    given = {"reverse": True, "scale": 255.0, "mean": (104.0, 117.0, 123.0), "std": (1.0, 2.0, 4.0)}
    scores = prepared(lambda images: images, **given)(PICTURES)
    for channel, (mean, std) in enumerate(zip(given["mean"], given["std"], strict=True)):
        expected = (PICTURES[:, 2 - channel] * 255 - mean) / std
        torch.testing.assert_close(scores[:, channel], expected)


@pytest.mark.parametrize(
    ("answer", "output"),
    [
        (lambda images: {"out": images, "aux": images[:, :1]}, None),
        (lambda images: {"logits": images, "loss": torch.zeros(1)}, None),
        (lambda images: SimpleNamespace(logits=images), None),
        (lambda images: (images,), None),
        (lambda images: {"masks": images}, None),
        (lambda images: {"seg": images, "edges": images * 0}, "seg"),
        (lambda images: SimpleNamespace(seg=images), "seg"),
        (lambda images: (images * 0, images), 1),
    ],
)
def test_scores_are_found_where_they_are(answer: Any, output: Any) -> None:
    torch.testing.assert_close(prepared(answer, output=output)(PICTURES), PICTURES)


@pytest.mark.parametrize(
    ("answer", "output"),
    [
        (lambda images: (images, images), None),
        (lambda images: {"a": images, "b": images}, None),
        (lambda images: None, None),
        (lambda images: {"a": images}, "b"),
        (lambda images: (images,), 3),
    ],
)
def test_scores_that_can_not_be_told_are_asked_for(answer: Any, output: Any) -> None:
    with pytest.raises(InputError, match="output"):
        prepared(answer, output=output)(PICTURES)


def test_scores_of_lower_resolution_are_enlarged_unless_that_is_not_wanted() -> None:
    small = PICTURES[:, :, ::4, ::4]
    expected = nn.functional.interpolate(small, size=(12, 16), mode="bilinear", align_corners=False)
    torch.testing.assert_close(prepared(lambda images: images[:, :, ::4, ::4])(PICTURES), expected)
    with pytest.raises(InputError, match="must return scores of shape"):
        prepared(lambda images: images[:, :, ::4, ::4], enlarge=False)(PICTURES)
    with pytest.raises(InputError, match="must return scores of shape"):
        prepared(lambda images: images[:, :, :, ::4])(PICTURES)  # no picture of the same shape
    with pytest.raises(InputError, match="must return scores of shape"):
        prepared(lambda images: images.repeat(1, 1, 2, 2))(PICTURES)


def test_one_channel_decides_between_two_classes() -> None:
    logits = PICTURES[:, :1] - 0.5
    for answer in (lambda images: images[:, :1] - 0.5, lambda images: images[:, 0] - 0.5):
        labels = prepared(answer, classes=2)(PICTURES).argmax(dim=1)
        assert torch.equal(labels, (logits[:, 0] > 0).long())
    chance = prepared(lambda images: (images[:, :1] * 4 - 2).sigmoid(), classes=2, one_channel="probability")
    assert torch.equal(chance(PICTURES).argmax(dim=1), (logits[:, 0] > 0).long())
    with pytest.raises(InputError, match="one_channel"):
        prepared(lambda images: images[:, :1], classes=2)(PICTURES)
    positive = prepared(lambda images: images[:, :1], classes=2, one_channel="logit")
    assert bool((positive(PICTURES).argmax(dim=1) == 1).all())


def test_dropped_channels_never_win() -> None:
    torch.testing.assert_close(
        prepared(lambda images: images, classes=2, drop=(1,))(PICTURES), PICTURES[:, [0, 2]]
    )
    network = "torch.nn:Conv2d"
    arguments = {"in_channels": 3, "out_channels": 3, "kernel_size": 1}
    for names, drop in ((("a", "void", "b"), ("void",)), (("a", "void", "b"), (1,)), (("a", "b"), (1,))):
        model = load_described(Description(names, network=network, arguments=arguments, drop=drop))
        assert model.class_names == ("a", "b")
        assert model(PICTURES.repeat(1, 1, 2, 2)).shape[1] == 2
    with pytest.raises(InputError, match="drop must name channels"):
        load_described(Description(("a", "b"), network=network, arguments=arguments, drop=("c",)))


def test_a_network_that_raises_anything_is_one_sentence_with_advice() -> None:
    class Picky(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            if images.shape[-1] % 8 or images.shape[-2] % 8:
                raise KeyError("odd\nsize")
            return images

    with pytest.raises(InputError, match=r"KeyError.*set \"multiple\" to 8") as caught:
        PreparedNetwork(Picky(), classes=3)(PICTURES)
    assert "\n" not in str(caught.value)
    for error in (AssertionError("x"), AttributeError("x"), TypeError("x"), StopIteration()):

        class Broken(nn.Module):
            raised = error

            def forward(self, images: Tensor) -> Tensor:
                raise self.raised

        with pytest.raises(InputError, match=type(error).__name__):
            PreparedNetwork(Broken(), classes=3)(PICTURES)


def test_two_folders_may_have_modules_of_one_name(tmp_path: Path) -> None:
    models = []
    for number, folder in enumerate(("a", "b")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "own_net.py").write_text(
            "import torch\nfrom torch import nn\nfrom own_parts_" + folder + " import SCALE\n"
            "def net():\n    n = nn.Conv2d(3, 2, 1)\n    nn.init.constant_(n.weight, SCALE)\n    return n\n"
        )
        (tmp_path / folder / f"own_parts_{folder}.py").write_text(f"SCALE = {number + 1}\n")
        values = {"network": "own_net:net", "class_names": ["x", "y"]}
        (tmp_path / folder / "net.json").write_text(json.dumps(values))
        models.append(load_described(Description.read(tmp_path / folder / "net.json")))
    weights = [float(model.network.network.weight.detach().mean()) for model in models]  # type: ignore[union-attr]
    assert weights == [1.0, 2.0]


def complaint(path: Path) -> str:
    """The sentence with which a description is refused; empty if it is one."""
    try:
        Description.read(path)
    except InputError as error:
        return str(error)
    return ""


def test_mutated_descriptions_are_read_or_refused_in_a_sentence(tmp_path: Path) -> None:
    chance, path = random.Random(0), tmp_path / "m.json"
    good: dict[str, Any] = {
        "network": "a:b",
        "class_names": ["a", "b"],
        "mean": [0.5, 0.5, 0.5],
        "std": [1, 1, 1],
        "drop": [1],
        "palette": [[0, 0, 0], [1, 1, 1]],
        "arguments": {"width": 3},
        "scale": 1,
        "multiple": 8,
        "channels": "bgr",
        "output": "logits",
        "enlarge": True,
        "one_channel": "logit",
    }
    odd: list[Any] = [None, True, -1, 1e400, "x", [], {}, [None], [["a"]], {"a": 1}, [[[1]]], 10**30]
    path.write_text(json.dumps(good))
    assert complaint(path) == ""
    for key in good:
        for value in odd:
            path.write_text(json.dumps({**good, key: value}))
            assert "\n" not in complaint(path)
    text = json.dumps(good).encode()
    for _ in range(150):
        bad = bytearray(text)
        for _ in range(chance.choice([1, 3])):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        path.write_bytes(bytes(bad))
        assert "\n" not in complaint(path)
