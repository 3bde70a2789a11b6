"""Is the passage with the answer found, and how fast: `python tests/benchmarks/questions.py [--data FOLDER] [--small]`.

Writes a folder of 10 MB (1 MB with `--small`): stories of the sample world that no model learns from, a file each, among
other text. That is the text of the files (.txt, .gz) of `--data`, or else words drawn at random. Prints, as a table and as a
line of JSON:

- how long the index takes: seconds, and seconds of processor time, which other programs do not lengthen
- 200 questions on some fifty stories, several on each: how often a passage of the question's own story is the first that is
  found, and among the first three
- 200 stories with one question each, the same: here many a question (“Where is Kate?”) is answered, in another way, by
  another story as well, and whose Kate is meant it does not say

A story is a passage or two; one from another file never counts, also if it holds the same answer.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from llmstudio.core.corpus.samples import questions, records
from llmstudio.core.retrieval.building import build
from llmstudio.core.retrieval.index import PassageIndex
from llmstudio.core.work import Stop

NUM_QUESTIONS = 200
SEED = 5  # another one than those by which the search was settled
SLICES = ("chat", "chat_zh")
Asked = tuple[str, str]
"""A story and a question on it."""


def several_a_story(name: str) -> list[Asked]:
    """Questions of conversations about a story."""
    asked: list[Asked] = []
    for record in records(name, count=1000, seed=SEED, split="test"):
        turns = record["turns"]
        if turns[0]["who"] == "story":  # the last thing said may be a good-bye
            asks = [turn["what"] for turn in turns if turn["who"] == "user" and turn["what"].endswith(("?", "？"))]
            asked += [(turns[0]["what"], ask) for ask in asks]
        if len(asked) >= NUM_QUESTIONS:
            break
    return asked[:NUM_QUESTIONS]


def one_a_story(name: str) -> list[Asked]:
    """Held-out questions, each on a story of its own."""
    return [(asked.passage, asked.question) for asked in questions(name, count=NUM_QUESTIONS, seed=SEED)]


def other_text(data: Path | None, num_bytes: int) -> Iterator[str]:
    """Pieces of text, together at least so long; as often as needed the same."""
    if data is None:
        rng = random.Random(0)
        words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 9))) for _ in range(20_000)]
        shares = [1 / rank for rank in range(1, len(words) + 1)]
        pieces = [" ".join(rng.choices(words, shares, k=12)) + ".\n" for _ in range(20_000)]
    else:
        files = sorted(path for path in data.rglob("*") if path.suffix in (".txt", ".gz"))
        pieces = []
        for path in files:
            content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            pieces += content.decode("utf-8", "replace").splitlines(keepends=True)
    written = 0
    for piece in itertools.cycle(pieces):
        yield piece
        written += len(piece.encode())
        if written >= num_bytes:
            return


def write_folder(folder: Path, asked: Sequence[Asked], data: Path | None, num_bytes: int) -> dict[str, str]:
    """Stories and other text as files; returns the name of each story's file."""
    names: dict[str, str] = {}
    for story, _ in asked:
        names.setdefault(story, f"{folder.name}/stories/{len(names):03}.txt")
    (folder / "stories").mkdir(parents=True)
    for story, name in names.items():
        (folder / "stories" / Path(name).name).write_text(story + "\n", "utf-8")
    pieces = other_text(data, num_bytes)
    for number in range(20):
        with open(folder / f"{number:02}.txt", "w", encoding="utf-8") as file:
            written = 0
            while written < num_bytes / 20 and (piece := next(pieces, "")):
                written += len(piece.encode())
                file.write(piece)
    return names


def indexed(folder: Path) -> tuple[PassageIndex, float, float]:
    """The index of a folder; seconds, and seconds of processor time."""
    began, cpu = time.perf_counter(), time.process_time()
    job = build(folder, stop=Stop())
    while True:
        try:
            next(job)
        except StopIteration as end:
            return end.value, time.perf_counter() - began, time.process_time() - cpu


def measured(folder: Path, asked: Sequence[Asked], data: Path | None, num_bytes: int) -> dict[str, float]:
    names = write_folder(folder, asked, data, num_bytes)
    index, seconds, cpu = indexed(folder)
    began = time.perf_counter()
    found = [[each.passage.file for each in index.search(question, 3)] for _, question in asked]
    per_question = (time.perf_counter() - began) / len(asked)
    firsts = [names[story] in files[:1] for (story, _), files in zip(asked, found, strict=True)]
    threes = [names[story] in files for (story, _), files in zip(asked, found, strict=True)]
    return {
        "megabytes": sum(path.stat().st_size for path in folder.rglob("*.txt")) / 1e6,
        "passages": len(index.passages),
        "index_seconds": seconds,
        "index_cpu_seconds": cpu,
        "search_ms": 1000 * per_question,
        "stories": len(names),
        "questions": len(asked),
        "first": sum(firsts) / len(asked),
        "among_three": sum(threes) / len(asked),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="a folder whose text lies around the stories")
    parser.add_argument("--small", action="store_true", help="1 MB")
    arguments = parser.parse_args()
    num_bytes = 1_000_000 if arguments.small else 10_000_000
    found = {}
    with tempfile.TemporaryDirectory() as place:
        for name, (kind, asks) in itertools.product(SLICES, (("several", several_a_story), ("one", one_a_story))):
            folder = Path(place) / f"{name} {kind}"
            found[f"{name}, {kind} a story"] = figures = measured(folder, asks(name), arguments.data, num_bytes)
            print(
                f"{name}, {kind} a story: {figures['megabytes']:.1f} MB in {figures['index_seconds']:.1f} s"
                f" ({figures['index_cpu_seconds']:.1f} s of the processor), a search {figures['search_ms']:.2f} ms;"
                f" {figures['questions']} questions on {figures['stories']} stories: first {figures['first']:.1%},"
                f" among three {figures['among_three']:.1%}"
            )
    print(json.dumps(found))


if __name__ == "__main__":
    main()
