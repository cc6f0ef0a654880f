"""Long computations behind a page: one queue, one worker per device, progress, partial results, cancel.

Knows nothing about pages or certificates: a job is a callable that gets a `JobHandle` and returns its result.
"""

from jobs.job import JobHandle
from jobs.manager import JobManager, TooManyJobs, close_all_managers
from jobs.out_of_memory import retry_with_smaller_batches, settle
from jobs.snapshot import JobSnapshot, JobState

__all__ = [
    "JobHandle",
    "JobManager",
    "JobSnapshot",
    "JobState",
    "TooManyJobs",
    "close_all_managers",
    "retry_with_smaller_batches",
    "settle",
]
