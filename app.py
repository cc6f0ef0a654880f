"""The dashboard's server: `streamlit run app.py`. What a browser sees begins in `ui/shell.py`."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.middleware import Middleware

from jobs import close_all_managers, settle
from lrscore.atomic import sweep
from lrscore.faults import library_folder
from lrscore.unfinished import recover_all
from ui.faults import quiet_terminal, show_fault
from ui.guard import Guard

HEAVY = (
    "ui.images.view",
    "ui.browse.showcase",
    "ui.running.page_job",
    "ui.graphs.view",
    "lrscore.collective",
)


def tidy_library() -> None:
    """Delete what killed processes left unfinished in the library."""
    library = library_folder()
    if library.is_dir():
        for folder in (
            library,
            *(path for path in library.iterdir() if path.is_dir() and not path.is_symlink()),
        ):
            sweep(folder)
            recover_all(folder)


@asynccontextmanager
async def load_before_the_first_visit(server: st.App) -> AsyncIterator[None]:
    """Import what the first page needs while the server starts, so that the first visitor does not wait for it."""
    for name in HEAVY:
        await asyncio.to_thread(importlib.import_module, name)
    settle()
    quiet_terminal()
    await asyncio.to_thread(tidy_library)
    try:
        yield
    finally:  # while threads can still be started: what is under way is left so that it can go on
        await asyncio.to_thread(close_all_managers)


app = st.App(
    "ui/shell.py",
    lifespan=load_before_the_first_visit,
    middleware=[Middleware(Guard)],
    on_script_error=show_fault,
)
