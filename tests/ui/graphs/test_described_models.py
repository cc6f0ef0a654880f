"""Node classifiers that the server's owner has described are offered for every graph, under their own names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ui.graphs.own_models import DESCRIBED, card_of, model_reference, model_words, plain_name
from ui.graphs.sources import fitting_models, source_of_name
from ui.library.described import MODELS_VARIABLE

NAME = f"{DESCRIBED}mine"


@pytest.fixture
def described(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "graphs").mkdir()
    file = tmp_path / "graphs" / "mine.json"
    file.write_text(json.dumps({"network": "my_networks:classifier", "name": "my classifier"}))
    (tmp_path / "pictures.json").write_text("{}")
    monkeypatch.setenv(MODELS_VARIABLE, str(tmp_path))
    return file


def test_a_described_model_is_offered_after_those_that_fit(described: Path):
    names = fitting_models(source_of_name("village", None))
    assert names[-1] == NAME
    assert "village-appnp" in names
    assert not any("pictures" in name for name in names)


def test_it_is_loaded_from_its_file_and_called_as_certificates_call_it(described: Path):
    assert model_reference(NAME) == str(described)
    assert plain_name(NAME) == "my classifier"
    assert model_words(NAME) == "mine (described)"
    assert card_of(NAME) == ""


def test_a_link_names_nothing_that_is_not_in_the_folder(described: Path):
    assert ":" not in model_reference(f"{DESCRIBED}../pictures"), "module:function would be imported"
