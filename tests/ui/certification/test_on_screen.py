"""Which settings a certificate may be shown under without new samples."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrscore import ImageSettings
from tests.ui.toy import toy_certificate
from ui.certification.claim import claim_piece, common_facts
from ui.certification.on_screen import choose_settings, differing, unanswered

ROOT = Path(__file__).resolve().parents[3]


def test_alpha_and_correction_are_answered_from_the_counts():
    certificate = toy_certificate()
    requested = replace(certificate.settings, alpha=0.05, correction="count-level", tolerated=5)
    seen = replace(requested, explored=("alpha", "correction", "tolerated"))
    assert choose_settings(certificate, requested) == seen
    assert differing(choose_settings(certificate, requested), requested) == ()


def test_adaptive_sampling_needs_a_run_but_the_budget_it_looked_at_may_move():
    own = replace(toy_certificate().settings, correction="anytime", focus=(0.1,))
    assert differing(own, replace(own, focus=(0.2,))) == ()
    assert differing(own, replace(own, focus=())) == ("adaptive sampling",)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"grid": (3, 5)}, "grid"),
        ({"samples": 64}, "samples"),
        ({"level_max": 0.5}, "farthest level"),
        ({"noise": "laplace"}, "noise"),
        ({"mask_distance": 2}, "blanked regions"),
    ],
)
def test_everything_else_needs_a_run(change: dict[str, object], word: str):
    certificate = toy_certificate()
    requested = replace(certificate.settings, alpha=0.05, **change)
    chosen = choose_settings(certificate, requested)
    assert chosen == certificate.settings, "not even alpha is mixed into another run's answer"
    assert set(differing(chosen, requested)) == {word, "alpha"}


def test_looks_at_every_sample_size_are_never_applied_afterwards():
    certificate = toy_certificate()
    requested = replace(certificate.settings, correction="mixture")
    assert choose_settings(certificate, requested) == certificate.settings
    assert unanswered(certificate.settings, requested) == ("correction",)


def test_where_looks_are_asked_for_samples_that_needed_none_are_shown_as_such():
    certificate = toy_certificate()
    requested = replace(certificate.settings, correction="anytime", alpha=0.05)
    for correction, tolerated in (("bonferroni", 1), ("count-level", 4)):
        own = replace(certificate.settings, correction=correction, tolerated=tolerated)
        chosen = choose_settings(replace(certificate, settings=own), requested)
        changed = ("alpha",) if tolerated == 1 else ("alpha", "correction", "tolerated")
        assert chosen == replace(certificate.settings, alpha=0.05, explored=changed)
        assert unanswered(chosen, requested) == ()
    plain, looks = (replace(certificate, settings=settings) for settings in (chosen, requested))
    assert (plain.probabilities >= looks.probabilities).all(), "it claims at least what was asked for"
    adaptive = replace(requested, focus=(0.1,))
    assert unanswered(chosen, adaptive) == ("adaptive sampling",)


def test_a_larger_pilot_is_an_answer_and_a_smaller_one_is_not():
    own = toy_certificate().settings
    assert unanswered(own, replace(own, pilot_samples=own.pilot_samples - 1)) == ()
    assert unanswered(own, replace(own, pilot_samples=own.pilot_samples + 1)) == ("pilot samples",)


@pytest.mark.parametrize("correction", ["anytime", "mixture"])
def test_alpha_of_a_run_with_looks_is_answered_wherever_it_stopped(correction: str):
    own = replace(toy_certificate().settings, correction=correction)
    first = own.plan(48 * 64).stops(own.samples)[0]
    trials = np.full_like(toy_certificate().trials, first)
    early = replace(toy_certificate(), settings=own, trials=trials)
    requested = replace(own, alpha=0.05)
    assert choose_settings(early, requested) == replace(requested, explored=("alpha",))
    assert choose_settings(early, replace(requested, correction="bonferroni")) == own


def test_a_k_that_shares_alpha_is_no_exploration_and_any_other_is():
    own = replace(toy_certificate().settings, correction="anytime", offered=(1, 40))
    run = replace(toy_certificate(), settings=own)
    for k, explored in ((1, ()), (40, ()), (7, ("tolerated",))):
        requested = replace(own, tolerated=k, offered=(1, 40) if k != 7 else ())
        chosen = choose_settings(run, requested)
        assert (chosen.tolerated, chosen.explored) == (k, explored)
        assert unanswered(chosen, requested) == ()
    assert choose_settings(run, replace(own, alpha=0.05)).explored == ("alpha",)


def test_plain_bonferroni_answers_looks_with_any_k_and_stays_a_promise():
    certificate = toy_certificate()
    requested = replace(certificate.settings, correction="anytime", tolerated=40)
    chosen = choose_settings(certificate, requested)
    assert chosen == certificate.settings
    assert unanswered(chosen, requested) == ()


def test_an_exploration_is_no_claim_on_screen():
    certificate = toy_certificate()
    seen = certificate.reconsidered(alpha=0.05)
    piece = claim_piece(seen, 5, 10, "pixels keep their label.")
    assert "Exploration, nothing is promised (alpha chosen after the samples were seen): nominally" in piece
    assert "lrs-invalid" in piece
    assert "Proven" not in piece
    assert "Proven: at least" in claim_piece(certificate, 5, 10, "pixels keep their label.")
    facts = {name: (value, alarming) for name, value, alarming in common_facts(seen, "region", "1", "0")}
    assert facts["confidence"] == ("none", True)
    assert facts["chosen after looking"] == ("alpha", True)


def test_a_run_that_stopped_early_keeps_its_own_correction():
    certificate = toy_certificate()
    early = replace(certificate, trials=np.full_like(certificate.trials, 32))
    requested = replace(certificate.settings, alpha=0.1)
    assert choose_settings(early, requested) == certificate.settings


def test_the_batch_size_does_not_matter():
    settings = ImageSettings()
    assert differing(settings, replace(settings, batch_size=7)) == ()


def test_edited_levels_override_the_interpolation():
    matrix = ((0.1, 0.2), (0.2, 0.1))
    own = ImageSettings(grid=(1, 2), levels=matrix)
    assert differing(own, replace(own, level_max=0.9)) == ()
    assert differing(own, replace(own, levels=None)) == ("edited levels",)


def test_pages_ask_whether_anything_is_promised_not_only_whether_levels_are_valid():
    """`plan.valid` knows nothing of explorations: only what words the claim may tell the two apart."""
    sources = {path: path.read_text(encoding="utf-8") for path in (ROOT / "ui").rglob("*.py")}
    asking = {str(path.relative_to(ROOT)) for path, text in sources.items() if "plan.valid" in text}
    assert asking == {"ui/certification/claim.py"}
    assert sum("certificate.promised" in text for text in sources.values()) >= 5
