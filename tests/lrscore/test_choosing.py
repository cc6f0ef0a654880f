"""Settings chosen after looking are an exploration, or were paid for; files, sentences and `verify` agree."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from lrscore import GraphSettings, ImageSettings, certify_graph, certify_image, load_certificate
from lrscore.certificate import FIXED_BEFORE
from lrscore.errors import CertificateError, SettingsError
from lrscore.records import read_record, write_record
from lrscore.verify import verify_file
from tests.lrscore.graphs.toy_graph import graph
from tests.lrscore.linear import Brightness, ramp, seeded

OFFERED = (1, 5)


def image_certificate(**settings):
    chosen = ImageSettings(
        grid=(1, 2), level_min=0.2, level_max=0.2, samples=64, pilot_samples=16, **settings
    )
    return certify_image(Brightness(), ramp(6, 10), chosen, generator=seeded())


def graph_certificate(scores: str, **settings):
    def model(x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        return torch.stack([0.8 + 0.1 * x[:, 0], 0.2 - 0.1 * x[:, 0]], dim=1)

    chosen = GraphSettings(clusters=2, samples=32, pilot_samples=8, scores=scores, **settings)
    return certify_graph(model, graph(), chosen, generator=seeded())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"alpha": 0.05}, "alpha"),
        ({"correction": "count-level", "tolerated": 3}, "correction, k"),
        ({"alpha": 0.05, "correction": "weighted-bonferroni"}, "alpha, correction"),
    ],
)
def test_other_settings_on_counts_that_were_seen_are_an_exploration(changes, words, tmp_path):
    planned = image_certificate()
    seen = planned.reconsidered(**changes)
    assert planned.promised
    assert FIXED_BEFORE in planned.guarantee()
    assert not seen.promised
    assert seen.guarantee().startswith(f"EXPLORATION: {words} changed after the samples had been seen")
    assert FIXED_BEFORE not in seen.guarantee()
    seen.save(tmp_path / "seen.nc")
    again = load_certificate(tmp_path / "seen.nc")
    assert not again.promised
    assert again.guarantee() == seen.guarantee()
    assert f"EXPLORATION: {words}" in verify_file(tmp_path / "seen.nc")[0].detail


def test_what_was_explored_once_stays_so_and_nothing_changed_is_no_exploration():
    planned = image_certificate()
    assert planned.reconsidered(alpha=0.01, correction="bonferroni").promised
    back = planned.reconsidered(alpha=0.05).reconsidered(alpha=0.01)
    assert back.settings.explored == ("alpha",)


def test_values_of_k_that_share_alpha_may_be_chosen_among_but_no_others():
    planned = image_certificate(correction="anytime", tolerated=1, offered=OFFERED)
    other = planned.reconsidered(tolerated=5)
    assert other.promised
    assert "at once for k = 1, 5, which share alpha" in other.guarantee()
    assert "here k = 5" in other.guarantee()
    assert other.plan.levels(None, 64)[0] == pytest.approx(5 * planned.plan.levels(None, 64)[0])
    stray = planned.reconsidered(tolerated=3)
    assert stray.settings.explored == ("tolerated",)
    assert stray.settings.offered == ()
    assert not planned.reconsidered(tolerated=5, correction="mixture").promised


@pytest.mark.parametrize("correction", ["anytime", "mixture", "weighted-bonferroni"])
def test_tolerant_certificates_verify_and_subtract(correction, tmp_path):
    certificate = image_certificate(correction=correction, tolerated=5, offered=OFFERED)
    assert certificate.plan.discount == 4
    path = tmp_path / "tolerant.nc"
    certificate.save(path)
    assert "5" in verify_file(path)[0].detail or len(verify_file(path)) > 3
    record = read_record(path)
    curves = {
        name: {**arrays, "certified": arrays["certified"] + 4} for name, arrays in record.curves.items()
    }
    write_record(replace(record, curves=curves), path)
    with pytest.raises(CertificateError, match="curve"):
        verify_file(path)


def test_a_file_that_hides_that_its_alpha_is_shared_is_refused(tmp_path):
    certificate = image_certificate(correction="anytime", tolerated=5, offered=OFFERED)
    path = tmp_path / "shared.nc"
    certificate.save(path)
    record = read_record(path)
    settings = {**json.loads(record.texts["settings"]), "offered": []}
    write_record(replace(record, texts={**record.texts, "settings": json.dumps(settings)}), path)
    with pytest.raises(CertificateError, match="confidence plan is not the one"):
        verify_file(path)
    # and bounds of a level that is not shared do not pass as ones of a level that is
    alone = image_certificate(correction="anytime", tolerated=5)
    pretended = replace(alone, settings=certificate.settings)
    pretended.save(path)
    record = read_record(path)
    write_record(replace(record, arrays={**record.arrays, "probabilities": alone.probabilities}), path)
    with pytest.raises(CertificateError, match="claim more than their counts prove"):
        verify_file(path)


@pytest.mark.parametrize("stored", ["fixed", "joint", "both"])
def test_files_from_before_the_sentence_said_so_still_verify(stored, tmp_path):
    certificate = graph_certificate("soft")
    path = tmp_path / "old.nc"
    certificate.save(path)
    record = read_record(path)
    text = record.texts["guarantee"]
    gone = {"fixed": [FIXED_BEFORE], "joint": [certificate.joint_risk()]}
    for clause in gone.get(stored, [FIXED_BEFORE, certificate.joint_risk()]):
        text = text.replace(clause, "")
    write_record(replace(record, texts={**record.texts, "guarantee": text}), path)
    if stored == "both":
        assert verify_file(path)
    else:
        with pytest.raises(CertificateError, match="guarantee sentence"):
            verify_file(path)


def test_soft_scores_state_the_joint_risk_of_thresholds_and_means():
    """Both statements have error probability alpha; together they are promised at 2 alpha."""
    soft = graph_certificate("soft", alpha=0.03)
    assert "with probability at least 94 % both hold" in soft.guarantee()
    assert "with probability at least 97 %" in soft.guarantee().lower()
    assert "both hold" not in graph_certificate("votes").guarantee()


def test_mean_bounds_under_mixture_hold_at_planned_sizes_only(tmp_path):
    certificate = graph_certificate("soft", correction="mixture")
    path = tmp_path / "mixture.nc"
    certificate.save(path)
    assert verify_file(path)
    shorter = replace(certificate, trials=certificate.trials - 1, counts=_one_less(certificate.counts))
    shorter.save(path)
    with pytest.raises(CertificateError, match="no planned look"):
        verify_file(path)


def _one_less(counts):
    fewer = counts.copy()
    for row in fewer:
        row[row.argmax()] -= 1
    return fewer


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"offered": (1, 2.5)}, "offered must be a whole number"),
        ({"offered": "15"}, "offered must be whole numbers"),
        ({"offered": (0, 5), "correction": "anytime"}, "offered must be a whole number of at least 1"),
        ({"explored": ("colour",)}, "explored must name settings"),
        ({"offered": (1, 5)}, "offered: expected none for bonferroni"),
    ],
)
def test_bad_values_are_sentences(change, message):
    with pytest.raises(SettingsError, match=message):
        ImageSettings(**change)
