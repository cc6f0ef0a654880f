"""Matrices in files: written, read again, refused."""

from __future__ import annotations

import contextlib
import random

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


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bom.csv", b"\xef\xbb\xbf1,2\n3,4\n"),
        ("header.csv", b"near,far\n1,2\n3,4\n"),
        ("semicolons.csv", b"1;2\r\n3;4\r\n"),
        ("decimal_commas.csv", b"1,0;2,0\n3,0;4,0\n"),
        ("tabs.txt", b"1\t2\n3\t4"),
        ("blanks.txt", b"# levels\n 1 2\n\n 3  4\n"),
        ("quoted.csv", b'"1","2"\n"3","4"\n'),
        ("closed.csv", b"1,2,\n3,4,\n"),
        ("utf16.csv", "1,2\n3,4\n".encode("utf-16")),
        ("bom.JSON", b"\xef\xbb\xbf[[1, 2], [3, 4]]"),
    ],
)
def test_files_as_people_write_them_are_read(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    np.testing.assert_array_equal(read_matrix(tmp_path / name, "level-matrix"), [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"1,2\n3,x\n", "line 2: 'x' is no number"),
        (b"a,b\n1,2\n3\n", "line 3 has 1 numbers where the first row has 2"),
        (b"1,\n,2\n", "line 2: '' is no number"),
        (b"a,1\n", "line 1: 'a' is no number"),
        (b"", "no line of numbers"),
    ],
)
def test_the_line_that_is_no_row_is_named(tmp_path, content, reason):
    (tmp_path / "m.csv").write_bytes(content)
    with pytest.raises(SettingsError, match=reason):
        read_matrix(tmp_path / "m.csv", "level-matrix")


@pytest.mark.parametrize("suffix", [".NPY", ".Json", ".csv"])
def test_lists_are_one_column_where_that_is_meant(tmp_path, suffix):
    path = tmp_path / f"clusters{suffix}"
    if suffix == ".NPY":
        with path.open("wb") as file:
            np.save(file, np.array([0, 1, 1], dtype=np.uint8))
    else:
        path.write_text("[0, 1, 1]" if suffix == ".Json" else "0\n1\n1\n")
    assert read_matrix(path, "partition-file", flat=True).tolist() == [[0], [1], [1]]


def test_mutated_files_are_read_or_refused_in_a_sentence(tmp_path):
    chance = random.Random(0)
    np.save(tmp_path / "good.npy", MATRIX)
    write_matrix(tmp_path / "good.json", MATRIX, "levels", {})
    write_matrix(tmp_path / "good.csv", MATRIX, "levels", {})
    for suffix in SUFFIXES:
        good = (tmp_path / f"good{suffix}").read_bytes()
        for _ in range(150):
            bad = bytearray(good)
            for _ in range(chance.choice([1, 3, 9])):
                bad[chance.randrange(len(bad))] = chance.randrange(256)
            del bad[len(bad) if chance.random() < 0.8 else chance.randrange(len(bad)) :]
            (tmp_path / f"bad{suffix}").write_bytes(bytes(bad))
            with contextlib.suppress(SettingsError):
                read_matrix(tmp_path / f"bad{suffix}", "level-matrix")
