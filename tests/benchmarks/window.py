"""What a live window costs training, and training the window: `llmstudio doctor --window`, several times.

python tests/benchmarks/window.py [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rows = []
    for number in range(parser.parse_args().rounds):
        command = [sys.executable, "-m", "llmstudio", "doctor", "--window", "--json"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        last = json.loads(run.stdout.strip().splitlines()[-1])
        if last["event"] != "finished":
            sys.exit(f"the self-test did not finish: {last}")
        rows.append(last["result"])
        result, loop = last["result"], last["result"]["loop_delay_ms"]
        print(
            f"round {number + 1}: 99 % within {loop['p99']:.1f} ms, worst {loop['max']:.1f} ms; "
            f"idle {result['idle_loop_delay_ms']}; "
            f"building the tabs froze {result['tabs_longest_freeze_ms']:.0f} ms; "
            f"torch froze {result['torch_load_longest_freeze_ms']:.0f} ms; "
            f"{result['pace']:.1%} of the command line's pace",
            flush=True,
        )
    summary = {
        "p99_ms": statistics.median(r["loop_delay_ms"]["p99"] for r in rows),
        "worst_ms": statistics.median(r["loop_delay_ms"]["max"] for r in rows),
        "tabs_freeze_ms": statistics.median(r["tabs_longest_freeze_ms"] for r in rows),
        "torch_freeze_ms": statistics.median(r["torch_load_longest_freeze_ms"] for r in rows),
        "pace": statistics.median(r["pace"] for r in rows),
    }
    print(json.dumps(summary | {"rounds": rows}))


if __name__ == "__main__":
    main()
