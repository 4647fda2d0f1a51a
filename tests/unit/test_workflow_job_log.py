"""What Snakemake says of its jobs, read line by line."""

from __future__ import annotations

from itertools import count

from clika.workflow.job_log import Failure, JobLog, StepEvent

HEAD = """Building DAG of jobs...
Job stats:
job      count
-----  -------
train        2
score        1
all          1
total        4

Select jobs to execute...
"""
STARTED = """[Sun Nov 22 04:29:23 2026]
rule train:
    output: shards/0-base.json
    log: logs/0-base.log
    jobid: 3
    reason: Missing output files: shards/0-base.json
    wildcards: seed=0, base=base
    threads: 2
    resources: mem_mb=300, runtime=5
[Sun Nov 22 04:29:23 2026]
localrule score:
    output: scores.parquet
    jobid: 1
    resources: tmpdir=/tmp
"""
FINISHED = """[Sun Nov 22 04:29:32 2026]
Finished jobid: 1 (Rule: score)
1 of 4 steps (25%) done
"""
CANCELLED = """[Sun Nov 22 04:30:30 2026]
Error in rule train:
    message: SLURM-job '9' failed, SLURM status is: 'CANCELLED'.
    jobid: 3
    output: shards/0-base.json
    log: logs/0-base.log, slurm_logs/9.log (check log file(s) for error details)
    shell:
        clika train
        message: not a field of the job
    external_jobid: 9
Trying to restart job 3.
"""
UNSAID = """Error in rule train:
    message: None
    jobid: 3
    log: logs/0-base.log (check log file(s) for error details)
"""


def events(*texts: str) -> tuple[list[StepEvent], list[Failure]]:
    """Return what is read, with a clock that goes on by a second each time it is asked."""
    seconds = count()
    log = JobLog(clock=lambda: float(next(seconds)))
    found = [event for text in texts for line in text.splitlines() for event in log.read(line)]
    return [*found, *log.end()], log.failures


def test_the_table_says_how_many_jobs_each_step_has() -> None:
    found, _ = events(HEAD)
    assert found == [
        StepEvent("train", "planned", jobs=2),
        StepEvent("score", "planned", jobs=1),
    ]


def test_a_job_starts_once_its_last_line_is_there() -> None:
    found, _ = events(STARTED)
    assert [(event.state, event.job) for event in found] == [
        ("started", "train seed=0 base=base"),
        ("started", "score"),
    ]


def test_a_job_takes_as_long_as_from_its_own_start() -> None:
    found, _ = events(STARTED, FINISHED)
    assert (found[-1].job, found[-1].state) == ("score", "finished")
    # The clock is asked twice at each start: to keep it, and to say it.
    assert found[-1].seconds == 4 - 2


def test_a_failure_keeps_what_was_said_and_where_it_wrote() -> None:
    found, failures = events(STARTED, CANCELLED)
    assert [event.state for event in found[2:]] == ["failed", "again"]
    assert {event.job for event in found[2:]} == {"train seed=0 base=base"}
    assert failures == [
        Failure(
            "train seed=0 base=base",
            "SLURM-job '9' failed, SLURM status is: 'CANCELLED'.",
            ("logs/0-base.log", "slurm_logs/9.log"),
        )
    ]


def test_a_failure_at_the_very_end_counts() -> None:
    found, failures = events(STARTED, UNSAID)
    assert found[-1].state == "failed"
    assert failures == [Failure("train seed=0 base=base", "", ("logs/0-base.log",))]


def test_other_lines_say_nothing() -> None:
    found, failures = events(
        "train 3\n    jobid: 3\nFinished jobid: 7 (Rule: train)\nTrying to restart job 7.\n"
        "rule all:\n    jobid: 0\n    resources: tmpdir=/tmp\n"
    )
    assert (found, failures) == ([], [])


def test_what_went_well_in_the_end_is_no_failure() -> None:
    again = STARTED.split("[Sun", maxsplit=2)[1]
    _, failures = events(STARTED, CANCELLED, f"[Sun{again}", "Finished jobid: 3 (Rule: train)\n")
    assert failures == []
