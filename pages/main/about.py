"""What the guarantee says, and what it does not."""

import streamlit as st

from ui.components.presenter import compact
from ui.images.legend import meanings_html
from ui.style.chrome import heading
from ui.style.glossary import TERMS
from ui.style.templates import render
from ui.style.theme import current_theme

LIMITS = (
    (
        "Other perturbations",
        "Only additive changes, measured in the norm on screen.",
        "Not rotation, cropping, weather, another camera, or a printed sticker beyond the budget.",
    ),
    (
        "Edges of a graph, unless the noise flips them",
        "On graphs the adversary adds and deletes attributes.",
        "Edges stay as they are, but where the certificate was made with flips of edges: there they have budgets of "
        "their own.",
    ),
    (
        "Correctness",
        "A pixel can be certified and wrong.",
        "Where a reference exists, wrong pixels are shown and can be left out of the count.",
    ),
    (
        "The base model without noise",
        "The guarantee is for the smoothed model that votes under noise.",
        "Deploying the bare network instead loses it.",
    ),
    (
        "Bad luck",
        "With probability α the sampling misleads.",
        "α is shared among all pixels, so the statement holds for all of them together, but not across many images or "
        "many tries: a setting chosen *because* its number came out best needs fresh samples.",
    ),
    (
        "The last bits",
        "To pictures of 8 bits noise is added exactly.",
        "To others it is added in 32-bit arithmetic: a model built to read, in the rounding, which picture was noised "
        "is outside the promise there.",
    ),
    (
        "Views",
        "Such a certificate holds for a network that sees no more of each view than its window.",
        "The network is tried on the picture and refused where it sees farther; a trial can not prove that it never "
        "does.",
    ),
    (
        "The published Holm levels",
        "They are offered for comparison, marked as not valid.",
        "Levels by rank do not control the error of bounds that are read off afterwards.",
    ),
)
"""Title, first words and the rest; on a stage there is room for the first words."""

heading(
    "What is guaranteed, and what is not",
    "About and limits",
    "With probability at least 1 − α over the sampling: at every budget ε, at least the certified number of pixels "
    "keeps its label under every perturbation of the image whose norm is at most ε.",
)
if compact():
    left, right = st.columns([2, 3], gap="large")
    left.html(meanings_html(dark=current_theme().dark))
    with right:
        st.markdown("**What it does not cover**")
        st.markdown("\n".join(f"- **{title}.** {first}" for title, first, _ in LIMITS))
    st.stop()
left, right = st.columns(2, gap="large")
with left:
    st.header("How to read the number", anchor=False)
    st.markdown(
        """
- The certificate is a **count**. It says how many pixels keep their label under *every* perturbation within the
  budget, not which ones: another perturbation may spare other pixels.
- **Certified by itself** is a fact about one pixel: even the whole budget, spent where it hurts this pixel most,
  can not change its label.
- **Survives the worst attack found** belongs to one explicit division of the budget among the regions. It shows
  what the adversary has to give up; it is an illustration, and an upper end (the *ceiling*) for what any method
  could prove from the same bounds.
- **Not certified** does not mean broken. It means that the votes do not exclude it.
- The **gap** between ceiling and certified count is what a better collective method could still gain.
- Labels are those of the *smoothed* model: the class that wins most often under the noise of the pixel's region.
"""
    )
    st.header("The five states", anchor=False)
    st.html(meanings_html(dark=current_theme().dark))
with right:
    st.header("What it does not cover", anchor=False)
    st.markdown("\n".join(f"- **{title}.** {first} {rest}" for title, first, rest in LIMITS))
    st.header("Words", anchor=False)
    with st.expander("Every term that has a definition"):
        st.html(render("glossary", entries=sorted(TERMS.items())))
    st.header("Source", anchor=False)
    st.markdown(
        "Schuchardt, Wollschläger, Bojchevski, Günnemann: *Localized Randomized Smoothing for Collective Robustness "
        "Certification*, ICLR 2023, [arXiv 2210.16140](https://arxiv.org/abs/2210.16140). The envelope, its dual "
        "proofs and the ceiling are this project's own."
    )
