"""The dashboard's server: `streamlit run app.py`. What a browser sees begins in `ui/shell.py`."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from jobs import settle

HEAVY = (
    "ui.images.view",
    "ui.browse.showcase",
    "ui.running.page_job",
    "ui.graphs.view",
    "lrscore.collective",
)


@asynccontextmanager
async def load_before_the_first_visit(server: st.App) -> AsyncIterator[None]:
    """Import what the first page needs while the server starts, so that the first visitor does not wait for it."""
    for name in HEAVY:
        await asyncio.to_thread(importlib.import_module, name)
    settle()
    yield


app = st.App("ui/shell.py", lifespan=load_before_the_first_visit)
