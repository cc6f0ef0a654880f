"""Precision: the function that is sampled is the one that is recorded, the same one in every look."""

import os
import shutil

import numpy as np
import pytest
import torch

from lrscore import ImageSettings, certify_image
from lrscore.cli.model_options import understood
from lrscore.errors import InputError, SettingsError
from lrscore.graphs.noisy_attributes import csr_of_ones
from models import arithmetic
from models.arithmetic import Arithmetic, choose, choose_arithmetic
from models.catalogue import load_image_model
from models.graphs.registry import load_graph, load_graph_model
from models.precision import PRECISIONS, InPrecision, translated
from models.segmentation.described import Description, load_described
from models.segmentation.registry import load_model
from tests.lrscore.linear import Brightness, ramp, seeded

IMAGE = torch.as_tensor(ramp(32, 48))[None]


class Convolution(torch.nn.Module):
    """One 3x3 convolution; keeps what type and layout it was asked in."""

    class_names = ("a", "b")

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Conv2d(3, 2, 3, padding=1)
        self.digest = "e" * 64
        self.layer.register_forward_hook(self._keep)
        self.eval()

    def _keep(self, module, inputs, output):
        self.type, self.layout = output.dtype, inputs[0].is_contiguous(memory_format=torch.channels_last)

    def forward(self, images):
        return self.layer(images)


@pytest.mark.parametrize("name", PRECISIONS)
def test_convolutions_run_in_that_type_and_layout_and_scores_are_float32(name):
    network = Convolution()
    model = InPrecision(network, name)
    with torch.inference_mode():
        scores = model(torch.rand(2, 3, 32, 48))
    assert network.type == PRECISIONS[name]
    assert network.layout
    assert scores.dtype == torch.float32
    assert model.precision == f"{name}, channels-last"
    assert model.digest == f"{'e' * 64} in {name}, channels-last"
    assert model.class_names == ("a", "b")


@pytest.mark.parametrize("name", ["bfloat16", "float16"])
def test_the_result_is_that_of_rounded_factors(name):
    """By hand: weights and pixels rounded to the type, products and sums exact, the result rounded once."""
    network = Convolution()
    picture = torch.rand(1, 3, 8, 8)
    with torch.inference_mode():
        scores = InPrecision(network, name)(picture)
        plain = network(picture)
        kind = PRECISIONS[name]
        layer = network.layer
        weight, bias = (one.to(kind).double() for one in (layer.weight, layer.bias))
        exact = torch.nn.functional.conv2d(picture.to(kind).double(), weight, bias, padding=1)
    torch.testing.assert_close(scores, exact.to(kind).float(), rtol=2 * torch.finfo(kind).eps, atol=1e-3)
    assert not torch.equal(scores, plain)


def described():
    return load_described(
        Description(
            network="models.segmentation.street_unet:street_unet",
            class_names=tuple("abc"),
            arguments={},
            name="own",
        )
    )


@pytest.mark.parametrize("kind", ["bundled", "two views", "own", "callable"])
def test_every_kind_of_image_model_is_certified_in_bfloat16_and_says_so(kind):
    model = {
        "bundled": lambda: load_model("street-unet+bfloat16"),
        "two views": lambda: load_model("street-two-view+bfloat16"),
        "own": lambda: InPrecision(described(), "bfloat16"),
        "callable": lambda: InPrecision(Brightness(), "bfloat16"),
    }[kind]()
    more = {"two_views": True, "level_max": 1.0} if kind == "two views" else {}
    settings = ImageSettings(grid=(1, 2), pilot_samples=3, samples=4, batch_size=2, **more)
    certificate = certify_image(model, IMAGE[0], settings, generator=seeded())
    assert certificate.provenance["precision"].startswith("bfloat16")
    assert certificate.provenance["model_digest"].endswith(certificate.provenance["precision"])
    assert certificate.provenance["model"].endswith("+bfloat16")
    again = certify_image(model, IMAGE[0], settings, generator=seeded())
    np.testing.assert_array_equal(certificate.agreements, again.agreements)


def test_catalogues_that_know_no_precision_are_asked_for_none():
    how = {"precision": "auto", "size": (8, 8), "copies": 9, "device": "cpu"}
    assert understood(lambda name: name, how) == {}
    assert understood(lambda name: name, {"denoise": True, **how}) == {"denoise": True}
    assert understood(lambda name, **asked: name, how) == how
    assert understood(load_image_model, how) == how
    assert understood(lambda name: name, {"precision": "bfloat16"}) == {"precision": "bfloat16"}


def test_noise_is_added_before_the_cast():
    seen = []

    class Spy(Brightness):
        def __call__(self, batch):
            seen.append(batch.dtype)
            return super().__call__(batch)

    settings = ImageSettings(grid=(1, 1), pilot_samples=2, samples=2, batch_size=2)
    certify_image(InPrecision(Spy(), "bfloat16"), IMAGE[0], settings, generator=seeded())
    assert set(seen) == {torch.float32}


@pytest.mark.parametrize("kind", ["gcn", "appnp", "gat"])
def test_a_graph_model_in_bfloat16(kind):
    graph, plain = load_graph("village"), load_graph_model("village-gcn")
    reduced = load_graph_model("village-gcn+bfloat16")
    rows, columns = graph.x.nonzero(as_tuple=True)
    starts = torch.searchsorted(rows, torch.arange(len(graph.x) + 1)).int()
    x = csr_of_ones(starts, columns.int(), tuple(graph.x.shape))
    with torch.inference_mode():
        before, after = plain(x, graph.edge_index), reduced(x, graph.edge_index)
    assert after.dtype == torch.float32
    assert (before.argmax(dim=1) == after.argmax(dim=1)).float().mean() > 0.97
    assert reduced.sparse_input == plain.sparse_input
    assert reduced.digest.endswith("in bfloat16")
    with pytest.raises(InputError, match="in front of image models"):
        load_graph_model("village-gcn+denoised")


