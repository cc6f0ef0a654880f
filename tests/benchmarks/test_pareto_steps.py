"""The comparison from the command line: pictures, and all steps on a tiny configuration."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from benchmarks import pareto_camvid
from benchmarks.pareto import catalogue
from benchmarks.pareto.pictures import PILOT, SCENES, evenly, read, spread_out, write
from lrscore.images.regions import GridRegions
from tests.benchmarks.toy_pareto import PLAN, Bright, picture, use_toys


def test_every_beginning_of_the_frames_is_spread_over_the_video() -> None:
    order = [int(name) for name in spread_out([str(number) for number in range(20)])]
    assert sorted(order) == list(range(20))
    for count in (2, 4, 8):
        gaps = np.diff(sorted(order[:count]))
        assert gaps.max() <= 2 * gaps.min() + 1


def test_pictures_survive_their_file(tmp_path: Path) -> None:
    write([picture("a"), picture("b")], tmp_path / "p.npz")
    first = read(tmp_path / "p.npz")[0]
    assert (first.dataset, first.name) == ("toy", "a")
    np.testing.assert_array_equal(first.image, picture().image)
    np.testing.assert_array_equal(first.mask, picture().mask)
    assert evenly("abcde", 3) == ["a", "c", "e"]
    assert evenly("ab", 3) == ["a", "b"]


class Module(torch.nn.Module):
    """`Bright` as the registry would hand it out."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.digest = name

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return Bright()(images)

    def two_views(self, near: torch.Tensor, far: torch.Tensor, regions: GridRegions) -> torch.Tensor:
        return Bright().two_views(near, far, regions)


def test_all_steps_on_a_tiny_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_toys(monkeypatch, tmp_path)
    monkeypatch.setattr(catalogue, "load_image_model", lambda name: Module(name).eval())
    cache = ["--cache", str(tmp_path / "cache")]
    size = ["--size", "32", "48"]
    pareto_camvid.main(["pictures", "--frames", "0", "--scenes", "1", "--pilots", "0", *size, *cache])
    (scene,) = read(tmp_path / "cache" / "pictures.npz")
    assert (scene.dataset, scene.image.shape) == (SCENES, (3, 32, 48))
    binary = [replace(picture(name), dataset=kind) for name, kind in (("a", SCENES), ("b", PILOT))]
    write(binary, tmp_path / "cache" / "pictures.npz")
    plan = replace(PLAN, localized=(((1, 2), 0.05, 0.05),), strict=())
    common = ["--grid", "1", "2", "--samples", "96", "--pilot-samples", "24", *cache]
    pareto_camvid.main(["propose", "--evaluations", "6", "--votes", "4", *common], plan)
    assert "from 0.05 to 0.05: radius" in capsys.readouterr().out
    pareto_camvid.main(["measure", "--workers", "0", *common], plan)
    assert "14 certificates done, 0 were done before, 0 failed" in capsys.readouterr().out
    pareto_camvid.main(["measure", "--workers", "0", *common], plan)
    assert "0 certificates done, 14 were done before" in capsys.readouterr().out
    pareto_camvid.main(["report", "--out", str(tmp_path / "out"), *common], plan)
    assert "1 of 1 images are measured in all 8 runs" in capsys.readouterr().out
    other = ["--precision", "bfloat16"]
    pareto_camvid.main(["report", "--out", str(tmp_path / "other"), *common, *other], plan)
    assert "0 of 1 images are measured" in capsys.readouterr().out
    text = (tmp_path / "out" / "pareto_camvid.md").read_text()
    assert "localized, proposed levels, envelope, equal cost" in text
    assert PILOT not in text
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "pareto_camvid.csv",
        "pareto_camvid.md",
        "pareto_procedural_scenes.svg",
        "pareto_procedural_scenes.plotly.json",
    }


@pytest.mark.data
def test_the_real_frames_are_collected(lrs_data_root: Path, tmp_path: Path) -> None:
    options = ["--frames", "2", "--scenes", "1", "--pilots", "1", "--size", "90", "120"]
    pareto_camvid.main(["pictures", *options, "--data-root", str(lrs_data_root), "--cache", str(tmp_path)])
    found = read(tmp_path / "pictures.npz")
    assert [one.dataset for one in found] == ["CamVid val", "CamVid val", PILOT, SCENES]
    assert {one.image.shape for one in found} == {(3, 90, 120)}
