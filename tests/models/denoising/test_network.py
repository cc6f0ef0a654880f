"""The denoiser against what can be said without training it: identity at level 0, its reach, its best linear part."""

import math

import numpy as np
import pytest
import torch

from lrscore.errors import InputError
from lrscore.noise import ADDITIVE_NOISES
from models.denoising.checkpoint import BUNDLED, load_denoiser, save_denoiser
from models.denoising.network import MIDDLE, SPREAD, LevelDenoiser, LevelDenoiserConfig, preconditioning
from models.denoising.noise import NoiseMix, add_noise, draw_levels
from models.denoising.scoring import gaussian_filter, psnr_per_level, untouched
from models.denoising.training import denoising_loss


def shaken(config: LevelDenoiserConfig | None = None, seed: int = 0) -> LevelDenoiser:
    """A network whose every weight is random: the zeros that training starts from would hide what it reads."""
    network = LevelDenoiser(config)
    generator = torch.Generator().manual_seed(seed)
    for weight in network.parameters():
        weight.data = torch.randn(weight.shape, generator=generator) * 0.2
    return network.eval().requires_grad_(False)


def test_a_picture_without_noise_passes_through():
    picture = torch.rand(2, 3, 37, 50)
    torch.testing.assert_close(shaken()(picture, torch.zeros(1, 1, 37, 50)), picture, rtol=0, atol=1e-6)


@pytest.mark.parametrize("level", [1e-3, 0.2, 1.0, 30.0, 1e30, math.inf])
def test_any_level_gives_finite_pictures(level):
    noisy = torch.zeros(1, 3, 32, 48) if math.isinf(level) else level * torch.randn(1, 3, 32, 48)
    assert shaken()(noisy.clamp(-1e30, 1e30), torch.full((1, 1, 32, 48), level)).isfinite().all()


def test_before_training_it_is_the_best_linear_guess_from_each_pixel():
    """A head of zeros leaves the Wiener estimate for pixels of mean `MIDDLE` and deviation `SPREAD`."""
    network = LevelDenoiser().eval()
    for weight in network.head.parameters():
        weight.data.zero_()
    noisy, level = torch.randn(1, 3, 16, 16), 0.3
    wiener = MIDDLE + (noisy - MIDDLE) * SPREAD**2 / (SPREAD**2 + level**2)
    torch.testing.assert_close(network(noisy, torch.full((1, 1, 16, 16), level)), wiener)


def test_its_loss_is_one_where_nothing_beats_that_guess():
    """Pixels that are independent Gaussians of that mean and deviation: the guess is then the best there is."""
    network = LevelDenoiser().eval()
    for weight in network.head.parameters():
        weight.data.zero_()
    generator = torch.Generator().manual_seed(0)
    clean = MIDDLE + SPREAD * torch.randn(8, 3, 96, 96, generator=generator)
    levels = torch.linspace(0.05, 1, 8)[:, None, None, None].expand(8, 1, 96, 96)
    noisy = clean + levels * torch.randn(clean.shape, generator=generator)
    loss = denoising_loss(network, clean, noisy, levels)
    assert float(loss.detach()) == pytest.approx(1, abs=0.02)


def test_code_of_the_level():
    levels = torch.tensor([0.0, SPREAD, 3 * SPREAD, math.inf])
    code, variance = preconditioning(levels)
    torch.testing.assert_close(code, torch.tensor([0, 1 / 2, 9 / 10, 1]))
    torch.testing.assert_close(variance[:3], levels[:3] ** 2)