def test_gradients_reach_the_picture():
    picture = IMAGE.clone().requires_grad_(True)
    InPrecision(Convolution(), "bfloat16")(picture).sum().backward()
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0


def test_an_unknown_precision_is_one_sentence():
    with pytest.raises(SettingsError, match="float32, bfloat16, float16"):
        InPrecision(Brightness(), "float8")


def test_without_a_compiler_compiling_is_refused(monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(InputError, match="needs a C\\+\\+ compiler"):
        InPrecision(Convolution(), "float32", compiled=True)


@pytest.mark.skipif(shutil.which(os.environ.get("CXX", "g++")) is None, reason="needs a C++ compiler")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch, in its own compiler
def test_a_translated_model_votes_as_the_model_does_and_is_translated_once():
    """Two programs may round differently: votes may differ where scores nearly tie, which these do not."""
    torch.manual_seed(0)
    network = Convolution()
    settings = ImageSettings(grid=(1, 2), pilot_samples=4, samples=12, batch_size=4)
    compiled, frames = InPrecision(network, "float32", compiled=True), torch._dynamo.utils.counters
    frames.clear()
    certificate = certify_image(compiled, IMAGE[0], settings, generator=seeded(3))
    assert frames["stats"]["unique_graphs"] == 1
    plain = certify_image(network, IMAGE[0], settings, generator=seeded(3))
    assert (certificate.pilot_votes == plain.pilot_votes).mean() > 0.999
    assert certificate.provenance["precision"] == "float32, channels-last, compiled"
    assert certificate.provenance["model"].endswith("+float32+compiled")


def test_scores_of_a_replayed_pass_outlive_the_next_one(monkeypatch):
    """As CUDA graphs do it: every replay writes its scores into the same memory, after a step was marked."""
    place, said = torch.zeros(2), []

    def compiler(function, *, dynamic, mode):
        assert (dynamic, mode) == (False, "reduce-overhead")
        return lambda values: place.copy_(function(values))

    monkeypatch.setattr(torch, "compile", compiler)
    monkeypatch.setattr(torch.compiler, "cudagraph_mark_step_begin", lambda: said.append(None))
    replayed = translated(lambda values: 2 * values, graphs=True)
    first, second = replayed(torch.tensor([1.0, 2.0])), replayed(torch.tensor([3.0, 4.0]))
    assert first.tolist() == [2, 4]
    assert second.tolist() == [6, 8]
    assert len(said) == 2


SECONDS = {"as it is": 1.0, "float32": 0.95, "bfloat16": 0.5, "float16": 0.4}


@pytest.mark.parametrize(
    ("seconds", "agreement", "chosen"),
    [
        ({}, {}, "float16"),
        ({}, {"float16": 0.99}, "bfloat16"),
        ({}, {"float16": 0.9, "bfloat16": 0.9}, None),
        ({"bfloat16": 2.0, "float16": 3.0}, {}, None),
        ({"bfloat16": 2.0, "float16": 3.0, "float32": 0.6}, {}, "float32"),
    ],
)
def test_the_fastest_that_keeps_the_labels_is_chosen(seconds, agreement, chosen):
    full = {**dict.fromkeys(SECONDS, 1.0), **agreement}
    assert choose({**SECONDS, **seconds}, full) == chosen


def test_a_choice_is_remembered_and_a_spoilt_memory_measured_anew(tmp_path, monkeypatch):
    built = []

    def build(name):
        built.append(name)
        model = Convolution()
        torch.nn.init.constant_(model.layer.weight, 0.1)
        return model if name is None else InPrecision(model, name)

    path, device = tmp_path / "seen.json", torch.device("cpu")
    first = choose_arithmetic(build, (32, 48), device, cache=path)
    assert set(first.rates) == {"as it is", "float32", "bfloat16"}
    built.clear()
    assert choose_arithmetic(build, (32, 48), device, cache=path) == first
    assert built == [None]
    choose_arithmetic(build, (16, 48), device, cache=path)
    assert len(built) > 2  # another size is another measurement
    for spoilt in ("", "[]", '{"a": 1}', '{"a": {"chosen": [], "rates": 3, "agreement": {}}}'):
        path.write_text(spoilt)
        assert isinstance(choose_arithmetic(build, (32, 48), device, cache=path), Arithmetic)
    path.unlink()
    path.mkdir()
    assert isinstance(choose_arithmetic(build, (32, 48), device, cache=path), Arithmetic)


def test_the_command_lines_choice_is_made_before_sampling_and_only_for_long_runs(monkeypatch):
    asked = []

    def chooses(build, size, device, *, denoise):
        asked.append((size, denoise))
        return Arithmetic(
            "bfloat16", {"as it is": 1.0, "bfloat16": 2.0}, {"as it is": 1.0, "bfloat16": 0.999}
        )

    monkeypatch.setattr("models.arithmetic.choose_arithmetic", chooses)
    few = load_image_model(
        "street-unet", precision="auto", size=(180, 240), copies=arithmetic.LEAST_COPIES - 1
    )
    assert not hasattr(few, "precision")
    many = load_image_model("street-unet", precision="auto", size=(180, 240), copies=arithmetic.LEAST_COPIES)
    assert many.precision == "bfloat16, channels-last"
    assert "99.90%" in many.chosen
    named = load_image_model("street-unet+float32", precision="auto", size=(180, 240), copies=10**6)
    assert named.precision == "float32, channels-last"
    assert asked == [((180, 240), False)]
    with pytest.raises(InputError, match="names another precision"):
        load_image_model("street-unet+float32", precision="bfloat16")
