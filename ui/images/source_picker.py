"""Choose what is certified: a bundled scene, a picture of a data set, or an uploaded photo."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from models.datasets.photos import WORKING_SIZE
from ui.images.dataset_picker import draw_dataset_picker
from ui.images.sources import Source, source_of
from ui.images.upload import EXTENSIONS, MAX_MEGABYTES, Upload, read_upload
from ui.library.bundled import Example, examples
from ui.library.opened import IMAGE_JOB, IMAGE_STORED
from ui.running.aside import read_content
from ui.style.chrome import quiet
from ui.widgets.linked import linked
from ui.widgets.uploader import Uploader

UPLOAD = "upload"
"""Value of the control "Scene" that stands for the uploaded photo."""

UPLOAD_TITLE = "Your own photo …"
DATASET, DATASET_TITLE = "dataset", "A picture of a data set …"
"""Value and title of the control "Scene" that stand for a picture of a data set."""


@dataclass(frozen=True, eq=False)
class Pick:
    """What is chosen: a bundled example, a data set's picture, an uploaded photo, or (none there yet) nothing."""

    example: Example | None = None
    upload: Upload | None = None
    picture: Source | None = None

    @property
    def title(self) -> str:
        """For people."""
        if self.example is not None:
            return self.example.title
        if self.picture is not None:
            return self.picture.title
        return self.upload.name if self.upload is not None else "your photo"

    def source(self) -> Source | None:
        """The picture itself; None if there is none yet."""
        if self.example is not None:
            return source_of(self.example)
        if self.picture is not None:
            return self.picture
        if self.upload is not None:
            return Source(self.upload.name, self.upload.name, self.upload.image, None)
        return None


def forget_run() -> None:
    """Another picture is chosen, so the run or file on screen is no longer the answer."""
    for name in (IMAGE_JOB, IMAGE_STORED):
        st.session_state.pop(name, None)
        st.query_params.pop(name, None)


def scene_titles() -> dict[str, str]:
    """What the control "Scene" offers, the default first: titles by value."""
    return {example.name: example.title for example in examples()} | {
        DATASET: DATASET_TITLE,
        UPLOAD: UPLOAD_TITLE,
    }


def draw_source_picker() -> Pick:
    """Draw the control, and the uploader if it is asked for."""
    known = {example.name: example for example in examples()}
    titles = scene_titles()
    chosen = linked(
        st.selectbox,
        "Scene",
        list(titles),
        key="image_scene",
        format_func=titles.__getitem__,
        on_change=forget_run,
        filter_mode=None,
    )
    if chosen == DATASET:
        return Pick(picture=draw_dataset_picker(forget_run))
    if chosen != UPLOAD:
        quiet(known[chosen].description)
        return Pick(example=known[chosen])
    height, width = WORKING_SIZE
    quiet(
        f"A larger photo is scaled down to fit {width}×{height} pixels, the size of the scenes that the model knows, "
        "and certified at that size."
    )
    uploader: Uploader[Upload] = Uploader(
        "photo", lambda content, name: read_content(read_upload, content, name, uploader.give_up), forget_run
    )
    hint = f"A street works best: the model knows CamVid's eleven classes. {', '.join(EXTENSIONS)}."
    upload = uploader.draw("Photo", megabytes=MAX_MEGABYTES, hint=hint)
    if upload is not None:
        remark = f": {upload.remark}" if upload.remark else ""
        quiet(f"{upload.name}{remark}.")
    return Pick(upload=upload)
