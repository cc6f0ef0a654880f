"""The run of the segmentation page: its place on the page and the button that starts it."""

from __future__ import annotations

from jobs import JobSnapshot
from ui.images.request import Request
from ui.images.runs import RunRequest, certification_work, model_for
from ui.images.sources import Source
from ui.library.opened import IMAGE_JOB, IMAGE_STORED, runs_folder
from ui.running.job_words import certified_text, kept_text
from ui.running.machine_resources import model_shelf, pacemaker
from ui.running.page_job import PageJob, Planned, device_name

RUN = PageJob(IMAGE_JOB, done=certified_text, kept=kept_text, replaces=IMAGE_STORED)


def draw_run_button(source: Source | None, request: Request | None, job: JobSnapshot | None) -> None:
    """The Run button with an estimate; disabled while there is nothing to run or a run is under way."""
    planned = None
    if request is not None and source is not None:
        model = model_for(request.settings)
        run = RunRequest(source, request.settings, request.seed, model, runs_folder())
        pixels = source.image.shape[1] * source.image.shape[2]
        seconds = pacemaker().seconds(device_name(), pixels, run.work)
        planned = Planned(run.title, certification_work(run, model_shelf(), pacemaker()), seconds)
    RUN.draw_button(planned, job, "Run", key="run")
