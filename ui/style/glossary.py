"""What the words on screen mean: one definition for every term, shown where the pointer or the focus rests on it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from markupsafe import Markup, escape

TERMS: dict[str, str] = {
    "abstained": "Too few votes agree: nothing is claimed about this output, not even without an attack.",
    "accuracy": "Share of the outputs with a reference whose smoothed label is right; abstaining is not right.",
    "additions": "Attributes that the adversary turns from absent to present, counted over the whole graph.",
    "allocation": "How the adversary divides one budget among the regions or clusters.",
    "alpha": "The probability that the sampling misleads about any output at all, chosen before looking.",
    "agreements": "Estimation copies, drawn apart from the pilot, in which the model gives the output its label.",
    "average certified radius": "The area under the certified curve: the largest ε that is withstood, averaged over "
    "outputs.",
    "bound": "A lower limit for the true share of votes, computed from counts (Clopper and Pearson): it is too high "
    "only with the stated small probability.",
    "bound on p": "A lower limit for the true share of votes for the label, computed from the agreements; all outputs "
    "are right together with the stated confidence.",
    "branch and bound": "A search through all divisions of the budget that stops when it has proven what it can.",
    "budget": "The most the adversary may change: for images the norm ε of the change, for graphs the numbers of "
    "additions and deletions.",
    "ceiling": "The share that survives the worst division of the budget found: no collective method can prove more "
    "from these bounds.",
    "certified accuracy": "Share of the outputs with a reference that are right and proven to stay right.",
    "certified by itself": "Even the whole budget, spent where it hurts this output most, can not change its label.",
    "certified information gain": "The certified share, where a group of classes counts for as much as it tells: less "
    "than a class.",
    "certified ratio": "Share of all outputs that are proven to keep their label, right or wrong.",
    "certified": "Proven to keep its label under every change within the budget, with the stated confidence.",
    "collective": "Proven for all outputs at once: the adversary has one budget for all of them and must divide it.",
    "chosen after looking": "What was chosen once the samples had been seen: this explores, and promises nothing.",
    "clusters so far": "Clusters that have had their turn; nothing is claimed about the others yet.",
    "confidence": "The probability over the sampling with which everything claimed here is true, all outputs together.",
    "cluster": "A group of nodes that share their noisy copies; the adversary pays by cluster.",
    "correction": "How the error probability alpha is shared among many outputs.",
    "cost of the worst attack found": "What the worst allocation spends, weighed for this output; to compare with its "
    "threshold.",
    "edge additions": "Edges that the adversary puts between two nodes that have none, counted over the whole graph.",
    "edge deletions": "Edges that the adversary takes away, counted over the whole graph.",
    "deletions": "Attributes that the adversary turns from present to absent, counted over the whole graph.",
    "envelope": "The concave hull of how many outputs fall against what is spent: a bound that needs no search.",
    "gap": "Ceiling minus proven share: what a better collective method could still gain, and no more.",
    "groups of classes": "Outputs whose label is a group, such as vehicles, because no single class is certain.",
    "influence": "How much the content of one region matters for the labels of another: measured under noise, or "
    "previewed by gradients.",
    "k free among": "Values of k that share alpha, so that one may be chosen after looking; bounds may fail for k - 1 "
    "outputs, which are subtracted.",
    "look": "A moment, fixed beforehand, at which a running sampling may be read; the levels are shared among all "
    "looks.",
    "majority": "More than half of all votes.",
    "mean IoU": "Intersection over union of prediction and reference, averaged over the classes that occur.",
    "naive": "Counting outputs certified by themselves, as if the adversary had a whole budget for each of them.",
    "noise level": "Standard deviation of the noise; pixel values run from 0 (black) to 1 (white).",
    "not certified": "The worst allocation found exceeds what this output is proven to withstand. It need not fall.",
    "own radius": "The largest ε that this output withstands whatever all others do.",
    "pilot": "A first set of noisy copies that only chooses each output's label.",
    "pilot votes": "What the first set of noisy copies said; it only chooses the label.",
    "proven bound": "A lower limit for the true score of the label, computed from counts.",
    "published LP": "The linear program of the paper: it replaces steps by ramps and proves less than the envelope.",
    "radius": "The largest ε that is withstood. Averaged over outputs it is the area under the certified curve.",
    "region": "A cell of the grid: its pixels share their noisy copies, and the adversary pays by region.",
    "regions so far": "Regions that have had their turn; nothing is claimed about the others yet.",
    "same label without noise": "Share of outputs whose label under noise is the one the model gives without noise.",
    "samples per cluster": "Noisy copies of the graph drawn for the nodes of each cluster.",
    "samples per region": "Noisy copies of the picture drawn for the pixels of each region.",
    "saved by adaptive sampling": "Announced noisy copies that adaptive sampling did not draw.",
    "smoothed": "The label that wins most often under noise; every claim is about these labels.",
    "subtracted": "Bounds that may fail under the count-level correction: as many are taken off the count.",
    "survives the worst attack found": "The whole budget aimed at it would be too much, but the worst allocation found "
    "spares it. An illustration of the count, not a claim about this output.",
    "threshold": "The weighted budget that an output is proven to withstand; it follows from its bound.",
    "votes": "How many noisy copies gave the output its label.",
    "weight": "What one unit of budget spent in a region costs an output: little noise makes it dear, much cheap.",
    "withstands alone": "Changes of one kind that this node withstands wherever they are made.",
    "worst allocation found": "The division of the budget that takes the most outputs, as far as the search has found.",
    "wrong": "The smoothed label differs from the reference: not counted among the correct ones.",
}
"""Definition by term, as it is written in the middle of a sentence."""
_KEYS = {
    **{f"{name}s".lower(): name for name in TERMS if name != "look"},  # "looks" is a verb as often
    **{name.lower(): name for name in TERMS},
}
"""Term by how it is written: in the singular and in the plural."""

UNIT = "‖δ‖₂ or ‖δ‖₁ of the change; pixel values run from 0 (black) to 1 (white)"


def norm_words(norm: str) -> str:
    """The unit of ε for a norm: "l2" or "l1"."""
    return f"{'‖δ‖₂' if norm == 'l2' else '‖δ‖₁'}, black to white = 1"


def budget_axis(norm: str) -> str:
    """What stands at an axis of budgets: for a norm as `norm_words` takes it, "" if there are several."""
    return f"budget ε ({norm_words(norm)})" if norm else "budget ε (each setting's own norm)"


def known_terms(texts: Iterable[str]) -> tuple[str, ...]:
    """The terms in some texts, in order, each once, as the glossary writes them."""
    return tuple(
        dict.fromkeys(_KEYS[found[0].lower()] for text in texts for found in _PATTERN.finditer(text))
    )


def term(words: object) -> Markup:
    """Words with their definition where they are a term, else the words."""
    name = _KEYS.get(str(words).lower())
    return escape(words) if name is None else _marked(str(words), TERMS[name])


def terms(text: object) -> Markup:
    """A sentence in which every known term has its definition, at its first place."""
    if isinstance(text, Markup):
        return text
    seen: set[str] = set()
    pieces, place, sentence = [], 0, str(text)
    for found in _PATTERN.finditer(sentence):
        name = _KEYS[found[0].lower()]
        if name not in seen:
            seen.add(name)
            pieces += [escape(sentence[place : found.start()]), _marked(found[0], TERMS[name])]
            place = found.end()
    return Markup("").join([*pieces, escape(sentence[place:])])


def _marked(words: str, definition: str) -> Markup:
    return Markup('<span class="lrs-term" tabindex="0" data-definition="{}">{}</span>').format(
        definition, words
    )


_PATTERN = re.compile(
    r"\b(?:" + "|".join(sorted(map(re.escape, _KEYS), key=len, reverse=True)) + r")\b", re.IGNORECASE
)
