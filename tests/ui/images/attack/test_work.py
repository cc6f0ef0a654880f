"""Attacks on request: the job, what is kept of it, and what the page says."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from jobs import JobManager, JobState
from lrscore.images.attack.attack import ImageAttack
from lrscore.images.attack.settings import AttackSettings
from tests.ui.toy import ToyModel, toy_certificate
from ui.images.attack.layers import attacked_panel
from ui.images.attack.panel import attack_html
from ui.images.attack.work import AttackStore, attack_model, attack_work
from ui.images.curves import compute_curves
from ui.images.panels import View, build_panels, readout
from ui.images.states import pixel_states
from ui.running.machine import ModelShelf

QUICK = AttackSettings(5.0, steps=8, pilot_samples=16, samples=32)


def attack(epsilon: float, changed: int) -> ImageAttack:
    """An attack on the toy scene that changed so many pixels."""
    certificate = toy_certificate()
    marks = np.zeros(certificate.labels.size, dtype=bool)
    marks[:changed] = True
    nowhere = np.zeros(certificate.shape, dtype=bool)
    return ImageAttack(
        image=certificate.image,
        epsilon=epsilon,
        spent=np.zeros(6),
        labels=certificate.labels,
        attacked=~certificate.abstained,
        changed=marks.reshape(certificate.shape),
        leaning=nowhere,
        samples=(24, 48),
        error=0.01,
    )


def test_the_strongest_attack_within_the_budget_is_shown():
    store = AttackStore(capacity=2)
    for found in (attack(0.1, 5), attack(0.3, 9), attack(0.3, 4), attack(0.2, 9), attack(0.5, 40)):
        store.add(("a",), found)

    def shown(epsilon: float) -> tuple[float, int] | None:
        found = store.best(("a",), epsilon)
        return None if found is None else (found.epsilon, int(found.changed.sum()))

    assert shown(0.05) is None
    assert shown(0.15) == (0.1, 5)
    assert shown(0.4) == (0.3, 9), "of two alike, the one nearest to the budget; of one budget, the stronger"
    assert shown(0.5) == (0.5, 40)
    store.add(("b",), attack(0.1, 1))
    store.add(("c",), attack(0.1, 1))
    assert shown(0.5) is None, "forgotten"


def run(certificate, shelf: ModelShelf):
    manager, kept = JobManager(), []
    identity = manager.submit(attack_work(certificate, QUICK, shelf, kept.append), owner="me", title="attack")
    assert manager.wait(identity, 120)
    return manager.snapshot(identity, "me"), kept


def test_the_job_attacks_and_hands_over_what_it_found():
    """The strong budget changes many pixels of the toy scene, and never more than the certificate allows."""
    certificate = toy_certificate()
    snapshot, kept = run(certificate, ModelShelf(lambda name: _Movable()))
    assert snapshot.state is JobState.DONE, snapshot.error
    assert snapshot.done == snapshot.total > 0
    (found,) = kept
    assert found.changed.sum() > 20
    certified = certificate.collective(np.array([QUICK.epsilon**2])).certified[0]
    assert certified <= found.surviving
    assert not (found.changed & certificate.certified_mask(QUICK.epsilon)).any()


class _Movable(ToyModel):
    def to(self, device: str) -> _Movable:
        return self


def test_other_weights_are_refused():
    stranger = replace(toy_certificate(), provenance={"model": "toy", "model_digest": "1" * 64})
    snapshot, kept = run(stranger, ModelShelf(lambda name: _Movable()))
    assert snapshot.state is JobState.FAILED
    assert "other weights" in snapshot.error
    assert kept == []


@pytest.mark.parametrize("name", ["os:system", "own.json", "toy", "../x"])
def test_a_certificate_never_names_code_to_load(name: str):
    assert attack_model(replace(toy_certificate(), provenance={"model": name})) is None


def test_the_bundled_model_is_known():
    assert attack_model(replace(toy_certificate(), provenance={"model": "street-unet"})) == "street-unet"


def test_the_line_says_what_changed_what_may_and_how_sure():
    certificate = toy_certificate()
    curves = compute_curves(certificate, "all")
    index = curves.index(0.15)
    most = int((~certificate.abstained).sum()) - int(curves.proven[index])
    assert most > 20
    text = attack_html(attack(0.15, 20), curves, "pixels that do not abstain")
    assert "changed <b>20 labels</b>" in text
    assert "<b>1 label</b>" in attack_html(attack(0.15, 1), curves, "pixels that do not abstain")
    assert "those are the pixels that do not abstain without an attack" in text
    assert re.findall(r"ε = ([\d.]+)", text) == [curves.said(index)], "one budget, not two"
    assert f"at most <b>{most:,}</b>" in text
    assert "24 + 48 fresh noisy copies" in text
    assert "99 % confidence" in text
    assert "contradicts" not in text
    assert "contradicts the certificate" in attack_html(attack(0.15, most + 1), curves, "pixels")


def test_the_panel_marks_the_changed_pixels_and_the_readout_has_the_label_there():
    certificate = toy_certificate()
    found = replace(attack(0.1, 7), labels=(certificate.labels + 1) % 11, leaning=certificate.labels == 3)
    panel = attacked_panel("Attacked", certificate, found)
    fate = panel.layers[-1].numbers
    assert (fate == 0).sum() == 7 - (found.leaning & found.changed).sum()
    assert ((fate == 1) == found.leaning).all()
    assert [layer.name for layer in panel.layers if layer.visible] == ["attacked picture", "changed pixels"]
    states = pixel_states(certificate, 0.1, np.zeros(6), "all")
    view = View(certificate, states, np.zeros(6), certificate.settings)
    assert [panel.title for panel in build_panels(("attacked", "certified"), view)] == ["Certified"]
    with_attack = replace(view, attack=found)
    titles = [panel.title for panel in build_panels(("input", "attacked", "certified"), with_attack)]
    assert titles == ["Input", "Attacked", "Certified"]
    read = {values.name: values for values in readout(certificate, states, found)}
    assert np.array_equal(read["attacked"].values, found.labels)
    assert "attacked" not in {values.name for values in readout(certificate, states)}
