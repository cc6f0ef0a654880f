"""The code of an address holds that address, and nothing is coded that is no link."""

from __future__ import annotations

import base64
import urllib.parse

import segno

from ui.components.presenter.code import MOST_CHARACTERS, code_picture


def test_the_picture_is_the_code_of_the_address():
    address = "http://127.0.0.1:8501/segmentation?image_eps=0.25&stage=true"
    picture = code_picture(address)
    assert picture is not None
    head, _, body = picture.partition(",")
    svg = base64.b64decode(body).decode() if "base64" in head else urllib.parse.unquote(body)
    dark = sum(sum(row) for row in segno.make(address, error="m", micro=False).matrix)
    assert svg.startswith(("<?xml", "<svg"))
    drawn = sum(int(run) for run in __import__("re").findall(r"h(\d+)", svg.split("qrline")[1]))
    assert drawn == dark, "as many dark modules as the code has"


def test_no_link_and_too_long_a_link_have_none():
    assert code_picture("javascript:alert(1)") is None
    assert code_picture("http://a/" + "x" * MOST_CHARACTERS) is None
