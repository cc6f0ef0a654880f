"""A component's message as the browser reads it."""

from __future__ import annotations

import json
import struct
from typing import Any

HEADER_LENGTH = struct.Struct("<I")


def unpack(message: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """The header and the still encoded blobs of a message, as the browser sees them."""
    (length,) = HEADER_LENGTH.unpack_from(message)
    start = HEADER_LENGTH.size + length
    header = json.loads(message[HEADER_LENGTH.size : start])
    return header, [message[start + offset : start + offset + size] for _, offset, size in header["blobs"]]
