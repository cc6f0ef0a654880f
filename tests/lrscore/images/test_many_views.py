"""Models of several views: soundness on linear models, models that see too far, files, adaptive sampling, tuning."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from lrscore import ImageSettings, certify_image, load_certificate, stream_image
from lrscore.errors import CertificateError, InputError
from lrscore.images.attack.attack import AttackSettings, attack_image
from lrscore.images.baselines import forward_passes, isotropic_settings
from lrscore.images.leaks import refuse_leaks
from lrscore.images.regions import GridRegions
from lrscore.images.tuning.locality import measure_locality
from lrscore.images.tuning.proposal import Example, ProposalSettings, apply_levels, propose_levels
from lrscore.images.views import fitting_views, reader_for
from lrscore.images.windows import View, checked_views
from lrscore.records import read_record, write_record
from lrscore.verify import verify_file
from tests.lrscore.images.linear_views import GREY, GRID, HEIGHT, WIDTH, LinearViews, random_views
from tests.lrscore.linear import Brightness, seeded

VIEWS = ((1, 0.2), (2, 0.4), (None, 0.8))
SETTINGS = ImageSettings(grid=GRID, views=VIEWS, samples=1500, pilot_samples=100, alpha=0.001)
REGIONS = GridRegions(HEIGHT, WIDTH, *GRID)
INDEX = REGIONS.index_map()


def exact_radii(model: LinearViews) -> np.ndarray:
    """(H, W): the smoothed margin is linear, and falls to 0 at its distance from the boundary."""
    return model.offsets.numpy().astype(float) / np.linalg.norm(model.pull(), axis=2)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("blank", [False, True])
def test_no_claim_exceeds_what_a_linear_model_can_bear(seed: int, blank: bool) -> None:
    """The worst perturbation of a pixel is known in closed form; so is what it does to all others."""
    model = random_views(seed)
    settings = SETTINGS
    if blank:
        assert model.far is not None
        model.far.zero_()
        settings = replace(SETTINGS, views=(*VIEWS[:2], (None, float("inf"))))
    certificate = certify_image(model, GREY, settings, generator=seeded(seed))
    assert bool((model.seen[-1][2] == 0).all()) == blank
    firm = certificate.labels == 1
    assert (certificate.radii <= np.where(firm, exact_radii(model), np.inf)).all()
    epsilons = np.linspace(0, certificate.largest_epsilon(), 12)
    claimed = certificate.collective(certificate.noise.budget(epsilons), "exact", firm).certified
    assert claimed[0] > 0
    pull, margins = model.pull(), model.offsets.numpy().astype(float)
    directions = [
        pull[cell == INDEX].sum(axis=0) * np.tile((cut == INDEX).ravel(), 3)
        for cell in range(0, REGIONS.count, 3)
        for cut in (cell, (cell + 1) % REGIONS.count)
    ]
    directions += [pull.sum(axis=(0, 1)), *(pull[cell == INDEX].sum(axis=0) for cell in range(REGIONS.count))]
    for direction in filter(np.any, directions):
        moved = pull @ (direction / np.linalg.norm(direction))
        for epsilon, count in zip(epsilons, claimed, strict=True):
            assert count <= (firm & (margins - epsilon * moved > 0)).sum()


def test_the_certificate_of_the_matched_linear_model_is_tight() -> None:
    """Cells of one pixel and kernels `1 / level^2` on their windows: Neyman and Pearson's worst case is the model."""
    height = width = 5
    kernels = [np.ones((1, 3, 3)) / 0.2**2, np.ones((1, 5, 5)) / 0.5**2]
    weight_centre = 9 / 0.2**2 + 25 / 0.5**2  # of the direction (1, ..., 1), which moves every pixel read
    deviation = weight_centre**0.5
    model = LinearViews(np.full((height, width), 1.5 * deviation), kernels, None)
    picture = np.full((1, height, width), 0.5, dtype=np.float32)
    settings = ImageSettings(grid=(5, 5), views=((1, 0.2), (2, 0.5)), samples=20_000, pilot_samples=50)
    certificate = certify_image(model, picture, settings, generator=seeded())
    threshold = certificate.thresholds.reshape(5, 5)[2, 2]
    assert threshold <= 1.5**2
    assert threshold == pytest.approx(1.5**2, rel=0.08)
    # What that perturbation costs by the weights is what it moves the margin by, squared, in deviations
    spent = np.ones(25)
    assert certificate.weights[12] @ spent == pytest.approx(weight_centre, rel=1e-12)


