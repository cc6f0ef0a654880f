"""Whose jobs are whose: a token per browser that survives a reload.

Streamlit's own protection against forged requests gives every browser a secret cookie. Its decoded value stays the
same while the cookie's text changes; a digest of it names the owner. Without that cookie (embedded, scripted) the
owner lasts as long as the session.
"""

from __future__ import annotations

import binascii
import hashlib
import re
import secrets
import textwrap
from itertools import cycle

import streamlit as st

_COOKIE = "_streamlit_xsrf"
_SESSION_KEY = "owner_token"


def owner_token() -> str:
    """The token of the browser that runs this script, 32 hexadecimal digits."""
    if _SESSION_KEY not in st.session_state:
        secret = decode_cookie(st.context.cookies.get(_COOKIE, ""))
        token = secret or secrets.token_bytes(16)
        st.session_state[_SESSION_KEY] = hashlib.blake2b(
            token, digest_size=16, person=b"lrs-owner"
        ).hexdigest()
    return str(st.session_state[_SESSION_KEY])


def shelf_key() -> str:
    """What its user may write down to reach the own runs again from another browser: the token in groups."""
    return "-".join(textwrap.wrap(owner_token(), 4))


def use_key(text: str) -> bool:
    """From now on, this session is that shelf's owner; False if the text is no key."""
    token = re.sub(r"[\s-]", "", text).lower()
    if not re.fullmatch(r"[0-9a-f]{32}", token):
        return False
    st.session_state[_SESSION_KEY] = token
    return True


def decode_cookie(value: str) -> bytes | None:
    """The secret in a cookie `2|mask|masked secret|time`, or None."""
    parts = value.strip("\"'").split("|")
    if len(parts) != 4 or parts[0] != "2":
        return None
    try:
        mask, masked = binascii.unhexlify(parts[1]), binascii.unhexlify(parts[2])
    except (binascii.Error, ValueError):
        return None
    if not mask or len(masked) < 16:
        return None
    return bytes(one ^ other for one, other in zip(masked, cycle(mask), strict=False))
