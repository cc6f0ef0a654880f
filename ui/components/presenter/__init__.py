"""Presenter mode: keys that work whatever has the focus, notes in a window of their own, a code of the address."""

from ui.components.presenter.component import draw_presenter
from ui.components.presenter.state import adopt_link, compact, embedded, on_stage, say_notes

__all__ = ["adopt_link", "compact", "draw_presenter", "embedded", "on_stage", "say_notes"]
