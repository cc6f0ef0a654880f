"""Steps 5 to 8: growing budgets, counting together, the adversary's division, views and windows."""

from __future__ import annotations

import numpy as np

from lrscore.images.attack.budget import spent_budget
from lrscore.images.certificate import ImageCertificate
from ui.components.stage import Act, Copies, NoisyPicture, StateSteps, Wipe
from ui.images.adversary import picture_game
from ui.images.states import counted_pixels, pixel_states
from ui.lessons import budget, windows
from ui.lessons.lesson import Lesson, Question, choice
from ui.lessons.material import Material
from ui.lessons.single import spread
from ui.style.palette import CERTIFIED, STATES, UNCERTIFIED
from ui.style.pictures import colour_picture, grey_picture
from ui.style.words import share

STEPS = 10


def states_at(material: Material, index: int) -> np.ndarray:
    """(H, W) numbers of the states at a budget of the curves."""
    curves = material.curves
    found = pixel_states(
        material.certificate, float(curves.epsilons[index]), curves.allocation[index], material.count
    )
    return found.numbers


def alone_at(material: Material, index: int) -> np.ndarray:
    """The same map when each pixel is counted by itself: what an allocation only spares is not certified."""
    numbers = states_at(material, index).copy()
    certified = material.certificate.certified_mask(float(material.curves.epsilons[index]))
    kept = (STATES.index(CERTIFIED), STATES.index(UNCERTIFIED))
    by_budget = np.isin(numbers, kept) | (numbers == STATES.index(UNCERTIFIED) + 2)
    numbers[by_budget & ~certified] = STATES.index(UNCERTIFIED)
    return numbers


def proven_words(material: Material, index: int) -> str:
    """The proven share at a budget."""
    return share(int(material.curves.proven[index]), material.curves.outputs)


def naive_words(material: Material, index: int) -> str:
    """The share certified one by one."""
    return share(int(material.curves.naive[index]), material.curves.outputs)


def half_index(material: Material) -> int:
    """Position of half the budget where the curves part."""
    return material.curves.index(material.epsilon / 2)


def _steps(material: Material) -> Act:
    curves = material.curves
    last = min(2 * material.index, len(curves.epsilons) - 1)
    places = sorted({round(part) for part in np.linspace(0, last, STEPS + 1)} | {material.index})
    captions = [
        f"ε = {curves.said(place)}: at least {proven_words(material, place)} certified together, "
        f"{naive_words(material, place)} "
        f"one by one; no method can prove more than {share(int(curves.ceiling[place]), curves.outputs)} from "
        "these bounds."
        for place in places
    ]
    return StateSteps(
        grey_picture(material.certificate.image),
        np.stack([states_at(material, place) for place in places]),
        captions,
        "Budget ε (‖δ‖₂, black to white = 1)",
        [curves.said(place) for place in places],
        first=0,
    )


