"""The whole journey through the command line: seconds, and the share of 500 held-out questions answered right.

python tests/benchmarks/tour.py [--rounds N]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rows = []
    for number in range(parser.parse_args().rounds):
        with tempfile.TemporaryDirectory() as project:
            began = time.perf_counter()
            command = [sys.executable, "-m", "llmstudio", "tour", "--json", "--project", project]
            run = subprocess.run(command, capture_output=True, text=True, check=False)
            seconds = time.perf_counter() - began
        last = json.loads(run.stdout.strip().splitlines()[-1])
        if last["event"] != "finished":
            sys.exit(f"the tour did not finish: {last}")
        rows.append(last["result"] | {"whole_s": seconds})
        shares = {
            name: f"{rows[-1][name]:.1%}"
            for name in ("questions_right", "random_questions_right", "trigram_questions_right")
        }
        print(f"round {number + 1}: {seconds:.0f} s, {shares}", flush=True)
    keys = ("whole_s", "questions_right", "random_questions_right", "trigram_questions_right", "bits_per_byte")
    print(json.dumps({key: statistics.median(row[key] for row in rows) for key in keys} | {"rounds": rows}))


if __name__ == "__main__":
    main()