def test_wrong_claims_are_rarer_than_alpha() -> None:
    """300 runs at alpha .2: more than 82 with any wrong radius would have a chance below 1 in 1000."""
    model = random_views(1)
    exact = exact_radii(model)
    loose = replace(SETTINGS, alpha=0.2, samples=100, pilot_samples=20)
    wrong = 0
    for run in range(300):
        certificate = certify_image(model, GREY, loose, generator=seeded(100 + run))
        wrong += bool((certificate.radii[certificate.labels == 1] > exact[certificate.labels == 1]).any())
    assert wrong <= 82


def test_one_pass_serves_all_groups_and_every_view_has_its_level() -> None:
    model = random_views(0)
    certify_image(model, GREY, replace(SETTINGS, batch_size=400), generator=seeded())
    large = [
        (views, levels)
        for views, levels in zip(model.seen, model.levels, strict=True)
        if len(views[0]) == 400 and levels[0] > 0
    ]
    assert len(large) == 1 + 4  # pilot and estimation, none of them once per cell
    views, levels = large[-1]
    assert levels == (0.2, 0.4, 0.8)
    noises = [view.numpy() - 0.5 for view in views]
    for noise, level in zip(noises, levels, strict=True):
        assert noise.std() == pytest.approx(level, rel=0.01)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert abs(np.corrcoef(noises[one].ravel(), noises[other].ravel())[0, 1]) < 0.01
    assert forward_passes(SETTINGS) == 1600
    assert model.levels[0] == (0.0, 0.0, 0.0)  # the clean picture


def test_a_file_of_views_is_verified_and_a_changed_window_is_found(tmp_path: Path) -> None:
    certificate = certify_image(random_views(2), GREY, SETTINGS, generator=seeded())
    path = tmp_path / "views.nc"
    certificate.save(path)
    assert len(verify_file(path)) > 3
    again = load_certificate(path)
    assert again.settings == SETTINGS
    assert again.provenance["receptive_fields"] == "1, 4, None"
    np.testing.assert_array_equal(again.weights, certificate.weights)
    assert "from nothing else" in certificate.guarantee()
    record = read_record(path)
    settings = json.loads(record.texts["settings"])
    settings["views"][1][0] = 1
    write_record(replace(record, texts={**record.texts, "settings": json.dumps(settings)}), path)
    with pytest.raises(CertificateError, match="noise levels are not those of the settings"):
        verify_file(path)


class Convolution:
    """One view, one convolution of that size; `mode` is its padding."""

    def __init__(self, size: int, stated: int, mode: str = "constant") -> None:
        self.kernel = torch.rand((2, 3, size, size), generator=seeded()) / size**2
        self.receptive_fields, self.mode = (stated,), mode

    def views(self, copies: Sequence[torch.Tensor], levels: Sequence[float]) -> torch.Tensor:
        margin = self.kernel.shape[2] // 2
        return F.conv2d(F.pad(copies[0], [margin] * 4, mode=self.mode), self.kernel)


def try_convolution(model: Convolution) -> None:
    views = [View(None, 0.2)]
    image = torch.rand((3, 20, 28), generator=seeded(1))
    regions = GridRegions(20, 28, 2, 2)
    refuse_leaks(reader_for(model, regions, views), image, regions, views)


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate"])
@pytest.mark.parametrize("field", [0, 1, 2, 3])
def test_a_field_that_is_one_pixel_too_large_is_refused(field: int, mode: str) -> None:
    try_convolution(Convolution(2 * field + 1, field, mode))
    with pytest.raises(InputError, match=rf"more than {field} pixels away"):
        try_convolution(Convolution(2 * field + 3, field, mode))


def test_padding_with_the_other_side_of_the_picture_is_refused() -> None:
    with pytest.raises(InputError, match="pixels away"):
        try_convolution(Convolution(3, 1, "circular"))


@pytest.mark.parametrize("view", [0, 1])
def test_certify_image_refuses_each_view_that_is_read_too_far(view: int) -> None:
    honest = random_views(5)
    fields = list(honest.receptive_fields)
    fields[view] -= 1  # type: ignore[operator]
    honest.receptive_fields = tuple(fields)
    with pytest.raises(InputError, match=rf"view {view + 1} that lie more than {fields[view]} pixels"):
        certify_image(honest, GREY, SETTINGS, generator=seeded())


def test_a_window_that_is_too_narrow_for_the_picture_is_refused() -> None:
    narrow = replace(SETTINGS, views=((1, 0.2), (1, 0.4), (None, 0.8)))
    with pytest.raises(InputError, match=r"sees 2 cells .*\(4 pixels\) of view 2"):
        certify_image(random_views(0), GREY, narrow, generator=seeded())
    wide = replace(SETTINGS, views=((2, 0.2), (None, 0.4), (None, 0.8)))
    certify_image(random_views(0), GREY, wide, generator=seeded())


