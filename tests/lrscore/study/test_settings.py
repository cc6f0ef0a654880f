"""Studies as text and as objects: what is read, what is written, what is refused in one sentence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lrscore.cli.main import build_parser, main
from lrscore.cli.study import study_of_options
from lrscore.errors import SettingsError
from lrscore.graphs.settings import GraphSettings
from lrscore.images.baselines import forward_passes
from lrscore.images.baselines.center import CenterSettings
from lrscore.images.settings import ImageSettings
from lrscore.study.reading import read_study, study_of, study_text
from lrscore.study.settings import Setting, digest_of
from tests.lrscore.study.toys import BASE, graph_study, toy_study

WHOLE = """
title = "product and baselines"
data = ["camvid:val"]
limit = 20
methods = ["naive", "segcertify:0.75"]
[base]
grid = "2x3"
samples = 200
[product]
levels = ["0.1:0.3", "0.2:0.6"]
correction = ["bonferroni", "anytime"]
[[setting]]
name = "iso"
baseline = "isotropic"
level = 0.2
[[setting]]
name = "center"
baseline = "center"
level = 0.2
[[setting]]
name = "views"
model = "street-two-view"
two_views = true
[[setting]]
name = "more views"
views = [[1, 0.25], ["none", 2.0]]
[[setting]]
name = "blank"
levels = [[0.1, inf, 0.1, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1],
  [0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1, 0.1, 0.1]]
