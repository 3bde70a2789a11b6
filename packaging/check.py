"""Checks llmstudio from a fresh checkout: sets it up if needed, then style, types and tests, the quick ones first.

All run even if one fails, so that one run tells everything; pytest comes last, and its closing line with it. Each has a
limit, so that nothing hangs for ever. Arguments go to pytest, which then runs alone.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from prepare import ROOT, clean_environ, prepare
from system_libraries import needed, provide
from trouble import guarded, say

_THREADS = "1"
_MINUTE_S = 60.0
CHECKS: dict[str, tuple[list[str], float]] = {
    "style": (["ruff", "check"], 2 * _MINUTE_S),
    "format": (["ruff", "format", "--check"], 2 * _MINUTE_S),
    "types": (["mypy"], 10 * _MINUTE_S),
}
# Two at a time, each on one core: a file's tests stay together, so that what they share is made once.
TESTS = ["pytest", "-o", "faulthandler_timeout=600", "-n", "2", "--dist", "loadfile"]
TESTS_LIMIT_S = 40 * _MINUTE_S


def main(arguments: list[str]) -> int:
    """Run everything; 0 if all is well."""
    provide(needed(None), required=True)
    python = str(prepare(tests=True))
    failed = []
    for name, (command, limit_s) in {} if arguments else CHECKS.items():
        began = time.monotonic()
        status = _run([python, "-m", *command], limit_s)
        say(f"{name}: {'passed' if status == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s")
        failed += [name] if status else []
    if failed:
        say(f"The tests follow; {' and '.join(failed)} failed above.")
    status = _run([python, "-m", *TESTS, *arguments], TESTS_LIMIT_S)
    return 1 if failed else status


def _run(command: list[str], limit_s: float) -> int:
    """The exit status of a command; past its limit it is ended with everything it has started."""
    environment = clean_environ() | {"QT_QPA_PLATFORM": "offscreen", "PYTHONUTF8": "1"}
    environment |= {f"{library}_NUM_THREADS": _THREADS for library in ("OMP", "MKL", "OPENBLAS", "RAYON")}
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True) as process:
        try:
            return process.wait(limit_s)
        except subprocess.TimeoutExpired:
            say(f"{' '.join(command[2:])} did not end within {limit_s / _MINUTE_S:.0f} minutes and was stopped.")
            _end(process)
            return 124
        except KeyboardInterrupt:
            _end(process)
            raise


def _end(process: subprocess.Popen[bytes]) -> None:
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(guarded(main))
