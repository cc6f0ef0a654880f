"""The run of the segmentation page: its place on the page and the button that starts it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jobs import JobSnapshot
from lrscore.images.certificate import ImageCertificate
from lrscore.images.settings import ImageSettings
from lrscore.standing import Standing
from ui.certification.cheaper import Cheaper, draw_cheaper
from ui.certification.claim import warn_if_hopeless
from ui.certification.work import dressing_suffix
from ui.images.fitting import fits
from ui.images.models import load_of_record
from ui.images.request import SAMPLES, Request
from ui.images.runs import RunRequest, certification_work, work_of
from ui.images.sources import Source, source_of_certificate
from ui.library.going_on import share_left
from ui.library.opened import IMAGE_JOB, IMAGE_STORED, runs_folder
from ui.running.job_words import certified_text, kept_text
from ui.running.machine_resources import model_shelf, pacemaker
from ui.running.page_job import PageJob, Planned, device_name
from ui.style.words import counted

RUN = PageJob(IMAGE_JOB, done=certified_text, kept=kept_text, replaces=IMAGE_STORED)

_COARSER = ((3, 5), (2, 3), (2, 2))
_FEWEST, _PILOT = 128, 32


def draw_run_button(source: Source | None, request: Request | None, job: JobSnapshot | None) -> None:
    """The Run button with an estimate, and a cheaper run for a long one; disabled while there is nothing to run."""
    planned = None
    if request is not None and source is not None and fits(source, request):
        run = RunRequest(source, request.settings, request.seed, request.model, runs_folder())
        planned = Planned(
            run.title,
            certification_work(run, model_shelf(), pacemaker()),
            seconds_of(source, request.settings, request.dressing),
        )
    RUN.draw_button(planned, job, "Run", key="run")
    if planned is not None and source is not None and request is not None:
        draw_cheaper("image", planned.seconds, cheaper_runs(source, request.settings, request.dressing))
        warn_if_hopeless(request.settings, source.image[0].size, "pixels")


def rest_of(standing: Standing) -> Planned:
    """The rest of a run that was cut off.

    Raises:
        InputError: its model is not on offer any more.
    """
    certificate = standing.certificate
    assert isinstance(certificate, ImageCertificate)
    settings = certificate.settings
    model = load_of_record(certificate.provenance.get("model", ""), settings)
    source = source_of_certificate(certificate)
    run = RunRequest(source, settings, int(certificate.provenance["seed"]), model, runs_folder(), standing)
    seconds = seconds_of(source, settings, dressing_suffix(model)) * share_left(standing)
    return Planned(run.title, certification_work(run, model_shelf(), pacemaker()), seconds)


def cheaper_runs(source: Source, settings: ImageSettings, dressing: str = "") -> Iterator[Cheaper]:
    """Runs with fewer copies, then with fewer regions, too; the dearest first."""
    grids = [settings.grid]
    if settings.levels is None:
        grids += [grid for grid in _COARSER if grid[0] * grid[1] < settings.grid[0] * settings.grid[1]]
    for rows, cols in grids:
        for samples in sorted((n for n in SAMPLES if _FEWEST <= n <= settings.samples), reverse=True):
            pilot = min(settings.pilot_samples, _PILOT)
            less = replace(settings, grid=(rows, cols), samples=samples, pilot_samples=pilot)
            words = f"{rows}×{cols} regions, {counted(samples, 'sample')}"
            values = {"rows": rows, "cols": cols, "samples": samples, "pilot": pilot}
            yield Cheaper(words, values, seconds_of(source, less, dressing))


def seconds_of(source: Source, settings: ImageSettings, dressing: str = "") -> float:
    """About how long a run takes on this machine, of a model with that around it."""
    height, width = source.image.shape[1:]
    return pacemaker().seconds(device_name() + dressing, height * width, work_of(settings, (height, width)))
