"""The benchmark of fine grids: its cases are those of the settings, and it runs."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.fine_grids import SOURCE, case_of, main
from lrscore import ImageSettings, load_certificate
from lrscore.images.certificate import ImageCertificate


def test_cases_have_the_weights_of_the_settings() -> None:
    source = load_certificate(SOURCE)
    assert isinstance(source, ImageCertificate)
    case = case_of(source, (8, 24, 64, None), (9, 12), 5)
    # 180x240 pixels in cells of 20x20
    settings = ImageSettings(grid=(9, 12), views=((1, 0.2), (2, 0.4), (4, 0.8), (None, 1.6)))
    np.testing.assert_array_equal(case.weights, source.noise.weight(settings.noise_levels()))
    assert case.area(np.full(5, case.groups.size)) == pytest.approx(case.epsilons[-1])


def test_it_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["fine_grids", "--quick", "--seconds", "0.05"])
    main()
    shown = capsys.readouterr().out
    assert "| 8, 24, 64 pixels, everything | 6x8 |" in shown
    assert "of 9." in shown