@pytest.mark.parametrize(
    "config",
    [
        LevelDenoiserConfig(widths=(4, 4, 4, 4)),
        LevelDenoiserConfig(widths=(4, 4, 4, 4), blocks=(2, 1, 1, 1)),
    ],
)
def test_nothing_beyond_its_reach_matters(config):
    """All pixels outside of a window are drawn anew: the pixel in its middle stays, to the bit."""
    network = shaken(config)
    side = 2 * network.reach + 65
    noisy = torch.rand(1, 3, side, side)
    levels = torch.full((1, 1, side, side), 0.3)
    for y, x in ((side // 2, side // 2), (side // 2 + 7, side // 2 - 9)):
        other = torch.rand(1, 3, side, side)
        window = (
            ...,
            slice(y - network.reach, y + network.reach + 1),
            slice(x - network.reach, x + network.reach + 1),
        )
        other[window] = noisy[window]
        before, after = network(noisy, levels), network(other, levels)
        assert torch.equal(before[..., y, x], after[..., y, x])
        assert not torch.equal(before, after)


def test_its_reach_is_not_far_more_than_it_needs():
    network = shaken(LevelDenoiserConfig(widths=(4, 4, 4, 4)))
    side = 2 * network.reach + 65
    noisy = torch.rand(1, 3, side, side, requires_grad=True)
    for weight in network.parameters():  # positive weights: no influence cancels, no unit is dead
        weight.data = weight.data.abs()
    network(noisy, torch.full((1, 1, side, side), 0.3))[..., side // 2, side // 2].sum().backward()
    assert noisy.grad is not None
    touched = noisy.grad[0].abs().sum(dim=0).nonzero()
    farthest = int((touched - side // 2).abs().max())
    assert network.reach - 15 <= farthest <= network.reach


def test_sides_of_any_length():
    for size in ((16, 16), (17, 31), (180, 241)):
        assert shaken()(torch.rand(1, 3, *size), torch.full((1, 1, *size), 0.2)).shape == (1, 3, *size)


@pytest.mark.parametrize("name", ADDITIVE_NOISES)
def test_deviation_of_the_noises(name):
    noise = ADDITIVE_NOISES[name]
    drawn = noise.sample((400_000,), torch.Generator().manual_seed(1))
    assert float(drawn.std()) == pytest.approx(noise.deviation, rel=0.01)


def test_training_levels_are_within_their_range_and_of_every_kind():
    random = np.random.default_rng(0)
    maps = draw_levels(200, 32, NoiseMix(), random)
    finite = maps[maps.isfinite()]
    assert finite.min() >= NoiseMix().lowest * (1 - 1e-6)
    assert finite.max() <= NoiseMix().highest
    even = (maps == maps[..., :1, :1]).flatten(1).all(dim=1)
    assert 0.25 < even.float().mean() < 0.75
    assert maps.isinf().any()


def test_training_noise_has_its_deviation_and_blanks():
    levels = torch.tensor([0.5, math.inf])[:, None, None, None].expand(2, 1, 200, 200)
    noisy = add_noise(
        torch.zeros(2, 3, 200, 200), levels, NoiseMix(others=0.3), torch.Generator().manual_seed(0)
    )
    assert float(noisy[0].std()) == pytest.approx(0.5, rel=0.03)
    assert not noisy[1].any()


def test_scores_of_known_results():
    """Noise of level 0.1 that is clamped nowhere (a grey picture): 20 dB; a perfect denoiser is not finite."""
    grey = torch.full((3, 256, 256), 128, dtype=torch.uint8)
    score = psnr_per_level(untouched, [grey], [0.1])
    assert float(score[0]) == pytest.approx(20, abs=0.2)
    smoothed = psnr_per_level(lambda noisy, _: gaussian_filter(noisy, 3.0), [grey], [0.1])
    # A Gaussian filter of width w keeps 1 / (4 pi w^2) of the variance
    assert float(smoothed[0]) == pytest.approx(20 + 10 * math.log10(4 * math.pi * 9), abs=0.7)


def test_stored_and_read(tmp_path):
    network = shaken(LevelDenoiserConfig(widths=(4, 4, 8, 8)))
    save_denoiser(network, tmp_path / "one.safetensors", training="by hand")
    stored = load_denoiser(tmp_path / "one.safetensors")
    picture, levels = torch.rand(1, 3, 32, 32), torch.full((1, 1, 32, 32), 0.2)
    torch.testing.assert_close(stored.network(picture, levels), network(picture, levels))
    assert stored.training == "by hand"
    assert len(stored.digest) == 64


@pytest.mark.parametrize(
    "sizes", ['{"widths": [9000000, 4, 4, 4]}', '{"widths": [4]}', '{"depth": [1, 1, 1, 1]}', "[]", "{", "7"]
)
def test_a_header_that_asks_for_too_much_is_refused(tmp_path, sizes):
    from safetensors.torch import save_file

    path = tmp_path / "bad.safetensors"
    save_file({"a": torch.zeros(1)}, path, {"architecture": "LevelDenoiser", "config": sizes})
    with pytest.raises(InputError, match="unreadable header"):
        load_denoiser(path)


def test_other_files_are_refused(tmp_path):
    from safetensors.torch import save_file

    with pytest.raises(InputError, match="does not exist"):
        load_denoiser(tmp_path / "none.safetensors")
    (tmp_path / "text.safetensors").write_text("no")
    with pytest.raises(InputError, match="must be a safetensors file"):
        load_denoiser(tmp_path / "text.safetensors")
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(InputError, match="must hold a LevelDenoiser"):
        load_denoiser(tmp_path / "other.safetensors")


def test_the_bundled_one_is_small_and_denoises():
    """On pictures it never saw: scenes from other seeds than those it learned from."""
    from models.scenes.render import render_scene

    assert BUNDLED.stat().st_size < 3_000_000
    network = load_denoiser().network
    pictures = [torch.from_numpy(np.rint(render_scene(7).image * 255).astype(np.uint8))]
    levels = [0.1, 0.3]
    ours = psnr_per_level(network, pictures, levels)
    noisy = psnr_per_level(untouched, pictures, levels)
    assert (ours > noisy + 5).all()
