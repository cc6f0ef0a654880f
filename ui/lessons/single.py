"""Steps 1 to 4: noise, votes, levels, and what one budget looks like."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import norm

from lrscore.statistics import clopper_pearson_lower
from ui.components.stage import Act, Copies, Levels, NoisyPicture, Picture, Pictures, Votes
from ui.images.story import class_name
from ui.lessons import ellipse, one_pixel, sampling
from ui.lessons.lesson import Lesson, Question, choice
from ui.lessons.material import Material
from ui.style.pictures import colour_picture

GREYS = 255
MOST_BOUNDS = 2000
"""Numbers of copies of one pixel at which its bound is computed: all of them, unless there are more."""


def level_map(material: Material) -> np.ndarray:
    """(H, W) noise levels seen from the voting pixel's region."""
    certificate = material.certificate
    group = certificate.groups.reshape(certificate.shape)[material.pixel]
    return spread(material, certificate.noise_levels[group])


def spread(material: Material, values: np.ndarray) -> np.ndarray:
    """(H, W) the value (J,) of every pixel's region."""
    regions = material.certificate.regions
    picture = np.empty(material.certificate.shape)
    for region in range(regions.count):
        picture[regions.slices(region)] = values[region]
    return picture


def _copies(material: Material) -> Act:
    pixels = colour_picture(material.certificate.image)
    return Copies((NoisyPicture("what the model sees", pixels, level_map(material), home_box(material)),))


def home_box(material: Material) -> tuple[int, int, int, int]:
    """(top, left, bottom, right) of the voting pixel's region."""
    certificate = material.certificate
    group = int(certificate.groups.reshape(certificate.shape)[material.pixel])
    return region_boxes(material)[group]


def region_boxes(material: Material) -> tuple[tuple[int, int, int, int], ...]:
    """(top, left, bottom, right) of every region."""
    regions = material.certificate.regions
    slices = (regions.slices(region) for region in range(regions.count))
    return tuple((rows.start, columns.start, rows.stop, columns.stop) for rows, columns in slices)


def _ask_copies(material: Material) -> Question:
    return Question(
        "The model labels each noisy copy anew. Which label does the *smoothed* model give a pixel?",
        (
            "the one of the picture without noise",
            "the one that wins most often over many copies",
            "the one of the brightest copy",
        ),
        1,
        "It lets the copies vote. A small change of the picture hides in noise that is there anyway, so it "
        "can move the "
        "votes only a little: that is the whole idea.",
    )


def needed_copies(material: Material) -> int:
    """The fewest unanimous copies whose bound exceeds one half: the first `n` with `level ** (1 / n) > 1 / 2`."""
    return math.floor(math.log(error_level(material)) / math.log(0.5)) + 1


def error_level(material: Material) -> float:
    """Error probability of one pixel's bound."""
    certificate = material.certificate
    return certificate.settings.alpha / certificate.labels.size


def vote_path(material: Material) -> Votes:
    """The stored votes of the pixel, in an order drawn anew: the total is the stored one, the order was not kept."""
    certificate, place = material.certificate, material.pixel
    group = int(certificate.groups.reshape(certificate.shape)[place])
    total, trials = int(certificate.agreements[place]), int(certificate.trials[group])
    agrees = np.zeros(trials, dtype=bool)
    agrees[:total] = True
    np.random.default_rng(place).shuffle(agrees)
    counts = np.unique(np.geomspace(1, trials, MOST_BOUNDS).round().astype(int))
    bounds = clopper_pearson_lower(agrees.cumsum()[counts - 1], counts, error_level(material))
    level = float(certificate.noise_levels[group].min())
    radii = level * np.maximum(0, norm.ppf(np.maximum(bounds, 0.5)))
    name = class_name(certificate, int(certificate.labels[place]))
    pixels = colour_picture(certificate.image)
    return Votes(pixels, place, agrees, counts, np.asarray(bounds), np.asarray(radii), name)


def _ask_votes(material: Material) -> Question:
    certificate, needed = material.certificate, needed_copies(material)
    return choice(
        f"The bounds of all {certificate.labels.size:,} pixels must hold together, with "
        f"{1 - certificate.settings.alpha:.0%} "
        "confidence. How many copies, all of one opinion, until a bound passes one half?",
        f"{needed}",
        ("2", "1,000"),
        f"A pixel that is a coin toss says the same {needed} times in a row with probability 1/2^{needed}, "
        "less than "
        f"{error_level(material):.2g}, its part of the error. One half is passed soon; the radius takes many more.",
        place=1,
    )


def _levels(material: Material) -> Act:
    certificate = material.certificate
    return Levels(colour_picture(certificate.image), region_boxes(material), certificate.noise_levels)


