"""Groups of classes on the page: a look of their own, names in the readout, the story of a pixel, the facts."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lrscore import ImageSettings
from lrscore.images.certificate import ImageCertificate
from models.datasets.classes import CAMVID_CLASSES, CAMVID_PALETTE
from models.datasets.trees import CAMVID_TREE
from tests.ui.toy import toy_certificate
from ui.compare.outcomes import outcome_of
from ui.compare.scores import Entrant, score
from ui.compare.sets import Choice, Header
from ui.compare.table import table_columns
from ui.components.viewer.layers import NOTHING
from ui.images.coarse import GROUPS_LAYER, groups_layer, label_numbers, node_names
from ui.images.curves import compute_curves
from ui.images.facts import facts_html
from ui.images.panels import labels_panel, readout
from ui.images.request import request_from, values_of
from ui.images.states import pixel_states
from ui.images.story import tell_story
from ui.library.entries import Entry
from ui.style.palette import STATES, WRONG, class_styles

CAR, BICYCLIST, ROAD = (CAMVID_CLASSES.index(name) for name in ("car", "bicyclist", "road"))


@pytest.fixture(scope="module")
def certificate() -> ImageCertificate:
    """Left half road, unanimous; right half a tie of car and bicyclist; one column that leads below one half."""
    settings = ImageSettings(
        grid=(1, 2), samples=1000, pilot_samples=100, hierarchy=True, runner_up=True, correction="bonferroni"
    )
    votes = np.zeros((6, 8, 11), dtype=np.int64)
    votes[:, :4, ROAD] = 100
    votes[:, 4:7, CAR], votes[:, 4:7, BICYCLIST] = 51, 49
    votes[:, 7, ROAD], votes[:, 7, CAR], votes[:, 7, 0] = 48, 26, 26
    made = ImageCertificate(
        settings=settings,
        image=np.full((3, 6, 8), 0.5, dtype=np.float32),
        labels=votes.argmax(axis=2),
        pilot_votes=votes,
        agreements=np.zeros((6, 8), dtype=np.int64),
        trials=np.full(2, 1000, dtype=np.int64),
        class_names=CAMVID_CLASSES,
    )
    agreements = np.full((6, 8), 1000)
    agreements[:, 7] = 480
    rivals = np.zeros((6, 8), dtype=np.int64)
    rivals[:, 7] = 260
    chosen = made.pilot_choice(CAMVID_TREE).counting(rivals.ravel())
    made = replace(made, agreements=agreements, chosen=chosen)
    made.check_counts()
    return made.with_reference(np.where(np.arange(8) < 4, ROAD, BICYCLIST) * np.ones((6, 1), dtype=np.int64))


def test_groups_have_a_layer_with_a_look_that_no_class_has(certificate):
    panel = labels_panel(certificate)
    classes, groups = panel.layers[:2]
    assert groups.name == GROUPS_LAYER
    assert (classes.numbers[:, 4:7] == NOTHING).all()
    assert (groups.numbers[:, :4] == NOTHING).all()
    styles = {groups.styles[number] for number in np.unique(groups.numbers[:, 4:7])}
    assert [style.name for style in styles] == ["vehicle: car, bicyclist"]
    assert all(style.pattern != "none" for style in styles)
    assert all(style.pattern == "none" for style in class_styles(CAMVID_CLASSES, CAMVID_PALETTE))
    assert groups.legend


def test_flat_certificates_have_no_such_layer(certificate):
    flat = replace(
        certificate, settings=replace(certificate.settings, hierarchy=False, runner_up=False), chosen=None
    )
    assert groups_layer(flat, CAMVID_PALETTE) is None
    assert node_names(flat) == CAMVID_CLASSES
    np.testing.assert_array_equal(label_numbers(flat), flat.labels)


def story(certificate, column):
    curves = compute_curves(certificate, "correct")
    index = curves.index(0.05)
    allocation, epsilon = curves.allocation[index], float(curves.epsilons[index])
    states = pixel_states(certificate, epsilon, allocation, "correct")
    return tell_story(certificate, (2, column), states, epsilon, allocation)


def test_the_story_says_what_is_certain_and_what_is_not(certificate):
    told = story(certificate, 5)
    assert told.label == "vehicle"
    assert told.verdict.startswith("Vehicle: certain. Car or bicyclist: not certain enough")
    assert "car 51, bicyclist 49" in told.verdict
    assert "say vehicle" in told.chain[0]
    plain = story(certificate, 1)
    assert plain.label == "road"
    assert "not certain enough" not in plain.verdict
    assert "every other class" not in plain.chain[0]


def test_the_story_of_a_label_below_one_half_names_the_bound_on_the_others(certificate):
    told = story(certificate, 7)
    assert told.label == "road"
    assert told.bound < 0.5 < 1 < told.threshold + 1
    assert told.threshold > 0
    rival = float(certificate.rivals[2, 7])
    assert f"that of every other class at most {np.ceil(1000 * rival) / 10:g} %" in told.chain[0]


def test_the_readout_names_groups(certificate):
    label = readout(certificate, pixel_states(certificate, 0.1, np.zeros(2), "correct"))[0]
    assert label.names[label.values[2, 5]] == "vehicle"
    assert label.names[label.values[2, 1]] == "road"


def test_a_group_that_holds_the_truth_is_not_wrong(certificate):
    states = pixel_states(certificate, 0.1, np.zeros(2), "correct").numbers
    assert (states[:, 4:7] != STATES.index(WRONG)).all()
    assert (states[:, 7] == STATES.index(WRONG)).all()


def test_the_facts_say_the_information_gain(certificate):
    curves = compute_curves(certificate, "correct")
    index = curves.index(0.05)
    said = str(facts_html(certificate, curves, index))
    told = certificate.information_gain(certificate.noise.budget(curves.epsilons[[index]]))[0]
    assert 0 < told < 1
    assert f"{int(1000 * told + 1e-9) / 10:.1f} %" in said
    assert "groups of classes" in said


def test_controls_and_settings_say_the_same():
    settings = ImageSettings(hierarchy=True, runner_up=True)
    values = {**values_of(settings), "seed": 0}
    assert (values["coarse"], values["rivals"]) == (True, True)
    again = request_from(values).settings
    assert (again.hierarchy, again.runner_up) == (True, True)


def test_compare_puts_the_information_gain_beside_the_certified_share(certificate):
    coarse, flat = outcome_of(certificate, "correct"), outcome_of(toy_certificate(), "correct")
    budgets = certificate.noise.budget(coarse.curves.epsilons)
    np.testing.assert_array_equal(coarse.gains, certificate.information_gain(budgets))
    np.testing.assert_allclose(flat.gains, flat.curves.envelope / flat.curves.outputs)
    header = Header("image", "toy", "p", 1, True, "toy", "0", certificate.settings)
    choice = Choice("own:a", "Toy", header, {"p": Entry("own", Path("x.nc"), 1)})
    scores = [score(Entrant("A", choice, way), [coarse], referenced=True) for way in ("envelope", "naive")]
    assert "coarse labels, bounds on rivals" in scores[0].entrant.name
    columns = table_columns(scores, 0.05)
    gain, none = columns["information gain at ε = 0.05 (%)"]
    assert none is None
    assert 0 < gain < columns["certified at ε = 0.05 (%)"][0]
    plain = score(Entrant("A", choice, "envelope"), [flat], referenced=True)
    assert not any("information gain" in name for name in table_columns([plain], 0.05))
