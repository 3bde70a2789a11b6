"""The short form of the kill trial: a few disk calls of the verbs that may lose most. The long form is `kills.py` itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(not hasattr(os, "fork") or sys.platform == "darwin", reason="children are forked")
def test_that_whatever_call_a_program_dies_at_nothing_is_lost_torn_or_different() -> None:
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, str(ROOT / "tests" / "trials" / "kills.py"), "--short"]
    environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, timeout=300, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr[-2000:]
    assert " kills, 0 wrong" in ended.stdout.splitlines()[-1]
