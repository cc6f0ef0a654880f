"""Whose jobs are whose: the same browser keeps its token although the cookie's text changes."""

from __future__ import annotations

import binascii
import os

import pytest

from ui.running.owner import decode_cookie


def cookie(secret: bytes, mask: bytes) -> str:
    masked = bytes(one ^ mask[place % len(mask)] for place, one in enumerate(secret))
    return f"2|{binascii.hexlify(mask).decode()}|{binascii.hexlify(masked).decode()}|1700000000"


def test_remasked_cookies_decode_to_the_same_secret():
    secret = bytes(range(16))
    assert decode_cookie(cookie(secret, os.urandom(4))) == secret
    assert decode_cookie('"' + cookie(secret, b"abcd") + '"') == secret


@pytest.mark.parametrize(
    "text", ["", "2|00|00", "1|00|00|00", "2|zz|00|1", "2||00112233445566778899aabbccddeeff|1", "2|ab|ab|1"]
)
def test_anything_else_is_no_secret(text: str):
    assert decode_cookie(text) is None
