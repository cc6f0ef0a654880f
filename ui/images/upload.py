"""Turn an uploaded file into an image of the working size, or into one clear sentence.

Decoding, limits and resizing are `models.datasets.photos`': the command line reads the same file to the same pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lrscore.errors import InputError
from models.datasets.photos import WORKING_SIZE, load_photo

MAX_MEGABYTES = 25
EXTENSIONS = ("png", "jpg", "jpeg", "webp", "bmp", "tif", "tiff", "gif")


class UploadError(InputError):
    """An uploaded file can not be used; the message says why."""


@dataclass(frozen=True)
class Upload:
    """A photo ready to be certified.

    Args:
        name: the file's name.
        image: (3, H, W) float32 in [0, 1].
        remark: what was done to it, in words; empty if nothing.
    """

    name: str
    image: np.ndarray
    remark: str


def read_upload(data: bytes, name: str) -> Upload:
    """Decode, turn upright and scale a photo to fit the working size, 180x240.

    Args:
        data: the file's content.
        name: the file's name, for messages.

    Raises:
        UploadError: no image, too large, too small, or damaged.
    """
    if len(data) > MAX_MEGABYTES * 2**20:
        raise UploadError(f"{name} has {len(data) / 2**20:.1f} MB; at most {MAX_MEGABYTES} MB are read.")
    try:
        photo = load_photo(data, WORKING_SIZE)
    except InputError as error:
        raise UploadError(f"{name} can not be used: {error}.") from error
    return Upload(name, photo.image, photo.remark)
