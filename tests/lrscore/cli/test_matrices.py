"""Matrices in files: written, read again, refused."""

from __future__ import annotations

import numpy as np
import pytest

from lrscore.cli.matrices import SUFFIXES, check_matrix_output, read_matrix, write_matrix
from lrscore.errors import CertificateFileError, SettingsError

MATRIX = np.array([[0.1, 1 / 3, np.inf], [2.0, 1e-3, 0.25]])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_written_matrix_is_read_again_exactly(tmp_path, suffix):
    path = tmp_path / f"levels{suffix}"
    write_matrix(path, MATRIX, "levels", {"grid": [1, 2]})
    np.testing.assert_array_equal(read_matrix(path, "level-matrix"), MATRIX)


def test_json_may_be_bare_rows(tmp_path):
    (tmp_path / "rows.json").write_text('[[0.1, "inf"], [0.2, 0.3]]')
    expected = [[0.1, np.inf], [0.2, 0.3]]
    np.testing.assert_array_equal(read_matrix(tmp_path / "rows.json", "level-matrix"), expected)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("words.csv", b"near,far\n"),
        ("ragged.csv", b"1,2\n3\n"),
        ("object.json", b'{"other": [[1]]}'),
        ("number.json", b"3"),
        ("rows.json", b"[[1, null]]"),
        ("broken.json", b"[[1,"),
        ("empty.npy", b""),
        ("words.npy", b"no array"),
        ("binary.csv", b"\x00\xff\xfe"),
    ],
)
def test_files_without_a_matrix_are_one_sentence(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingsError, match=rf"level-matrix: .*{name} holds no matrix of numbers") as caught:
        read_matrix(tmp_path / name, "level-matrix")
    assert "\n" not in str(caught.value)


def test_a_pickled_array_is_refused_and_not_run(tmp_path):
    np.save(tmp_path / "objects.npy", np.array([[print]], dtype=object), allow_pickle=True)
    with pytest.raises(SettingsError, match="holds no matrix of numbers"):
        read_matrix(tmp_path / "objects.npy", "level-matrix")


def test_missing_files_and_other_shapes_are_named(tmp_path):
    with pytest.raises(SettingsError, match="level-matrix: there is no file"):
        read_matrix(tmp_path / "nowhere.csv", "level-matrix")
    np.save(tmp_path / "cube.npy", np.ones((2, 2, 2)))
    with pytest.raises(SettingsError, match=r"matrix of two dimensions, got shape \(2, 2, 2\)"):
        read_matrix(tmp_path / "cube.npy", "level-matrix")


@pytest.mark.parametrize("name", ["levels.txt", "levels", "nowhere/levels.csv"])
def test_outputs_that_can_not_be_written_are_refused_first(tmp_path, name):
    with pytest.raises(CertificateFileError, match="cannot write"):
        check_matrix_output(str(tmp_path / name))
    check_matrix_output(str(tmp_path / "levels.csv"))
