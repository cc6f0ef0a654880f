"""Batch sizes by memory: what is measured against a sum by hand and the process itself, and what follows from it."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lrscore import memory
from lrscore.cli.failures import run_command
from lrscore.errors import InputError
from lrscore.images import sampler as sampler_module
from lrscore.images.certify import certify_image
from lrscore.images.sampler import ImageSampler, usual_batch
from lrscore.images.settings import ImageSettings
from lrscore.memory import container_bytes, fitting_batch, in_words, measured, refuse_too_large
from lrscore.monitor import Run
from models.segmentation.preprocessing import PreparedNetwork
from tests.lrscore.linear import Brightness, ramp, seeded

CPU = torch.device("cpu")
IMAGE = ramp(32, 48)


def test_the_peak_is_that_of_tensors_that_live_together():
    """By hand, in numbers of 4 bytes: 100 and 300 together, then 300 and 200; what is given is not counted."""
    given = torch.zeros(1000)

    def work():
        first = given[:100].clone()
        second = torch.cat([first] * 3)
        del first
        third = torch.cat([second[:100], second[:100]])
        given.relu_()
        return third[:1]  # a view

    _, taken = measured(work, CPU)
    assert taken == 4 * 500


def test_the_peak_of_a_network_by_hand():
    network = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(8, 2, 1)
    )
    pixels = 32 * 48
    with torch.inference_mode():
        scores, taken = measured(lambda: network(torch.zeros(2, 3, 32, 48)), CPU)
    assert scores.shape == (2, 2, 32, 48)
    # Picture, both layers of 8 channels before and after the nonlinearity
    assert taken == 4 * 2 * pixels * (3 + 8 + 8)


_GROWTH = """
from pathlib import Path
import torch
from lrscore.memory import measured

def fact(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024

layers = [torch.nn.Conv2d(3, 32, 3, padding=1), *(torch.nn.Conv2d(32, 32, 3, padding=1) for _ in range(2))]
network, batch = torch.nn.Sequential(*layers), torch.zeros(16, 3, 256, 256)
with torch.inference_mode():
    network(batch[:1])  # whatever torch sets up
    _, taken = measured(lambda: network(batch), torch.device("cpu"))
    Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far
    before = fact("VmRSS")
    network(batch)
    print(taken, fact("VmHWM") - before)
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the kernel does not say")
def test_the_peak_is_about_what_a_process_grows_by():
    """A fresh process: one that has given memory back grows by less, because it keeps some of it."""
    told = subprocess.run([sys.executable, "-c", _GROWTH], capture_output=True, text=True, check=True).stdout
    taken, grown = map(int, told.split())
    assert taken > 2.5e8
    assert 0.8 * taken < grown < 1.5 * taken


def test_as_many_copies_as_half_of_the_memory_holds():
    assert fitting_batch(32, 100, 6400) == memory.Fitting(32, "")
    found = fitting_batch(32, 10**9, 20 * 10**9)
    assert found.copies == 10
    assert found.remark == (
        "10 copies in one pass instead of 32: one takes about 1 GB, and 20 GB of memory are free"
    )
    assert fitting_batch(32, 10**9, 10**8).copies == 1
    assert fitting_batch(1, 10**9, 10**8) == memory.Fitting(1, "")
    for unknown in ((None, 10**9), (10**9, None)):
        assert fitting_batch(32, *unknown) == memory.Fitting(32, "")


def test_a_batch_that_was_asked_for_is_refused_before_it_is_made():
    refuse_too_large(10, 100, 2000)
    refuse_too_large(1, 10**9, 10)  # nothing smaller could be tried
    with pytest.raises(
        MemoryError, match=r"a batch of 64 copies takes about 64 GB.* a batch size of 10 fits"
    ):
        refuse_too_large(64, 10**9, 20 * 10**9)


def test_words():
    assert (in_words(3), in_words(2_500_000), in_words(1_240_000_000)) == ("0.1 MB", "2.5 MB", "1.2 GB")


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ({}, None),
        ({"memory.max": "max\n", "memory.current": "5", "memory.stat": "inactive_file 3"}, None),
        ({"memory.max": "1000\n", "memory.current": "600", "memory.stat": "anon 7\ninactive_file 150"}, 550),
        ({"memory.max": "1000\n", "memory.current": "1600", "memory.stat": ""}, 0),
        (
            {
                "memory/memory.limit_in_bytes": "2000",
                "memory/memory.usage_in_bytes": "500",
                "memory/memory.stat": "total_inactive_file 100",
            },
            1600,
        ),
        (
            {
                "memory/memory.limit_in_bytes": str(2**63 - 4096),
                "memory/memory.usage_in_bytes": "500",
                "memory/memory.stat": "total_inactive_file 100",
            },
            None,
        ),
        ({"memory.max": "many", "memory.current": "600", "memory.stat": "\n"}, None),
    ],
)
def test_limits_of_containers(tmp_path, files, left):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    assert container_bytes(tmp_path) == left


