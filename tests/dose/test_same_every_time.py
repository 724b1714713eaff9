"""A message is read alike in every process: Python's random hash seed must not decide between two repairs."""

from __future__ import annotations

import os
import subprocess
import sys

_READ = """
import json, pathlib
from isobot.dose.quantities import digits
rows = pathlib.Path("tests/dose/development.jsonl").read_text().splitlines()
print(*(digits(json.loads(row)["text"]) for row in rows), sep="\\n")
"""


def test_hash_seed_changes_nothing(pytestconfig):
    seen = {
        subprocess.run(
            [sys.executable, "-c", _READ],
            cwd=pytestconfig.rootpath,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(seen) == 1
