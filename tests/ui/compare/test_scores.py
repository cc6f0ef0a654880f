"""The numbers of the comparison against slow definitions: pooled IoU, radius as area, costs, confidence."""

from __future__ import annotations

import functools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrscore.images.baselines import segcertify
from lrscore.images.certificate import ImageCertificate
from lrscore.metrics import VOID
from tests.ui.toy import toy_certificate
from ui.compare.methods import SEGCERTIFY, countings, first_countings
from ui.compare.outcomes import copies_drawn, outcome_of
from ui.compare.plots import curve_chart
from ui.compare.scores import (
    Entrant,
    Score,
    at_next,
    confidence_sentence,
    cost_sentence,
    front_of,
    score,
)
from ui.compare.sets import Choice, Header
from ui.library.entries import Entry
from ui.style.theme import LIGHT


def entrant(certificate: ImageCertificate, counting: str, letter: str = "A") -> Entrant:
    header = Header("image", "toy", "p", 1, True, "toy", "0", replace(certificate.settings, batch_size=None))
    return Entrant(
        letter, Choice(f"own:{letter}", "Toy", header, {"p": Entry("own", Path("x.nc"), 1)}), counting
    )


@pytest.fixture(scope="module")
def pictures() -> tuple[ImageCertificate, ImageCertificate]:
    """Two pictures of different size under the same settings."""
    return toy_certificate(), toy_certificate(size=36)


outcome = functools.cache(outcome_of)  # certificates compare by identity


def scored(certificates, counting: str, *, referenced: bool = True) -> Score:
    count = "correct" if referenced else "all"
    outcomes = [outcome(certificate, count) for certificate in certificates]
    return score(entrant(certificates[0], counting), outcomes, referenced=referenced)


def slow_iou(triples: list[tuple[int, int, bool]]) -> float:
    """Mean IoU of (label, truth, answered) pixels, by sets."""
    ious = []
    for number in range(VOID):
        predicted = {
            i for i, (label, true, yes) in enumerate(triples) if yes and label == number and true != VOID
        }
        present = {i for i, (_, true, _) in enumerate(triples) if true == number}
        if predicted | present:
            ious.append(len(predicted & present) / len(predicted | present))
    return sum(ious) / len(ious)


@pytest.mark.parametrize("counting", ["naive", "paper", "envelope"])
def test_accuracy_pools_the_pixels_of_all_pictures(pictures, counting: str):
    triples = [
        (int(label), int(true), not abstains)
        for one in pictures
        for label, true, abstains in zip(one.labels.flat, one.reference.flat, one.abstained.flat, strict=True)
    ]
    found = scored(pictures, counting)
    assert found.miou == pytest.approx(slow_iou(triples))
    labelled = [triple for triple in triples if triple[1] != VOID]
    assert found.accuracy == pytest.approx(sum(yes and a == b for a, b, yes in labelled) / len(labelled))
    assert found.answered == pytest.approx(sum(yes for *_, yes in triples) / len(triples))
    assert found.miou != pytest.approx(np.mean([scored([one], counting).miou for one in pictures]))


@pytest.mark.parametrize("counting", ["naive", "envelope"])
def test_the_radius_is_the_mean_area_under_each_pictures_curve(pictures, counting: str):
    """Summed box by box from fresh collective certificates; a naive one also pixel by pixel."""
    areas, own = [], []
    for one in pictures:
        epsilons = outcome(one, "correct").curves.epsilons
        counts = one.collective(one.noise.budget(epsilons), counting, one.correct()).certified
        labelled = int((one.reference != VOID).sum())
        areas.append(
            sum(
                (b - a) * int(n) / labelled
                for a, b, n in zip(epsilons[:-1], epsilons[1:], counts[1:], strict=True)
            )
        )
        step = float(epsilons[1])
        radii = one.radii[one.correct() & ~one.abstained]
        own.append(float(sum(step * np.ceil(radius / step - 1) for radius in radii)) / labelled)
    found = scored(pictures, counting)
    assert found.radius == pytest.approx(np.mean(areas))
    if counting == "naive":
        assert found.radius == pytest.approx(np.mean(own), abs=step * 1e-6)


def test_the_published_program_is_read_at_every_budget(pictures):
    """A curve at every fourth budget would understate it beside the others."""
    one = pictures[0]
    epsilons = outcome(one, "correct").curves.epsilons
    exactly = one.collective(one.noise.budget(epsilons), "paper", one.correct()).certified
    assert np.array_equal(outcome(one, "correct").counted["paper"].certified, exactly)


def test_the_curve_is_the_mean_and_never_overstates(pictures):
    found = scored(pictures, "envelope")
    singles = [scored([one], "envelope") for one in pictures]
    for epsilon in (0.0, 0.0123, 0.05, 0.1, 0.3, 9.0):
        assert found.at(epsilon) <= np.mean([single.at(epsilon) for single in singles]) + 1e-12
    assert found.at(0.0) == pytest.approx(np.mean([single.at(0.0) for single in singles]))
    assert found.at(9.0) == 0.0


def test_a_curve_on_another_grid_takes_the_next_budget():
    epsilons, curve = np.array([0.0, 1.0, 2.0]), np.array([0.9, 0.5, 0.1])
    wanted = np.array([0.0, 0.3, 1.0, 1.2, 2.0, 2.1])
    assert at_next(wanted, epsilons, curve).tolist() == [0.9, 0.5, 0.5, 0.1, 0.1, 0.0]


