"""A seed gives the same world in every process, whatever order Python keeps its sets in."""

from __future__ import annotations

import os
import subprocess
import sys

TELL = """
import hashlib, json
from llmstudio.core.corpus.samples import SLICES, records
for name in SLICES:
    print(name, hashlib.sha256(json.dumps(list(records(name, count=40)), sort_keys=True).encode()).hexdigest())
"""


def test_that_two_processes_write_the_same_world() -> None:
    told = set()
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", TELL],
            capture_output=True,
            text=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
            check=True,
        )
        told.add(run.stdout)
    assert len(told) == 1
