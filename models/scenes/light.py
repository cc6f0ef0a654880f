"""Sun, sky light, haze and the shadows that rows of buildings cast, in linear radiance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.scenes.noise import fractal_tile, look_up_smooth

MOODS = ("bright", "hazy sun", "overcast", "dull", "dusk")


def linear(red: float, green: float, blue: float) -> np.ndarray:
    """A display colour (0..255 each) as linear reflectance (3,) float32."""
    return (np.array([red, green, blue]) / 255.0).astype(np.float32) ** np.float32(2.2)


@dataclass(frozen=True)
class Light:
    """Everything that lights a scene. Colours are linear radiance (3,); `to_sun` is a unit vector (x, y, z)."""

    mood: str
    to_sun: np.ndarray
    sun: np.ndarray
    ambient: np.ndarray
    zenith: np.ndarray
    skyline: np.ndarray
    cloud: np.ndarray
    cloudiness: float
    haze_distance: float
    exposure: float
    lamps_lit: bool

    def on(
        self, normal: tuple[float, float, float] | np.ndarray, visible: np.ndarray | float = 1.0
    ) -> np.ndarray:
        """Irradiance on a surface with this unit normal; `visible` is the visible share of the sun, (...,)."""
        facing = max(0.0, float(np.dot(normal, self.to_sun)))
        sky_share = 0.62 + 0.38 * float(normal[1])
        return self.ambient * sky_share + np.asarray(visible, np.float32)[..., None] * (self.sun * facing)

    def on_all(self, normals: np.ndarray, visible: float) -> np.ndarray:
        """Irradiance on many surfaces, normals (N, 3) -> (N, 3)."""
        facing = np.maximum((normals * self.to_sun).sum(axis=1), 0.0)[:, None] * visible
        return self.ambient * (0.62 + 0.38 * normals[:, 1:2]) + self.sun * facing

    def through_haze(self, radiance: np.ndarray, depth: np.ndarray | float) -> np.ndarray:
        """Radiance (..., 3) seen over `depth` metres (...,) of air."""
        clear = np.exp(-np.asarray(depth, np.float32) / np.float32(self.haze_distance))[..., None]
        return radiance * clear + self.skyline * 0.8 * (1 - clear)


def sample_light(rng: np.random.Generator) -> Light:
    """Draw a time of day and weather."""
    mood = MOODS[rng.choice(len(MOODS), p=[0.46, 0.17, 0.17, 0.1, 0.1])]
    elevation = math.radians(
        rng.uniform(*{"bright": (28, 60), "hazy sun": (15, 40), "dusk": (4, 9)}.get(mood, (30, 60)))
    )
    azimuth = rng.uniform(-math.pi, math.pi)
    flat = math.cos(elevation)
    to_sun = np.array([flat * math.sin(azimuth), math.sin(elevation), flat * math.cos(azimuth)])
    sun, ambient, zenith, skyline, cloud = (np.array(colour, np.float32) for colour in _PALETTES[mood])
    exposure = rng.uniform(0.45, 0.85) * {"dull": 0.85, "dusk": 1.25}.get(mood, 1.0)
    cloudiness = {"bright": rng.uniform(-1.2, 0.5), "hazy sun": rng.uniform(-0.2, 0.9)}.get(
        mood, rng.uniform(0.3, 1.4)
    )
    if mood == "dusk":
        cloudiness = rng.uniform(-0.8, 0.5)
    haze = rng.uniform(500, 1600) if mood != "hazy sun" else rng.uniform(250, 600)
    return Light(
        mood=mood,
        to_sun=to_sun,
        sun=sun * np.float32(rng.uniform(0.85, 1.15)),
        ambient=ambient,
        zenith=zenith,
        skyline=skyline,
        cloud=cloud,
        cloudiness=float(cloudiness),
        haze_distance=float(haze),
        exposure=float(exposure),
        lamps_lit=mood == "dusk",
    )


_PALETTES = {  # sun, ambient, zenith, skyline, cloud
    "bright": ((2.3, 2.1, 1.8), (0.44, 0.51, 0.64), (0.26, 0.5, 0.95), (1.0, 1.15, 1.3), (1.7, 1.7, 1.7)),
    "hazy sun": ((1.5, 1.3, 1.05), (0.6, 0.62, 0.66), (0.75, 0.95, 1.2), (1.7, 1.65, 1.55), (2.0, 1.95, 1.9)),
    "overcast": (
        (0.12, 0.12, 0.12),
        (1.0, 1.03, 1.08),
        (0.85, 0.92, 1.0),
        (1.45, 1.5, 1.55),
        (0.75, 0.8, 0.86),
    ),
    "dull": ((0.05, 0.05, 0.05), (0.24, 0.27, 0.3), (0.3, 0.38, 0.46), (0.75, 0.8, 0.8), (0.22, 0.27, 0.33)),
    "dusk": ((0.8, 0.42, 0.18), (0.2, 0.22, 0.3), (0.08, 0.16, 0.42), (1.3, 0.7, 0.38), (0.5, 0.28, 0.3)),
}


@dataclass(frozen=True)
class Rows:
    """Heights (metres) of the two rows of buildings along the street, one entry a metre from `start`."""

    left: np.ndarray
    right: np.ndarray
    line_left: float
    line_right: float
    start: float

    def sunlit(self, light: Light, lateral: np.ndarray, y: np.ndarray | float, z: np.ndarray) -> np.ndarray:
        """1 where the sun reaches the points (lateral, y, z), 0 where a row stands between; float32 (...,)."""
        east, up, north = light.to_sun
        if abs(east) < 1e-3:
            return np.ones(np.shape(lateral), np.float32)
        heights, line = (self.right, self.line_right) if east > 0 else (self.left, -self.line_left)
        steps = np.maximum((line - lateral) / east, 0.0)
        index = np.clip((z + steps * north - self.start).astype(np.int32), 0, len(heights) - 1)
        return (heights[index] <= y + steps * up).astype(np.float32)


def sky_radiance(
    light: Light, east: np.ndarray, up: np.ndarray, cloud_shift: tuple[float, float]
) -> np.ndarray:
    """Radiance of the sky for rays (east, up, forward 1) with up > 0, broadcast to (..., 3)."""
    rise = np.clip(up / 0.55, 0.0, 1.0)[..., None] ** np.float32(0.55)
    base = light.skyline * (1 - rise) + light.zenith * rise
    height = np.maximum(up, 0.0) + 0.12
    shape = look_up_smooth(fractal_tile(), east / height * 46 + cloud_shift[0], 34 / height + cloud_shift[1])
    cover = np.clip((shape + light.cloudiness) * 0.75, 0.0, 1.0)[..., None]
    relief = look_up_smooth(
        fractal_tile(), east / height * 46 + cloud_shift[0] + 9, 34 / height + cloud_shift[1] - 7
    )
    cloud = light.cloud * (1.0 + 0.16 * (relief - shape))[..., None]
    fade = np.clip(up / 0.1, 0.0, 1.0)[..., None]
    sky = base * (1 - cover * fade * 0.9) + cloud * cover * fade * 0.9
    return (1.3 * sky).astype(np.float32)
