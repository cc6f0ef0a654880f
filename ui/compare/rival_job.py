"""The run of the compare page: rivals that are certified, or files that are searched. One at a time."""

from __future__ import annotations

from jobs import JobSnapshot
from ui.compare.sets import pictures_words
from ui.running.page_job import PageJob
from ui.style.words import duration

SEARCH = "Branch and bound"
"""Title of a search."""


def job_of(job: JobSnapshot | None) -> PageJob:
    """How that run speaks."""
    return SEARCHING if job is not None and job.title == SEARCH else CERTIFYING


def _done_text(job: JobSnapshot) -> str:
    return f"{pictures_words(len(job.result)).capitalize()} certified in {duration(job.elapsed)}."


def _kept_text(job: JobSnapshot) -> str:
    return (
        f"{pictures_words(len(job.partial)).capitalize()} certified until then: kept." if job.partial else ""
    )


CERTIFYING = PageJob("compare_job", done=_done_text, kept=_kept_text)
SEARCHING = PageJob(
    "compare_job",
    unit="budgets",
    done=lambda job: "Searched.",
    kept=lambda job: "What was proven is kept.",
)
