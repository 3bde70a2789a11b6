from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from llmstudio.core.errors import StudioError
from llmstudio.store import turns
from llmstudio.store.turns import in_turn

HOLDER = """
import sys, time
from pathlib import Path
from llmstudio.store.turns import in_turn
with in_turn(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def _holder(folder: Path, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER, str(folder), str(seconds)]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_that_one_waits_for_the_other(tmp_path: Path) -> None:
    holder = _holder(tmp_path, 0.3)
    with in_turn(tmp_path):
        assert holder.wait(10) == 0
    holder.communicate()


def test_that_nobody_waits_for_ever_and_a_killed_holder_holds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "_PATIENCE_S", 0.1)
    holder = _holder(tmp_path, 100)
    with pytest.raises(StudioError, match="Another llmstudio"), in_turn(tmp_path):
        pytest.fail("held by another")
    holder.kill()
    holder.communicate()
    monkeypatch.setattr(turns, "_PATIENCE_S", 5)
    began = time.monotonic()
    with in_turn(tmp_path):
        assert time.monotonic() - began < 5


def test_that_errors_inside_pass_and_free_the_turn(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(OSError, match="own"), in_turn(tmp_path):
            raise OSError("own")


def test_that_a_folder_that_knows_no_locks_is_written_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(handle: int) -> bool:
        raise OSError(38, "not here")

    monkeypatch.setattr(turns, "_take", refuses)
    with in_turn(tmp_path):
        done = True
    assert done
