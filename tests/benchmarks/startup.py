"""From the start of the process to Home's first paint, torch not loaded by then.

    python tests/benchmarks/startup.py [--rounds N]

Each round opens the real window in a fresh process (offscreen where there is no screen) and closes it after its first paint.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

OPEN = """
import json
from llmstudio.gui.window.application import open_window
application, window = open_window()
window.tabs.tab("home").first_painted.connect(application.quit)
application.exec()
print(json.dumps({"first_paint_seconds": window.first_paint_seconds, "torch_loaded": window.torch_at_first_paint}))
window.close()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    found = []
    with tempfile.TemporaryDirectory() as home:
        os.environ["LLMSTUDIO_HOME"] = home
        for _ in range(rounds):
            run = subprocess.run([sys.executable, "-c", OPEN], capture_output=True, text=True, check=True)
            found.append(json.loads(run.stdout.strip().splitlines()[-1]))
            print(
                f"first paint after {found[-1]['first_paint_seconds']:.2f} s, torch loaded: {found[-1]['torch_loaded']}",
                flush=True,
            )
    print(json.dumps({"median_s": statistics.median(f["first_paint_seconds"] for f in found), "rounds": found}))


if __name__ == "__main__":
    main()
