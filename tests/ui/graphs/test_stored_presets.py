"""Every preset of the village is answered by the certificate stored for it, under its own settings."""

from __future__ import annotations

import pytest

from ui.certification.on_screen import differing
from ui.graphs.on_screen import answered, choose_settings, stored_certificate
from ui.graphs.presets import graph_presets
from ui.graphs.request import request_from, values_of
from ui.library.bundled_graphs import stored_file


@pytest.mark.parametrize("number", range(5))
def test_a_preset_of_the_village_needs_no_run(number: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("LRS_GRAPH_GALLERY", raising=False)
    stored = stored_certificate(stored_file("village"))
    preset = graph_presets(values_of(stored.certificate.settings))[number]
    request = request_from(preset.values)
    found = answered(stored, "village", request)
    assert differing(choose_settings(found.certificate, request.settings), request.settings) == ()
    assert (found.file == stored.file) == (preset.name == "localized")
    assert found.certificate.provenance["model_digest"] == stored.certificate.provenance["model_digest"]
    assert answered(stored, None, request) is stored