def test_segcertify_counts_what_its_own_test_keeps():
    certificate = toy_certificate(grid=(1, 1), samples=256)
    found = scored([certificate], "segcertify-0.75")
    fixed = segcertify(certificate, 0.75)
    kept = int((certificate.correct() & ~fixed.abstained).sum())
    labelled = int((certificate.reference != VOID).sum())
    assert found.at(0.99 * fixed.radius) == pytest.approx(kept / labelled)
    assert found.at(1.02 * fixed.radius) == 0.0
    step = float(found.epsilons[1])
    assert fixed.radius * kept / labelled - step <= found.radius <= fixed.radius * kept / labelled
    assert found.answered == pytest.approx(1 - fixed.abstained.mean())
    triples = [
        (int(label), int(true), not abstains)
        for label, true, abstains in zip(
            certificate.labels.flat, certificate.reference.flat, fixed.abstained.flat, strict=True
        )
    ]
    assert found.miou == pytest.approx(slow_iou(triples))


def test_isotropic_radii_are_counted_one_by_one():
    certificate = toy_certificate(grid=(1, 1), samples=256)
    found = scored([certificate], "radii")
    naive = certificate.collective(certificate.noise.budget(found.epsilons), "naive", certificate.correct())
    labelled = int((certificate.reference != VOID).sum())
    assert np.allclose(found.curve, naive.certified / labelled)


def test_without_references_everything_is_counted(pictures):
    bare = [replace(one, reference=None) for one in pictures]
    found = scored(bare, "envelope", referenced=False)
    assert (found.miou, found.accuracy) == (None, None)
    assert found.sound == found.answered
    expected = [
        one.collective(np.array([0.05**2]), "envelope").certified[0] / one.labels.size for one in pictures
    ]
    assert found.at(0.05) == pytest.approx(np.mean(expected))


def test_passes_are_what_was_drawn(pictures):
    one = pictures[0]
    assert copies_drawn(one) == 6 * (32 + 128)
    stopped = replace(one, trials=one.trials - np.array([0, 0, 28, 0, 0, 100]))
    assert copies_drawn(stopped) == 6 * (32 + 128) - 128
    assert scored(pictures, "naive").passes == 6 * (32 + 128)
    flat = replace(one, settings=replace(one.settings, level_max=0.1))  # one distribution for all six groups
    assert copies_drawn(flat) == 32 + 128
    assert copies_drawn(replace(flat, trials=stopped.trials)) == 32 + 128 + 100 + 28


def test_which_ways_to_count_there_are():
    localized, isotropic = toy_certificate().settings, toy_certificate(grid=(1, 1), samples=256).settings
    assert countings(localized) == ("naive", "paper", "envelope", "exact")
    assert countings(isotropic) == ("radii", *SEGCERTIFY)
    assert countings(replace(isotropic, correction="anytime")) == ("radii",)
    for settings in (localized, isotropic):
        assert set(first_countings(settings, alone=True)) <= set(countings(settings))
        assert len(first_countings(settings, alone=False)) == 1


def made_up(letter: str, miou: float, radius: float, **values) -> Score:
    base = scored([toy_certificate()], "envelope")
    counting = values.pop("counting", "envelope")
    owner = entrant(toy_certificate(), counting, letter)
    return replace(base, entrant=owner, miou=miou, radius=radius, **values)


def test_the_front_is_what_nobody_beats_in_both():
    rows = [made_up("A", 0.5, 0.2), made_up("B", 0.6, 0.1), made_up("C", 0.4, 0.15), made_up("D", 0.6, 0.1)]
    assert front_of(rows) == {0, 1}


def test_unequal_cost_is_said():
    rows = [made_up("A", 0.5, 0.2, passes=17_280.0), made_up("B", 0.5, 0.2, passes=17_300.0)]
    assert cost_sentence(rows).startswith("Equal cost: about 17,300")
    rows.append(made_up("C", 0.5, 0.2, passes=1_152.0))
    assert cost_sentence(rows).startswith("Unequal cost: from 1,152 to 17,300")


def test_confidence_adds_up_over_certificates_and_tests_but_not_over_ways_to_count():
    rows = [made_up("A", 0.5, 0.2, error=0.01), made_up("A", 0.5, 0.2, error=0.01, counting="naive")]
    assert "at least 99 %" in confidence_sentence(rows)
    rows.append(made_up("B", 0.5, 0.2, error=0.08, counting="radii"))
    assert "at least 91 %" in confidence_sentence(rows)
    rows += [made_up("B", 0.5, 0.2, error=0.08, counting=name) for name in SEGCERTIFY]
    assert "at least 67 %" in confidence_sentence(rows)
    rows.append(made_up("C", 0.5, 0.2, error=0.7))
    assert "nothing is promised about all at once" in confidence_sentence(rows)
    assert "no guarantee" in confidence_sentence([*rows, made_up("D", 0.5, 0.2, valid=False)])


def test_curves_differ_by_more_than_a_shade_or_a_width(pictures):
    def row(letter: str, counting: str) -> Score:
        return (
            scored(pictures[:1], counting)
            if letter == "A"
            else replace(scored(pictures[:1], counting), entrant=entrant(pictures[0], counting, letter))
        )

    scores = [
        row(*words)
        for words in (("A", "envelope"), ("A", "exact"), ("B", "envelope"), ("C", "envelope"), ("C", "naive"))
    ]
    lines = curve_chart(scores, 0.1, LIGHT, what="share").lines
    assert len({(line.dash, line.symbol) for line in lines}) == len(lines), (
        "told apart without colour and width"
    )
    alone = curve_chart(scores[:2], 0.1, LIGHT, what="share").lines
    assert alone[0].dash != alone[1].dash
    assert alone[0].width != alone[1].width, "one lies on the other, and both are seen"
