"""A QR code of an address, made on this machine."""

from __future__ import annotations

import segno
from segno.encoder import DataOverflowError

MOST_CHARACTERS = 2000
"""Longer addresses make a code that no telephone reads from a projector."""


def code_picture(address: str) -> str | None:
    """The code as the address of an SVG picture, black on white; None for an address that is too long or no link."""
    if len(address) > MOST_CHARACTERS or not address.startswith(("http://", "https://")):
        return None
    try:
        return str(segno.make(address, error="m", micro=False).svg_data_uri(scale=8, border=4, light="#fff"))
    except DataOverflowError:
        return None
