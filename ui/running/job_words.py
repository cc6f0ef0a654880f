"""What a page says while a job waits, works and ends: one wording for all jobs."""

from __future__ import annotations

from collections.abc import Callable

from jobs import JobSnapshot, JobState
from ui.style.words import duration, samples_words

Told = Callable[[JobSnapshot], str]


def nothing(job: JobSnapshot) -> str:
    """No words."""
    return ""


def progress_text(job: JobSnapshot, unit: str = "noisy copies") -> str:
    """One line: place in the queue, or done, rate, time left and device.

    Args:
        unit: what the job counts, in the plural.
    """
    if job.stopping:
        return "Stopping …"
    if job.state is JobState.QUEUED:
        ahead = "1 run comes first" if job.position == 1 else f"{job.position} runs come first"
        if job.position and job.waiting >= 1:
            ahead += f", about {duration(job.waiting)}"
        return f"Waiting for the {_device_words(job)}: {ahead if job.position else 'starting'} …"
    if not job.total:
        return f"Preparing on the {_device_words(job)} …"
    parts = [f"{job.done:,} of {job.total:,} {unit}"]
    if job.rate and unit == "noisy copies":
        parts.append(f"{job.rate:,.0f} a second")
    if job.remaining is not None:
        parts.append(f"about {duration(job.remaining)} left")
    return " · ".join([*parts, _device_words(job)])


def outcome_text(job: JobSnapshot, done: Told, kept: Told) -> str:
    """How a finished job ended, and what is left of it.

    Args:
        done: how it ended well.
        kept: what is left if it was stopped.
    """
    if job.state is JobState.DONE:
        return done(job)
    if job.state is JobState.FAILED:
        return job.error or "The run failed."
    ended = (
        f"Cancelled after {duration(job.elapsed)}."
        if job.state is JobState.CANCELLED
        else "Stopped, because nobody was watching any more."
    )
    return " ".join(filter(None, [ended, kept(job)]))


def certified_text(job: JobSnapshot) -> str:
    """How a certification ended well."""
    return f"Certified in {duration(job.elapsed)} on the {_device_words(job)}."


def kept_text(job: JobSnapshot) -> str:
    """What is left of a certification that was stopped."""
    if job.partial is None:
        return ""
    place = "cluster" if job.partial.outputs == "nodes" else "region"
    return f"The certificate on screen holds: it used {samples_words(job.partial.trials, place)}."


def _device_words(job: JobSnapshot) -> str:
    return "GPU" if job.device.startswith("cuda") else "CPU"
