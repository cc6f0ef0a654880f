"""Repeat the certificate of a picture with other seeds, and see mean and range."""

from __future__ import annotations

from functools import partial

import numpy as np

from jobs.job import Work
from lrscore.images.certificate import ImageCertificate
from ui.certification.on_screen import Shown
from ui.certification.repeats import Repeatable, draw_repeats
from ui.images.attack.work import attack_model
from ui.images.curves import CurveSet
from ui.images.run_button import seconds_of
from ui.images.runs import RunRequest, certification_work
from ui.images.sources import source_of_certificate
from ui.images.states import Count, counted_pixels
from ui.running.machine import ModelShelf, Pacemaker
from ui.running.machine_resources import model_shelf, pacemaker
from ui.running.page_job import PageJob

REPEAT = PageJob("image_repeat", linked=False, quiet=True)


def repeat_run(
    certificate: ImageCertificate, model: str, shelf: ModelShelf, pace: Pacemaker, seed: int
) -> tuple[int, Work]:
    """Passes and work of one more run of a certificate's picture under its settings."""
    run = RunRequest(source_of_certificate(certificate), certificate.settings, seed, model)
    return run.work, certification_work(run, shelf, pace)


def proven_count(certificate: ImageCertificate, epsilon: float, count: Count) -> int:
    """The certified count at a budget, by the envelope."""
    budget = np.array([certificate.noise.budget(epsilon)])
    return int(certificate.collective(budget, "envelope", counted_pixels(certificate, count)).certified[0])


def draw_picture_repeats(shown: Shown, curves: CurveSet, index: int, count: Count) -> None:
    """The panel below the pictures."""
    certificate, model = shown.certificate, attack_model(shown.certificate)
    draw_repeats(
        "image",
        REPEAT,
        Repeatable(
            certificate,
            (shown.key, certificate.settings, "seeds"),
            curves.outputs,
            f"ε = {curves.said(index)}",
            "the envelope",
            partial(proven_count, epsilon=float(curves.epsilons[index]), count=count),
            "This certificate does not say by which bundled model it was made."
            if model is None
            else partial(repeat_run, certificate, model, model_shelf(), pacemaker()),
            seconds_of(source_of_certificate(certificate), certificate.settings),
        ),
    )
