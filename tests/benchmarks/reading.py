"""How fast plain text becomes a corpus, and in how much memory: `python tests/benchmarks/reading.py [--small]`.

Writes files of plain text (200 MB and 2 GB; 20 and 60 MB with `--small`) into a temporary folder and imports each with the
default steps in a fresh process. Prints MB/s (median of the runs), the peak of memory above what the process held before
it began, and how much more the larger file needed; then the same as one line of JSON.

What is written is like English: words drawn by Zipf's law, sentences, paragraphs, and now and then a sign beyond ASCII.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BLOCK_BYTES = 4 << 20


def write_text(path: Path, num_bytes: int, seed: int = 0) -> None:
    """A file of prose-like text of `num_bytes`; blocks differ, so that nothing in it repeats as a whole."""
    rng = random.Random(seed)
    letters, weights = (
        "etaoinshrdlucmfwypvbgkjqxzé—",
        [12, 9, 8, 8, 7, 7, 6, 6, 6, 4, 4, 3, 3, 2, 2, 2, 2, 2, 1, 1, 2, 1] + [0.2] * 6,
    )
    words = ["".join(rng.choices(letters, weights, k=rng.randint(1, 9))) for _ in range(20_000)]
    shares = [1 / rank for rank in range(1, len(words) + 1)]
    block = ""
    while len(block) < BLOCK_BYTES:
        sentences = []
        for _ in range(rng.randint(2, 8)):
            chosen = rng.choices(words, shares, k=rng.randint(4, 25))
            sentences.append(" ".join(chosen).capitalize() + ".")
        block += " ".join(sentences) + rng.choice(["\n", "\n", "\n\n"])
    with open(path, "wb") as file:
        number = 0
        while (left := num_bytes - file.tell()) > 0:
            number += 1
            turned = rng.randrange(len(block))
            text = f"Chapter {number}\n\n{block[turned:]}{block[:turned]}\n"
            data = text.encode()
            file.write(data if len(data) <= left else data[:left].decode("utf-8", "ignore").encode().ljust(left))


def measure(path: Path) -> dict[str, float]:
    """Import `path` in this process: seconds, MB/s, and peak memory above what was held before, in MB."""
    import psutil

    from llmstudio.core.corpus.config import CorpusConfig
    from llmstudio.core.corpus.corpus import write_corpus
    from llmstudio.core.events import Finished
    from llmstudio.core.work import Stop

    process = psutil.Process()
    peak = base = process.memory_info().rss
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.005):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        *_, end = write_corpus([path], CorpusConfig(), Path(folder) / "corpus", stop=Stop())
        seconds = time.perf_counter() - began
        done.set()
        watcher.join()
    assert isinstance(end, Finished)
    assert end.result["bytes"] == path.stat().st_size
    return {"seconds": seconds, "mb_per_s": path.stat().st_size / 1e6 / seconds, "peak_mb": (peak - base) / 1e6}


def in_fresh_process(path: Path) -> dict[str, float]:
    """`measure` in a process of its own."""
    run = subprocess.run([sys.executable, __file__, "--measure", str(path)], capture_output=True, text=True, check=True)
    figures: dict[str, float] = json.loads(run.stdout)
    return figures


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="20 and 60 MB instead of 200 MB and 2 GB")
    parser.add_argument("--runs", type=int, default=3, help="runs of each; the median counts")
    parser.add_argument("--folder", type=Path, help="where the files are written (default: the system's temporary folder)")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(measure(arguments.measure)))
        return
    sizes = (20, 60) if arguments.small else (200, 2000)
    found = []
    print(f"{'text':>8} {'MB/s':>8} {'peak MB':>8}")
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        path = Path(folder) / "text.txt"
        for size in sizes:
            write_text(path, size * 1_000_000)
            runs = [in_fresh_process(path) for _ in range(arguments.runs)]
            figures = {key: statistics.median(run[key] for run in runs) for key in runs[0]} | {"mb": size}
            found.append(figures)
            print(f"{size:>5} MB {figures['mb_per_s']:>8.1f} {figures['peak_mb']:>8.1f}", flush=True)
    ratio = found[1]["peak_mb"] / found[0]["peak_mb"]
    print(f"memory of the larger over the smaller: {ratio:.2f}")
    print(json.dumps({"benchmark": "reading", "runs": found, "memory_ratio": ratio}))


if __name__ == "__main__":
    main()