def _ask_steps(material: Material) -> Question:
    half, whole = half_index(material), material.index
    curves = material.curves
    before = proven_words(material, half)
    return choice(
        f"At ε = {curves.said(half)} at least {before} of the pixels are certified. The budget **doubles**. "
        "What is left?",
        proven_words(material, whole),
        (before, share(int(curves.proven[half]) // 4, curves.outputs), "nothing"),
        f"At ε = {curves.said(whole)} it is {proven_words(material, whole)}. Pixels do not fall in "
        "proportion: most hold out "
        "for long, then many fall at once.",
        place=1,
    )


def _wipe(material: Material) -> Act:
    index = material.index
    return Wipe(
        grey_picture(material.certificate.image),
        alone_at(material, index),
        states_at(material, index),
        (f"each by itself: {naive_words(material, index)}", f"together: {proven_words(material, index)}"),
    )


def _ask_wipe(material: Material) -> Question:
    index, curves = material.index, material.curves
    right = naive_words(material, index)
    return choice(
        f"At ε = {curves.said(index)} at least {proven_words(material, index)} of the pixels are certified "
        "**together**. How "
        "many are certified if each is judged by itself, against the whole budget?",
        right,
        (proven_words(material, index), share(int(curves.proven[index]) // 2, curves.outputs)),
        "Judged alone, each pixel faces the whole budget right where it hurts. But there is one "
        "budget for all: "
        "spent here, it is missing there. The map on the right shows one division, the worst found; the "
        "number holds for "
        "every division.",
        place=0,
    )


def concentration(material: Material) -> int:
    """How many regions take nine tenths of the worst allocation found."""
    spent = np.sort(material.curves.allocation[material.index])[::-1]
    return int(np.searchsorted(spent.cumsum(), 0.9 * spent.sum()) + 1)


def _ask_game(material: Material) -> Question:
    regions, used = material.certificate.regions.count, concentration(material)
    answers = ("all of it in one region", "in some regions, not in others", "evenly in all regions")
    right = 0 if used == 1 else 2 if used >= 0.9 * regions else 1
    return Question(
        "You are the adversary, with one budget for the whole picture. How would you divide it to fell the "
        "most pixels?",
        answers,
        right,
        f"The worst division found puts nine tenths of the budget into {used} of {regions} regions: where "
        "many pixels just "
        "barely stand. Now try to come near it.",
    )


def _game(material: Material) -> Act:
    spent = attack_spent(material)
    return picture_game(material.certificate, material.curves, material.index, material.count, spent)


def attack_spent(material: Material) -> np.ndarray | None:
    """(J,) budget that the stored attack spends in every region; None without one within the budget."""
    attack, certificate = material.attack, material.certificate
    if attack is None or attack.epsilon > material.epsilon + 1e-9:
        return None
    changed = certificate.image + attack.change
    return spent_budget(
        certificate.image, changed, certificate.regions.index_map(), certificate.noise.exponent
    )


def view_levels(material: Material, views: ImageCertificate) -> tuple[float, float]:
    """Noise of the near and of the far view."""
    return float(views.settings.level_min), float(views.settings.level_max)


def _views(material: Material) -> Act | None:
    if material.views is None:
        return None
    near, far = view_levels(material, material.views)
    pixels = colour_picture(material.certificate.image)
    window = np.full(material.certificate.regions.count, np.inf)
    groups = material.certificate.groups.reshape(material.certificate.shape)
    window[int(groups[material.pixel])] = near
    return Copies(
        (
            NoisyPicture(f"near view: its own window, σ = {near:g}", pixels, spread(material, window)),
            NoisyPicture(f"far view: everything, σ = {far:g}", pixels, np.full(pixels.shape[:2], far)),
        )
    )


def proven_at(certificate: ImageCertificate, epsilon: float, material: Material) -> int:
    """Certified count of a certificate of the scene, counted as the scene's own."""
    targets = counted_pixels(certificate, material.count)
    found = certificate.collective(np.array([certificate.noise.budget(epsilon)]), "envelope", targets)
    return int(found.certified[0])


def _ask_views(material: Material) -> Question:
    regions = material.certificate.regions.count
    right = "the two views" if material.views is None else _better(material, material.views)[0]
    told = "" if material.views is None else _better(material, material.views)[1]
    return choice(
        f"Instead of separate noisy copies for {regions} regions, one **pair** serves all: a sharp window of "
        "its own for each "
        "region, and a blurred view of everything. At equal cost, which proves more at this ε?",
        right,
        ("separate copies for each region", "the two views", "both the same"),
        f"{told} Two views need a network that is built for them; where the budget is large, their far noise "
        "pays off.",
        place=1,
    )


def _better(material: Material, views: ImageCertificate) -> tuple[str, str]:
    epsilon, outputs = material.epsilon, material.curves.outputs
    apart, pair = proven_at(material.certificate, epsilon, material), proven_at(views, epsilon, material)
    both = f"{share(apart, outputs)} from separate copies, {share(pair, outputs)} from two views"
    words = f"At ε = {epsilon:.3g}: {both}."
    if apart == pair:
        return "both the same", words
    return ("separate copies for each region" if apart > pair else "the two views"), words


STEPS_STEP = Lesson(
    "ε doubles: guess what happens",
    "The budget grows, and pixels fall. Dark blue stands by itself, light blue is spared by the worst "
    "division found.",
    "Stop at a budget where dark blue is gone and light blue is not: that band is what counting together proves.",
    _ask_steps,
    _steps,
)
WIPE_STEP = Lesson(
    "Each by itself, or all together",
    "One picture, one ε, two ways to count the same votes. Drag the line.",
    "Drag slowly from right to left. Nothing was sampled anew: the same votes, counted in another way.",
    _ask_wipe,
    _wipe,
    lambda theme: budget.play(theme),
)
GAME_STEP = Lesson(
    "Be the adversary",
    "Click or drag over the regions: each stroke spends a twentieth of the budget. Pale pixels **could "
    "fall**: their proof "
    "is not strong enough for what you spend.",
    "Let somebody come to the front and play; then load the machine's division, and the attack that was found by "
    "optimisation: it is no worse than the proof allows. Could fall does not mean "
    "falls: the proof "
    "only stops here.",
    _ask_game,
    _game,
)
VIEWS_STEP = Lesson(
    "Views and windows",
    "Two noisy views instead of many copies: what a region sees **sharply**, and what it sees of the rest.",
    "The near view is blank outside its window: whatever happens there can only come through the far view.",
    _ask_views,
    _views,
    lambda theme: windows.play(theme),
)