def test_the_narrowest_views_that_fit() -> None:
    assert fitting_views(random_views(0), REGIONS, [0.2, 0.4, 0.8]) == checked_views(VIEWS)
    fine = GridRegions(HEIGHT, WIDTH, 12, 16)
    assert [view.window for view in fitting_views(random_views(0), fine, [0.2, 0.4, 0.8])] == [1, 4, None]
    with pytest.raises(InputError, match="reads 3 views, the settings have 2"):
        fitting_views(random_views(0), REGIONS, [0.2, 0.4])


def test_models_that_are_none_of_views_are_refused() -> None:
    with pytest.raises(InputError, match="3 views, but this model reads one"):
        certify_image(Brightness(), GREY, SETTINGS, generator=seeded())
    odd = random_views(0)
    odd.receptive_fields = (1.5, 4, None)  # type: ignore[assignment]
    with pytest.raises(InputError, match="receptive_fields must hold a whole number"):
        certify_image(odd, GREY, SETTINGS, generator=seeded())


def test_adaptive_sampling_stops_all_groups_together() -> None:
    settings = replace(SETTINGS, correction="anytime", samples=2048, focus=(0.05,), tolerance=0.15)
    looks = list(stream_image(random_views(3), GREY, settings, generator=seeded()))
    assert looks[0].sampled.all()
    last = looks[-1]
    assert len(set(last.trials.tolist())) == 1
    assert last.copies_saved > 0
    full = certify_image(random_views(3), GREY, replace(settings, focus=()), generator=seeded())
    budget = last.noise.budget(np.array([0.05]))
    lost = full.collective(budget).certified[0] - last.collective(budget).certified[0]
    assert lost <= 0.25 * HEIGHT * WIDTH


def test_an_attack_draws_few_copies_for_all_groups_and_no_claim_is_broken() -> None:
    model = random_views(4)
    certificate = certify_image(model, GREY, SETTINGS, generator=seeded())
    epsilon = 4 * float(np.median(exact_radii(model)))  # large enough to change something
    model.seen.clear()
    attack = attack_image(model, certificate, AttackSettings(epsilon, steps=8), generator=seeded(1))
    steps = [views for views in model.seen if len(views[0]) <= 4]
    assert (
        len(steps) == 2 + 8 + 2 * 5
    )  # two looks at the clean picture, one a step, the trial of two bounded views
    assert attack.changed.any()
    claimed = certificate.collective(certificate.noise.budget(np.array([epsilon])), "exact").certified[0]
    assert attack.surviving >= claimed


def test_locality_reads_every_view_from_one_picture() -> None:
    found = measure_locality(random_views(1, far=False), GREY, grid=GRID, level=2.0, generator=seeded())
    distances = REGIONS.distances()
    assert (found.influence[distances > 2] == 0).all()
    assert (found.influence[distances == 0] > 0).any()


def test_levels_of_views_are_proposed_view_by_view() -> None:
    model = random_views(6)
    reference = np.ones((HEIGHT, WIDTH), dtype=np.int64)
    search = ProposalSettings(evaluations=24, votes=64)
    proposal = propose_levels(model, [Example(GREY, reference)], replace(SETTINGS, samples=200), search)
    assert proposal.before.levels == ((0.2, 0.4, 0.8),)
    assert len(proposal.trials) <= 24
    assert proposal.after.radius > proposal.before.radius
    assert proposal.after.accuracy >= proposal.before.accuracy
    chosen = apply_levels(SETTINGS, proposal)
    assert chosen.views is not None
    assert [level for _, level in chosen.views] == list(proposal.after.levels[0])
    assert [window for window, _ in chosen.views] == [1, 2, None]
    blank = replace(SETTINGS, samples=200, views=(*VIEWS[:2], (None, float("inf"))))
    found = propose_levels(model, [Example(GREY, reference)], blank, search)
    assert np.isinf([trial.levels[0][2] for trial in found.trials]).all()
    short = ImageSettings(grid=GRID, two_views=True, level_min=0.2, level_max=0.8)
    assert apply_levels(
        short, replace(proposal, after=replace(proposal.after, levels=((0.3, 0.9),)))
    ).views == (
        (0, 0.3),
        (None, 0.9),
    )


def test_the_isotropic_rival_has_no_views_and_as_many_passes() -> None:
    rival = isotropic_settings(SETTINGS, 0.2, equal_cost=True)
    assert rival.all_views() is None
    assert forward_passes(rival) == forward_passes(SETTINGS)