def level_ratio(material: Material) -> float:
    """Far level over near level."""
    levels = material.certificate.noise_levels
    return float(levels.max() / levels.min())


def _ask_levels(material: Material) -> Question:
    ratio = level_ratio(material)
    levels = material.certificate.noise_levels
    return choice(
        f"Noise is {levels.min():g} in a pixel's own region and {levels.max():g} far away. The adversary "
        "strikes far away "
        "instead of at home. How much larger must the change be to do the same harm?",
        f"{ratio:.1f} times",
        ("just as large", f"{ratio**2:.1f} times"),
        f"A change of size d costs d²/σ², so sizes scale with the noise level: {levels.max():g} / "
        f"{levels.min():g}. "
        "Counted in ε², the budget, that is the square.",
        place=1,
    )


def spread_change(material: Material) -> float:
    """By how many of 255 grey levels every value changes when the budget is spread over the whole picture."""
    return GREYS * material.epsilon / math.sqrt(material.certificate.image.size)


def changes(material: Material) -> list[tuple[str, np.ndarray, str]]:
    """Changes (C, H, W) whose norm is the budget: title, change, and its size in everyday units."""
    image, epsilon = material.certificate.image, material.epsilon
    everywhere = np.full(image.shape, epsilon / math.sqrt(image.size), dtype=np.float32)
    region = np.zeros_like(image)
    inside = material.certificate.regions.slices(material.certificate.regions.count // 2)
    values = region[:, *inside].size
    region[:, *inside] = epsilon / math.sqrt(values)
    pixel = np.zeros_like(image)
    pixel[:, *material.pixel] = -epsilon / math.sqrt(len(image))
    found = [
        ("spread over the picture", everywhere),
        ("in one region", region),
        ("in one pixel", pixel),
    ]
    if material.attack is not None and material.attack.epsilon <= epsilon + 1e-9:
        found.append(("the worst attack found", material.attack.change))
    return [
        (title, change, f"largest change: {GREYS * float(np.abs(change).max()):.2g} of {GREYS} grey levels")
        for title, change in found
    ]


def _pictures(material: Material) -> Act:
    image = material.certificate.image
    shown = [
        Picture(title, colour_picture(image + change), words, colour_picture(_amplified(change)))
        for title, change, words in changes(material)
    ]
    return Pictures(shown, f"Only the change of ε = {material.epsilon:.3g}, amplified until it shows")


def _amplified(change: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * change / max(float(np.abs(change).max()), 1e-12)


def _ask_pictures(material: Material) -> Question:
    size = spread_change(material)
    return choice(
        f"ε = {material.epsilon:.3g} is spread over the whole picture. By how much does each pixel change, of "
        f"{GREYS} grey "
        "levels?",
        f"by {size:.2g}",
        (f"by {25 * size:.2g}", f"by {150 * size:.2g}"),
        f"ε is the square root of the sum of squares over {material.certificate.image.size:,} values: tiny "
        "when spread, "
        "visible in one pixel. No eye sees it, and it may still be enough for an attack.",
        place=0,
    )


COPIES_STEP = Lesson(
    "A copy, and another copy",
    "The model never sees the picture itself: it sees **noisy copies** of it, at exactly the levels of this "
    "certificate, "
    "little noise around the marked region and much far away.",
    "Let the copies run for a while before asking. Where do you still recognise what is there? That is where "
    "labels will be "
    "certain. Stop the animation and go copy by copy.",
    _ask_copies,
    _copies,
)
VOTES_STEP = Lesson(
    "One pixel votes",
    "Every copy is a vote. The stored votes of one pixel fill up; the thick line is what they **prove** "
    "about all copies "
    "there could be. Click another pixel: a certain one, or one at an edge.",
    "Click the sky, then an edge. The order of the votes is drawn anew, their number is the stored one: the "
    "certificate "
    "uses all copies, fixed in advance; what stands at fewer copies is what it would have been with fewer.",
    _ask_votes,
    vote_path,
    lambda theme: sampling.play(theme),
)
LEVELS_STEP = Lesson(
    "Little noise near, much noise far",
    "A pixel's label depends on its surroundings most of all. So each region is judged under little noise at "
    "home and much "
    "far away. Pick a region and see the levels it is judged under.",
    "Set both levels equal in the chart below: a circle, the classical case. Then raise the far one: the "
    "ellipse grows in "
    "the direction that hurts accuracy little.",
    _ask_levels,
    _levels,
    lambda theme: ellipse.play(theme),
)
PICTURES_STEP = Lesson(
    "What one ε looks like",
    "The same budget, spent in four ways. Can you tell the pictures apart?",
    "Switch the amplifier on only after people have tried. The attack looks like nothing either: it is "
    "small, and it is "
    "aimed.",
    _ask_pictures,
    _pictures,
    lambda theme: one_pixel.play(theme),
)