"""


def test_a_product_is_every_combination_and_baselines_cost_as_much():
    study = study_of(WHOLE)
    by_name = {one.name: one for one in study.settings}
    assert len(by_name) == 9
    crossed = by_name["levels 0.2:0.6, correction anytime"].values
    assert (crossed.level_min, crossed.level_max, crossed.correction, crossed.grid) == (
        0.2,
        0.6,
        "anytime",
        (2, 3),
    )
    base = by_name["levels 0.1:0.3, correction bonferroni"].values
    assert forward_passes(by_name["iso"].values) == forward_passes(base)
    assert isinstance(by_name["center"].values, CenterSettings)
    assert by_name["center"].values.forward_passes <= forward_passes(base)
    assert by_name["views"].model == "street-two-view"
    assert np.isinf(by_name["blank"].values.noise_levels()[0, 1])


@pytest.mark.parametrize(
    "study", [study_of(WHOLE), toy_study(), graph_study(), toy_study(size=None, limit=3, void=(7,))]
)
def test_what_is_written_is_read_back(study):
    again = study_of(study_text(study))
    assert again == study
    assert again.digest == study.digest


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("data = 3\n", "data must hold texts"),
        ("data = []\n", "at least one of each"),
        ("nonsense", "no TOML"),
        ('data = ["a"]\nbudget = [1]\n', "unknown key 'budget'"),
        ('data = ["a"]\nlimit = 0\n', "limit must be a whole number"),
        ('data = ["a"]\nlimit = true\n', "limit must be a whole number"),
        ('data = ["a"]\nseeds = [-1]\n', "seeds must be a whole number"),
        ('data = ["a", "a"]\n', "twice"),
        ('data = ["a"]\nmethods = ["best"]\n', "methods must be"),
        ('data = ["a"]\nmethods = ["segcertify:0.2"]\n', "methods must be"),
        ('data = ["a"]\nbudgets = [0.1, 0.2]\n', "increase from 0"),
        ('data = ["a"]\nbudgets = [0.0, nan]\n', "budgets must be"),
        ('data = ["a"]\nkind = "graph"\nmodel = "m"\nbudgets = [[1, -1]]\n', "pairs of whole numbers"),
        ('data = ["a"]\nkind = "graph"\nmodel = "m"\nbudgets = [[1, 1], [1, 1, 0, 0]]\n', "all of four"),
        ('data = ["a"]\nkind = "graph"\n', "must name its model"),
        ('data = ["a"]\nkind = "graph"\nmodel = "m"\nmethods = ["segcertify:0.75"]\n', "methods must be"),
        ('data = ["a"]\nsize = "big"\n', "size must be two numbers"),
        ('data = ["a"]\nsize = [0, 4]\n', "size must be a whole number"),
        ('data = ["a"]\ndevice = "tpu"\n', "device must be cpu or cuda"),
        ('data = ["a"]\n[base]\nsample = 3\n', "unknown key 'sample'"),
        ('data = ["a"]\n[base]\nsamples = "many"\n', "samples must be a whole number"),
        ('data = ["a"]\nsetting = 4\n', "setting must be tables"),
        ('data = ["a"]\n[[setting]]\nname = ""\n', "name must be a text"),
        ('data = ["a"]\n[[setting]]\nbaseline = "magic"\n', "baseline must be"),
        ('data = ["a"]\n[[setting]]\nbaseline = "isotropic"\n', "needs a number as level"),
        ('data = ["a"]\n[[setting]]\nname = "x"\n[[setting]]\nname = "x"\n', "must differ"),
        ('data = ["a"]\n[[setting]]\nname = "x"\n[[setting]]\nname = "y"\n', "are the same"),
        (
            'data = ["a"]\n[product]\nsamples = [' + "1," * 200 + "]\nseed_level = [" + "1," * 200 + "]\n",
            "at most",
        ),
    ],
)
def test_what_is_no_study_is_one_sentence(tmp_path, capsys, text, said):
    path = tmp_path / "study.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=said):
        read_study(path)
    assert main(["study", "run", str(path), "--out", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_settings_of_pictures_and_graphs_do_not_mix():
    with pytest.raises(SettingsError, match="settings of both"):
        replace(toy_study(), settings=(*toy_study().settings, graph_study().settings[0]))


def test_options_without_a_file_are_a_study_of_one_setting():
    arguments = [
        "study",
        "run",
        "--data",
        "camvid:val",
        "--limit",
        "20",
        "--levels",
        "0.2:0.4",
        "--grid",
        "2x2",
    ]
    study = study_of_options(build_parser().parse_args(arguments))
    assert study.data == ("camvid:val",)
    assert study.limit == 20
    assert study.settings[0].values == ImageSettings(grid=(2, 2), level_min=0.2, level_max=0.4)
    assert study_of(study_text(study)) == study


def test_views_without_windows_take_those_that_the_model_needs(tmp_path, monkeypatch):
    """As `certify image` fits them, here to all pictures together; a picture that can not be read decides nothing."""
    monkeypatch.setenv("LRS_CATALOGUE", "models.catalogue")
    from PIL import Image

    for name, size in (("wide", (96, 48)), ("small", (64, 32))):
        Image.new("RGB", size).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    arguments = ["study", "run", "--data", str(tmp_path), "--grid", "2x6", "--size", "keep", "--views"]
    typed = study_of_options(build_parser().parse_args([*arguments, "0.25,1,4"])).settings[0]
    assert typed.model == "street-views"
    windows = [window for window, _ in typed.values.views]
    from lrscore.images.regions import GridRegions
    from lrscore.images.views import fitting_views
    from models.segmentation.registry import load_model

    model = load_model("street-views")
    needed = [fitting_views(model, GridRegions(*size, 2, 6), (0.25, 1, 4)) for size in ((48, 96), (32, 64))]
    for place, window in enumerate(windows):
        own = [views[place][0] for views in needed]
        assert window == (None if None in own else max(own))
    (tmp_path / "wide.png").unlink()
    (tmp_path / "small.png").unlink()
    with pytest.raises(SettingsError, match="no picture can be read"):
        study_of_options(build_parser().parse_args([*arguments, "0.25,1,4"]))


def test_only_what_decides_about_counts_is_in_the_digest_of_the_samples():
    sampling = Setting("a", BASE, "toy").sampling
    level = {"correction": "count-level", "tolerated": 2}
    for changes in ({"alpha": 0.02}, {"correction": "anytime"}, level):
        assert Setting("b", replace(BASE, **changes), "toy").sampling == sampling
    for name, value in {
        "samples": 97,
        "level_min": 0.11,
        "noise": "laplace",
        "batch_size": 8,
        "grid": (1, 2),
    }.items():
        assert Setting("c", replace(BASE, **{name: value}), "toy").sampling != sampling


def test_what_is_read_of_a_graphs_copies_decides_nothing_about_them_and_digests_stay_as_they_were():
    base = GraphSettings(samples=100)
    plain = Setting("a", base, "toy")
    told = plain.to_dict()
    for name in ("alpha", "correction", "tolerated", "bound", "orders"):
        del told[name]
    assert plain.sampling == digest_of("graph", told)  # of studies from before copies were shared
    for changes in ({"scores": "votes"}, {"margins": True}, {"bins": 64}, {"orders": (2.0,)}):
        other = Setting("b", replace(base, **changes), "toy")
        assert other.sampling == plain.sampling
        assert (other.reading == plain.reading) == ("orders" in changes)
    for changes in ({"clusters": 4}, {"flip_to_one": (0.02, 0.02)}, {"pilot_samples": 99}):
        assert Setting("c", replace(base, **changes), "toy").sampling != plain.sampling
