"""What every page wears: the style sheet, headings, figures."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from ui.style.templates import render
from ui.style.theme import current_theme

ICON = str(Path(__file__).parent / "assets" / "icon.png")
"""The picture in the browser's tab, from this machine: the material icons there would come from the network."""


@functools.cache
def _style() -> str:
    return (Path(__file__).parent / "assets" / "page.css").read_text(encoding="utf-8")


def use_style() -> None:
    """Add the style sheet to the page, with the colours of the reader's theme; once per run, from the shell."""
    theme = current_theme()
    colours = {
        "background": theme.background,
        "surface": theme.surface,
        "text": theme.text,
        "muted": theme.muted,
        "border": theme.border,
        "primary": theme.primary,
        "on-primary": theme.on_primary,
        "accent": theme.accent,
    }
    variables = "".join(f"--lrs-{name}: {colour};" for name, colour in colours.items())
    st.html(f"<style>:root {{{variables}}}\n{_style()}</style>")


def presenter_style() -> None:
    """Large type and nothing around the page, for a projector."""
    st.html(f"<style>html {{ font-size: 18px !important; }}\n{_bare_style()}</style>")


def embedded_style() -> None:
    """Nothing around the page, for a frame in another one."""
    st.html(f"<style>{_bare_style()}</style>")


@functools.cache
def _bare_style() -> str:
    return (Path(__file__).parent / "assets" / "stage.css").read_text(encoding="utf-8")


def heading(title: str, kicker: str, lead: str = "") -> None:
    """The page's title with a line above and, if wanted, a paragraph below."""
    st.html(render("heading", title=title, kicker=kicker, lead=lead))


def figure(picture: str, *, alt: str, title: str, caption: str = "") -> None:
    """A picture, by its address, with a title and caption below it."""
    st.html(render("figure", picture=picture, alt=alt, title=title, caption=caption, broken=False))


def quiet(text: str) -> None:
    """A small line beside a control."""
    st.html(render("quiet", text=text))


def tell_unheard(asked: Sequence[tuple[str, str]]) -> None:
    """What a link asks for and is not offered, control by control; nothing if it is all there."""
    if asked:
        st.html(render("unheard", asked=asked))