class Hungry(Brightness):
    """Takes so many numbers for every copy, and runs out of memory beyond so many copies."""

    def __init__(self, numbers, most=10**9, how=MemoryError):
        self.numbers, self.most, self.how, self.batches = numbers, most, how, []

    def __call__(self, batch):
        self.batches.append(len(batch))
        if len(batch) > self.most:
            raise self.how
        held = batch.new_zeros((len(batch), self.numbers))
        return super().__call__(batch) + held[:, 0, None, None, None]


def of(model, **more):
    settings = ImageSettings(grid=(1, 2), pilot_samples=64, samples=128, **more)
    return ImageSampler(model, torch.as_tensor(IMAGE), settings, Run.on("cpu", seeded()))


def test_a_network_too_large_for_memory_gets_a_smaller_batch_and_a_sentence(monkeypatch):
    monkeypatch.setattr(sampler_module, "free_bytes", lambda device: 40 * 10**6)
    model = Hungry(10**6 // 4)  # 1 MB for each copy, beside noise and scores
    asked = of(model)
    assert 10 <= asked.batch_size < 20
    assert "copies in one pass instead of 32" in asked.batch_remark
    assert max(model.batches) <= 2
    settings = ImageSettings(grid=(1, 2), pilot_samples=64, samples=128)
    certificate = certify_image(model, IMAGE, settings, generator=seeded(5))
    assert max(model.batches) == asked.batch_size == int(certificate.provenance["batch_size"])
    assert certificate.provenance["batch_remark"] == asked.batch_remark
    # The counts are those of that batch size, wherever it is asked for
    monkeypatch.setattr(sampler_module, "free_bytes", lambda device: 10**12)
    again = certify_image(model, IMAGE, replace(settings, batch_size=asked.batch_size), generator=seeded(5))
    np.testing.assert_array_equal(again.agreements, certificate.agreements)
    assert "batch_remark" not in again.provenance


def test_with_memory_enough_nothing_changes(monkeypatch):
    monkeypatch.setattr(sampler_module, "free_bytes", lambda device: 10**12)
    asked = of(Hungry(10**6))
    assert (asked.batch_size, asked.batch_remark) == (32, "")


def test_a_batch_asked_for_that_does_not_fit_is_one_sentence(monkeypatch):
    monkeypatch.setattr(sampler_module, "free_bytes", lambda device: 40 * 10**6)
    with pytest.raises(MemoryError, match=r"a batch size of 1[0-9] fits"):
        of(Hungry(10**6 // 4), batch_size=100)
    assert of(Hungry(10**6 // 4), batch_size=16).batch_size == 16


def test_noise_of_every_view_counts():
    one, three = (ImageSettings(grid=(1, 1), level_min=0.2, level_max=0.2), 3)
    plain = ImageSampler(Brightness(), torch.as_tensor(IMAGE), one, Run.on("cpu", seeded()))
    taken = plain.copies.bytes_per_copy
    assert taken is not None
    # Picture 3 numbers a pixel: noise of two batches and the noisy picture; the model's own are more
    assert taken >= three * 3 * 32 * 48 * 4


def test_the_first_pass_takes_two_copies_unless_every_shape_costs():
    model = Hungry(1)
    of(model)
    assert model.batches == [2, 2]  # the second one tells whether copies depend on each other
    model = Hungry(1)
    model.one_shape = True
    of(model)
    assert model.batches == [32, 32]


def test_a_model_that_cannot_be_watched_is_sampled_all_the_same():
    class Shy(Brightness):
        def __call__(self, batch):
            if torch._C._len_torch_dispatch_stack():
                raise RuntimeError("not under a mode")
            return super().__call__(batch)

    asked = of(Shy())
    assert asked.copies.bytes_per_copy is None
    assert asked.batch_size == 32


ALLOCATOR = RuntimeError(
    "[enforce fail at alloc_cpu.cpp:124] DefaultCPUAllocator: can't allocate memory: you tried"
)


@pytest.mark.parametrize("how", [MemoryError(), ALLOCATOR, torch.OutOfMemoryError("CUDA out of memory")])
def test_lack_of_memory_is_no_fault_of_the_model_or_of_ours(how, capsys):
    settings = ImageSettings(grid=(1, 1), pilot_samples=64, samples=64)
    model = Hungry(1, most=8, how=how)
    assert run_command(lambda: certify_image(model, IMAGE, settings, generator=seeded())) == 2
    assert capsys.readouterr().err.strip() == "error: not enough memory; try --batch-size 1"
    network = PreparedNetwork(Net(how), classes=2, mean=(0, 0, 0), std=(1, 1, 1), multiple=1)
    with pytest.raises(type(how)) as told:
        network(torch.zeros(1, 3, 8, 8))
    assert not isinstance(told.value, InputError)


class Net(torch.nn.Module):
    def __init__(self, how):
        super().__init__()
        self.how = how

    def forward(self, batch):
        raise self.how


def test_batches_of_a_gpu_follow_the_pictures_size():
    cuda = torch.device("cuda")
    assert usual_batch(cuda, 192 * 256) == 2**24 // (192 * 256)
    assert usual_batch(cuda, 1024 * 2048) == 128
    assert usual_batch(cuda, 32 * 32) == 1024
    assert usual_batch(CPU, 32 * 32) == 32
