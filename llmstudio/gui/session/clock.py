"""How long this process lives already, from the moment the system started it: what a person waits for the window."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path


def seconds_since_start() -> float:
    """Seconds since the system started this process, to a hundredth."""
    if sys.platform == "linux":
        # Ticks since boot; the fields after the name, which may hold spaces and brackets itself.
        ticks = int(Path("/proc/self/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19])
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    import psutil

    return time.time() - float(psutil.Process().create_time())
