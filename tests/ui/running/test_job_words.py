"""What a page says about a job: one wording while it waits, works and ends."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from jobs import JobSnapshot, JobState
from ui.running.job_words import nothing, outcome_text, progress_text

RUNNING = JobSnapshot(
    identity="x",
    title="run",
    device="cpu",
    state=JobState.RUNNING,
    position=0,
    waiting=0.0,
    stopping=False,
    done=50,
    total=200,
    rate=25.0,
    remaining=6.0,
    elapsed=2.0,
    partial=None,
    published=0,
    result=None,
    remarks=(),
    error=None,
)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "50 of 200 noisy copies · 25 a second · about 6 s left · CPU"),
        ({"rate": None, "remaining": None, "device": "cuda:0"}, "50 of 200 noisy copies · GPU"),
        ({"total": 0}, "Preparing on the CPU …"),
        ({"stopping": True}, "Stopping …"),
        ({"state": JobState.QUEUED}, "Waiting for the CPU: starting …"),
        ({"state": JobState.QUEUED, "position": 1}, "Waiting for the CPU: 1 run comes first …"),
        ({"state": JobState.QUEUED, "position": 3}, "Waiting for the CPU: 3 runs come first …"),
    ],
)
def test_progress(changes, words: str):
    assert progress_text(replace(RUNNING, **changes)) == words


def test_other_units_have_no_rate():
    assert progress_text(RUNNING, "budgets") == "50 of 200 budgets · about 6 s left · CPU"


def test_ends():
    def ended(state: JobState, **changes) -> str:
        job = replace(RUNNING, state=state, **changes)
        return outcome_text(job, lambda job: "Well.", lambda job: "Some is kept.")

    assert ended(JobState.DONE) == "Well."
    assert ended(JobState.CANCELLED) == "Cancelled after 2 s. Some is kept."
    assert ended(JobState.ABANDONED) == "Stopped, because nobody was watching any more. Some is kept."
    assert ended(JobState.FAILED, error="No weights.") == "No weights."
    assert outcome_text(replace(RUNNING, state=JobState.DONE), nothing, nothing) == ""


def test_it_is_said_in_one_place():
    files = (Path(__file__).resolve().parents[3] / "ui").rglob("*.py")
    assert [file.name for file in files if "Stopping …" in file.read_text(encoding="utf-8")] == [
        "job_words.py"
    ]
