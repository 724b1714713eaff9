"""Runs one job in a Python process of its own, so that candidates share no memory, threads or caches."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.workspace import ROOT

LOGS = ROOT / "var" / "log" / "bench"
_LAST_LINES = 5


class JobFailedError(Exception):
    """A job's process ended with an error; the message says where its log is."""


def run(module: str, name: str, job: dict[str, Any], project: Path) -> dict[str, Any]:
    """Run `python -m module` on a job and return its result; all that it prints goes to var/log/bench/name.log.

    Args:
        module: calls `serve` when it is run.
        name: names the log.
        job: JSON-ready.
        project: the copy of the project (see `bench.workspace`) whose code it runs.

    Raises:
        JobFailedError: when the process fails.
    """
    signal.signal(signal.SIGTERM, _stop)
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"{name}.log"
    with tempfile.TemporaryDirectory() as temporary:
        job_file, result_file = Path(temporary) / "job.json", Path(temporary) / "result.json"
        job_file.write_text(json.dumps(job), encoding="utf-8")
        command = [sys.executable, "-W", "ignore", "-m", module, str(job_file), str(result_file)]
        with log.open("w", encoding="utf-8") as output:
            done = subprocess.run(
                command, stdout=output, stderr=output, cwd=project, env=_environment(project), check=False
            )
        if done.returncode or not result_file.is_file():
            end = "\n".join(log.read_text(encoding="utf-8").splitlines()[-_LAST_LINES:])
            raise JobFailedError(f"{name} failed:\n{end}\nCorrect what {log} says and try again.")
        result: dict[str, Any] = json.loads(result_file.read_text(encoding="utf-8"))
    return result


def _stop(number: int, frame: object) -> None:
    """End this process in order, so that the job ends with it and its folders go."""
    sys.exit(128 + number)


def _environment(project: Path) -> dict[str, str]:
    """Return the environment of a job: Rasa's telemetry off and its training cache empty."""
    settings = {"RASA_TELEMETRY_ENABLED": "false", "RASA_MAX_CACHE_SIZE": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}
    return {**os.environ, **settings, "PYTHONPATH": str(project)}


def serve(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Be the process of a job: read it, do it, write its result (the two paths are the arguments)."""
    job_file, result_file = map(Path, sys.argv[1:])
    result = work(json.loads(job_file.read_text(encoding="utf-8")))
    result_file.write_text(json.dumps(result), encoding="utf-8")
