"""What libvirt tells of jobs, as ours: its own samples, from a real host."""

from __future__ import annotations

import libvirt
import pytest

from virttui.hypervisor.polling.jobs import block_job, domain_job
from virttui.model.identity import ObjectId

KEY = ObjectId("h", "u")
SAVE = {
    "type": libvirt.VIR_DOMAIN_JOB_UNBOUNDED,
    "operation": libvirt.VIR_DOMAIN_JOB_OPERATION_SAVE,
    "time_elapsed": 13571,
    "data_total": 286072832,
    "data_processed": 55451599,
    "data_remaining": 224481280,
    "memory_bps": 3487294,
}


def test_a_save_has_progress_and_the_time_that_is_left() -> None:
    job = domain_job(KEY, "one", SAVE)
    assert job is not None and job.operation == "save" and job.disk == ""
    # What is processed is less than what is done: pages of zeros cost nothing.
    assert job.progress == pytest.approx(1 - 224481280 / 286072832)
    assert job.remaining == 224481280 and job.rate == 3487294
    assert job.seconds_left == pytest.approx(224481280 / 3487294)
    assert job.started_at == pytest.approx(13.571), "seconds since it began"


def test_without_a_rate_it_is_taken_from_the_time_that_passed() -> None:
    told = {**SAVE, "memory_bps": 0}
    job = domain_job(KEY, "one", told)
    assert job is not None and job.rate == pytest.approx((286072832 - 224481280) / 13.571)


@pytest.mark.parametrize(
    "told",
    [
        {},
        {"type": libvirt.VIR_DOMAIN_JOB_NONE},
        {**SAVE, "type": libvirt.VIR_DOMAIN_JOB_COMPLETED},
        {**SAVE, "type": libvirt.VIR_DOMAIN_JOB_FAILED},
        {**SAVE, "type": libvirt.VIR_DOMAIN_JOB_CANCELLED},
    ],
    ids=["nothing", "none", "completed", "failed", "cancelled"],
)
def test_what_is_over_is_no_job(told: dict[str, int]) -> None:
    assert domain_job(KEY, "one", told) is None


def test_a_job_that_has_only_begun_tells_no_figures() -> None:
    told = {"type": libvirt.VIR_DOMAIN_JOB_UNBOUNDED, "operation": 99}
    job = domain_job(KEY, "one", told)
    assert job is not None and job.operation == "job"
    assert (job.progress, job.seconds_left, job.rate, job.remaining) == (None, None, None, None)


def test_a_job_at_its_start_has_no_time_left_to_tell() -> None:
    told = {**SAVE, "data_remaining": SAVE["data_total"], "memory_bps": 0}
    job = domain_job(KEY, "one", told)
    assert job is not None and job.progress == 0 and job.seconds_left is None and job.rate is None


def test_a_block_copy_has_progress_on_its_disk() -> None:
    told = {"type": libvirt.VIR_DOMAIN_BLOCK_JOB_TYPE_COPY, "bandwidth": 0, "cur": 30, "end": 120}
    job = block_job(KEY, "one", "vda", told)
    assert job is not None and job.operation == "copy" and job.disk == "vda"
    assert job.progress == 0.25 and job.remaining == 90
    other = block_job(KEY, "one", "vdb", told)
    assert other is not None and job.id != other.id


def test_block_jobs_at_their_ends() -> None:
    assert block_job(KEY, "one", "vda", {}) is None
    begun = block_job(KEY, "one", "vda", {"type": 99, "cur": 0, "end": 0})
    assert begun is not None and begun.operation == "block job" and begun.progress is None
    # A guest that writes lets the end run away: never more than all of it is done.
    over = block_job(KEY, "one", "vda", {"type": 2, "cur": 121, "end": 120})
    assert over is not None and over.progress == 1.0 and over.remaining == 0
