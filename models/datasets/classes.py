"""CamVid's eleven street classes: names, colours and the id of unlabelled pixels.

The one source of truth for the loader, the procedural scenes, the network and the dashboard. Class ids are
positions in `CAMVID_CLASSES`. The colours are our own: neighbours in a street (road and pavement, car and
road, pole and building) differ in lightness as well as in hue, so that they stay apart for colour-blind
readers and in greyscale print.
"""

import numpy as np
import numpy.typing as npt

from lrscore.metrics import VOID as VOID  # mask value of a pixel without a label

CAMVID_CLASSES: tuple[str, ...] = (
    "sky",
    "building",
    "pole",
    "road",
    "pavement",
    "tree",
    "sign",
    "fence",
    "car",
    "pedestrian",
    "bicyclist",
)

CAMVID_PALETTE: npt.NDArray[np.uint8] = np.array(
    [
        (166, 206, 240),  # sky: pale blue
        (142, 108, 88),  # building: brown
        (30, 30, 30),  # pole: near black
        (106, 106, 118),  # road: slate
        (206, 188, 214),  # pavement: light lilac
        (32, 118, 64),  # tree: dark green
        (250, 214, 40),  # sign: yellow
        (172, 178, 74),  # fence: olive
        (32, 70, 170),  # car: deep blue
        (0, 168, 158),  # pedestrian: teal; vermilion is what the dashboard paints wrong pixels with
        (244, 140, 186),  # bicyclist: pink
    ],
    dtype=np.uint8,
)
"""RGB colours, shape (11, 3), one row per class of `CAMVID_CLASSES`."""
CAMVID_PALETTE.setflags(write=False)
