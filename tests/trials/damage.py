"""Alters files of a project, one at a time, and reads them back in every way the program does.

    python tests/trials/damage.py [NUMBER] [--seed S]      5,000 altered files by default: about half an hour

Whatever is read must end well or in a `StudioError`: no other exception, no end of the process, nothing that takes longer
than five seconds or more memory than a small model needs. Each altered file is read in a process of its own kind's readers;
a failure prints the seed that makes it again.
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import hashlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

LIMIT_S = 5.0  # of work; of waiting, while other programs may be busy:
WAITING_LIMIT_S = 60.0
MEMORY_BYTES = 3 << 30  # beyond what the process has when it begins
BATCH = 100  # altered files a process
FAMILIES = ("decoder", "lstm", "encoder", "encoder_decoder", "vae")
_ODD: tuple[Any, ...] = (
    None, True, -1, 0, 1, 10**30, 1e308, -0.5, float("nan"), float("inf"), "", "x", "../../x", "²", "\ud83d",
    "{n:>999999999}", "a" * 5000,
    [], {}, [[]], [None], {"": None}, {"template": "{x:>999999999}", "values": {"x": 1}},
)  # fmt: skip
_RAW = (
    "1" + "0" * 5000,
    "-1e99999",
    "1e-99999",
    "NaN",
    "-Infinity",
    '"\\u0000"',
    "9007199254740993",
    "18446744073709551616",
)
"""As JSON spells them; some that Python's own writer would not write."""
_DEEP = "[" * 100_000 + "]" * 100_000
_DEEP_OBJECTS = '{"a":' * 100_000 + "1" + "}" * 100_000
_PLACES = ("a folder", "a pipe", "a circle", "endless", "nowhere", "gone", "may not be read", "its folder a file")
_closed: set[str] = set()


def build(root: Path, families: Sequence[str] = FAMILIES) -> None:
    """A project with a corpus of every kind, a tokenizer of every kind, models of these families, a race and a chat."""
    from llmstudio.app.items.chats import save_chat
    from llmstudio.app.race.board import Runner
    from llmstudio.app.race.racing import Budget
    from llmstudio.app.race.racing import race as race_job
    from llmstudio.app.verbs.import_corpus import import_corpus
    from llmstudio.app.verbs.prune import prune
    from llmstudio.app.verbs.tokenizer import build_tokenizer
    from llmstudio.app.verbs.train import train
    from llmstudio.core.corpus.config import CorpusConfig
    from llmstudio.core.generation.chat import Chat
    from llmstudio.core.models.families.decoder_config import DecoderConfig
    from llmstudio.core.models.families.encoder_config import EncoderConfig
    from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
    from llmstudio.core.models.families.recurrent_config import LSTMConfig
    from llmstudio.core.models.families.vae_config import VAEConfig
    from llmstudio.core.recipe import Recipe
    from llmstudio.core.sparsity.config import PruningConfig
    from llmstudio.core.tokenizer.config import TokenizerConfig
    from llmstudio.core.training_config import TrainingConfig
    from llmstudio.core.work import Stop
    from llmstudio.store.project import Project

    project, stop = Project(root), Stop()
    small = CorpusConfig(sample_count=80)
    for name, sample in {"text": "tour", "pairs": "pairs", "labelled": "reviews", "turns": "chat"}.items():
        list(import_corpus(project, [f"sample:{sample}"], name=name, config=small, stop=stop))
    for kind in ("bpe", "wordpiece", "unigram", "word", "char", "byte"):
        config = TokenizerConfig(kind=kind, vocab_size=300, min_frequency=1)
        list(build_tokenizer(project, "text", name=kind, config=config, stop=stop))
    training = TrainingConfig(
        max_steps=3, batch_size=2, eval_steps=1, checkpoint_steps=1, eval_tokens=200, threads=1, number_format="fp32",
        sample_tokens=2,
    )  # fmt: skip
    shapes: dict[str, Any] = {
        "decoder": DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=16),
        "lstm": LSTMConfig(num_layers=1, embed_dim=8, hidden_dim=8, context_length=16),
        "encoder": EncoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=16),
        "encoder_decoder": EncoderDecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=32),
        "vae": VAEConfig(embed_dim=8, hidden_dim=8, latent_dim=2, context_length=16),
    }
    for kind in families:
        shape = shapes[kind]
        text = "pairs" if kind == "encoder_decoder" else "text"
        recipe = Recipe(kind=kind, model=shape, training=training)
        list(train(project, corpus=text, tokenizer="word", name=kind, recipe=recipe, stop=stop))
    list(prune(project, "decoder", name="pruned", config=PruningConfig(), stop=stop))
    cut = replace(training, max_steps=50)
    stopped = Stop()
    for event in train(
        project,
        corpus="text",
        tokenizer="word",
        name="begun",
        recipe=Recipe(model=shapes["decoder"], training=cut),
        stop=stopped,
    ):
        if event.step >= 2:
            stopped.request()
    runners = [Runner(name, Recipe(model=shapes["decoder"], training=training), "word") for name in ("one", "two")]
    list(race_job(project, corpus="text", runners=runners, name="race", budget=Budget(tokens=200), stop=stop))
    chat = Chat().ask("where is tom ?", story="tom is in the garden .").say("assistant", "in the garden .", parent=1)
    save_chat(project, "chat", chat, model="decoder")


def alter(path: Path, rng: random.Random, others: Sequence[Path] = (), *, is_deep: bool = False) -> str:
    """Change one file in one way; says how.

    Args:
        path: The file.
        rng: Decides how.
        others: Whole files of its kind, of other items.
        is_deep: Whether its folder belongs to one item alone, and may be a file instead.
    """
    data = path.read_bytes()
    ways: dict[str, Callable[[], bytes]] = {
        "cut": lambda: data[: rng.randrange(len(data) + 1)],
        "cut at a block": lambda: data[: len(data) // (block := rng.choice((512, 4096))) * block],
        "one byte": lambda: _flipped(data, rng, 1),
        "twenty bytes": lambda: _flipped(data, rng, 20),
        "longer": lambda: data + rng.randbytes(rng.choice((1, 8, 1000))),
        "empty": lambda: b"",
        "zeros": lambda: bytes(len(data)),
        "moved": lambda: _moved(data, rng),
        "a mark of byte order": lambda: b"\xef\xbb\xbf" + data,
        "two bytes a character": lambda: data.decode("utf-8", "replace").encode("utf-16"),
    }
    if others:
        ways["another's"] = lambda: rng.choice(others).read_bytes()
    if path.suffix in (".json", ".jsonl"):
        ways |= {f"another value {number}": lambda: _other_value(data, rng) for number in range(8)}
        ways |= {"deep": _DEEP.encode, "deep objects": _DEEP_OBJECTS.encode}
    which = rng.choice([*ways, *_PLACES[: None if is_deep else -1]])
    made = ways[which]() if which in ways else b""
    if which == "its folder a file":
        folder = path.parent
        shutil.rmtree(folder)
        folder.write_bytes(data)
        return which
    path.unlink()
    match which:
        case "a folder":
            path.mkdir()
        case "a pipe":
            os.mkfifo(path)
        case "a circle":
            path.symlink_to(path.name)
        case "endless":
            path.symlink_to("/dev/zero")
        case "nowhere":
            path.symlink_to("not there")
        case "gone":
            pass
        case "may not be read":
            path.write_bytes(data)
            _closed.add(str(path))
        case _:
            path.write_bytes(made)
    return which


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """As modes do for everybody but root: what is closed cannot be opened."""
    if _closed and event == "open" and str(arguments[0]) in _closed:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), arguments[0])


def _flipped(data: bytes, rng: random.Random, count: int) -> bytes:
    changed = bytearray(data)
    for _ in range(count if changed else 0):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _moved(data: bytes, rng: random.Random) -> bytes:
    a, b = sorted(rng.randrange(len(data) + 1) for _ in range(2))
    return data[:a] + data[b:] + data[a:b]


def _other_value(data: bytes, rng: random.Random) -> bytes:
    """JSON with one value replaced or one key gone; of lines, in one of them."""
    lines = data.splitlines() if data[:1] == b"{" and data.count(b"\n{") else [data]
    at = rng.randrange(len(lines))
    try:
        value = json.loads(lines[at])
    except ValueError:
        return _flipped(data, rng, 5)
    places = list(_places(value))
    if places:
        holder, key = rng.choice(places)
        if isinstance(holder, dict) and rng.random() < 0.2:
            del holder[key]
        elif isinstance(holder, dict) and rng.random() < 0.15:  # a key that is there twice: the second counts
            holder["@twice"] = rng.choice(_ODD)
            lines[at] = json.dumps(value).replace('"@twice"', json.dumps(key)).encode()
            return b"\n".join(lines) + (b"\n" if len(lines) > 1 else b"")
        elif rng.random() < 0.3:
            holder[key] = "@raw"
            lines[at] = json.dumps(value).replace('"@raw"', rng.choice(_RAW)).encode()
            return b"\n".join(lines) + (b"\n" if len(lines) > 1 else b"")
        else:
            holder[key] = rng.choice(_ODD)
    else:
        value = rng.choice(_ODD)
    lines[at] = json.dumps(value).encode()
    return b"\n".join(lines) + (b"\n" if len(lines) > 1 else b"")


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


def seal(folder: Path) -> None:
    """Make the manifest fit what lies in `folder` now, so that what is behind the hashes is tried too."""
    manifest = folder / "manifest.json"
    with contextlib.suppress(OSError, ValueError, AttributeError, TypeError):
        held = json.loads(manifest.read_bytes())
        for name in held["files"]:
            data = (folder / name).read_bytes()
            held["files"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        manifest.write_text(json.dumps(held))


def readers(root: Path, altered: Path) -> Iterator[Callable[[], object]]:
    """Everything that reads `altered`, each to be called by itself."""
    from llmstudio.app import preferences
    from llmstudio.app.computer.hardware import saved_probe
    from llmstudio.app.items.ancestry import recipe_of, tokenizer_of
    from llmstudio.app.items.chats import load_chat
    from llmstudio.app.race.board import dropped_out, leaderboard, races
    from llmstudio.app.verbs.evaluate import evaluate
    from llmstudio.app.verbs.generate import generate
    from llmstudio.app.verbs.list import list_items
    from llmstudio.app.verbs.show import show
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.generation.config import GenerationConfig
    from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model, load_state
    from llmstudio.core.tokenizer.tokenizer import Tokenizer
    from llmstudio.core.training.history import read_history
    from llmstudio.core.work import Stop
    from llmstudio.store.project import FOLDERS, Project

    parts = altered.relative_to(root).parts
    yield lambda: Project(root)
    yield lambda: list(list_items(Project(root)))
    yield lambda: [
        leaderboard(Project(root), race.name) and dropped_out(Project(root), race.name) for race in races(Project(root))
    ]
    if len(parts) < 2:
        yield preferences.load
        yield saved_probe
        return
    kind = next(kind for kind, folder in FOLDERS.items() if folder == parts[0])
    folder, name = root / parts[0] / parts[1], Path(parts[1]).stem if kind == "chat" else parts[1]
    yield lambda: list(show(Project(root), f"{kind}/{name}"))
    match kind:
        case "corpus":
            yield lambda: Corpus(folder).statistics
            yield lambda: [list(Corpus(folder).records(part)) for part in ("train", "val", "test", "all")]
            yield lambda: Corpus(folder).sample_texts(5)
        case "tokenizer":
            yield lambda: Tokenizer.load(folder).spans("where is tom ? 猫")
            yield lambda: Tokenizer.load(folder).vocabulary()
        case "dataset":
            yield lambda: [rows.row(0) for part in ("train", "val") if (rows := Dataset.open(folder).split(part))]
            yield lambda: list(evaluate(Project(root), "decoder", stop=Stop()))
        case "model":
            yield lambda: load_model(find_checkpoint(folder, "best")[0])
            yield lambda: load_state(find_checkpoint(folder, "last")[0])
            yield lambda: list(read_history(folder).replay())
            yield lambda: recipe_of(Project(root).about("model", name))
            yield lambda: tokenizer_of(Project(root), Project(root).about("model", name))
            config = GenerationConfig(max_new_tokens=2)
            if name != "vae":
                yield lambda: list(generate(Project(root), name, prompt="where is tom", config=config, stop=Stop()))
            yield lambda: _resumed(Project(root), name)
        case "chat":
            yield lambda: load_chat(Project(root), name).story


def _resumed(project: Any, name: str) -> None:
    """Go on for a step."""
    from llmstudio.app.runs.resuming import resume
    from llmstudio.core.work import Stop

    stop = Stop()
    for event in resume(project, name, stop=stop):
        if event.step:
            stop.request()


def tried(pristine: Path, work: Path, seed: int) -> tuple[str, list[str]]:
    """Alter one file of a copy and read it; what was altered and how, and what went wrong."""
    from llmstudio.app.items import loaded
    from llmstudio.core.errors import StudioError

    rng = random.Random(seed)
    files = sorted(path for path in pristine.rglob("*") if path.is_file())
    # As many of each kind of file, however many there are of it.
    kinds = sorted({_kind(path) for path in files})
    wanted = rng.choice(kinds)
    chosen = rng.choice([path for path in files if _kind(path) == wanted])
    relative = chosen.relative_to(pristine)
    noun = work / Path(*relative.parts[:2]) if len(relative.parts) > 1 else work / relative
    path = work / relative
    others = [other for other in files if other.name == path.name and other != chosen and _kind(other) == wanted]
    how = alter(path, rng, others, is_deep=len(relative.parts) > 2)
    if "checkpoints" in path.parts and path.is_file() and path.name != "manifest.json" and rng.random() < 0.7:
        seal(path.parent)
        how += ", sealed"
    found = []
    for number, read in enumerate(readers(work, path)):
        loaded.forget()
        signal.setitimer(signal.ITIMER_PROF, LIMIT_S)
        signal.setitimer(signal.ITIMER_REAL, WAITING_LIMIT_S)
        try:
            read()
        except StudioError as error:
            if ".staged-" in str(error):
                found.append(f"reader {number}: shows a staged name: {error}")
        except BaseException as error:
            where = traceback.extract_tb(error.__traceback__)[-1]
            found.append(
                f"reader {number}: {type(error).__name__}: {str(error)[:150]} ({Path(where.filename).name}:{where.lineno})"
            )
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
    _closed.clear()
    # Put back what this item was, also what reading has added to it.
    _remove(noun)
    source = pristine / noun.relative_to(work)
    shutil.copytree(source, noun) if source.is_dir() else shutil.copy2(source, noun)
    return f"{relative} ({how})", found


def _kind(path: Path) -> str:
    return f"{path.parts[-2] if path.parent.name in ('tokenizer', 'train', 'val', 'test') else ''}/{path.name}"


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink(missing_ok=True)


def _too_long(*_: object) -> None:
    raise TimeoutError(f"longer than {LIMIT_S:g} s")


def try_many(pristine: Path, seeds: range) -> Iterator[str]:
    """Failures of altered files with these seeds, in processes of their own, so that the end of one is a failure too."""
    todo = list(seeds)
    while todo:
        batch, todo = todo[:BATCH], todo[BATCH:]
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log"
            # A process of its own, and no fork: the threads of torch and of the tokenizer library would not be in it.
            command = [sys.executable, __file__, "--batch", str(pristine), str(Path(folder) / "work"), str(log)]
            child = subprocess.Popen([*command, *map(str, batch)], stderr=subprocess.DEVNULL)
            try:
                status = child.wait(len(batch) * WAITING_LIMIT_S / 4)
            except subprocess.TimeoutExpired:  # waiting where no signal reaches it
                child.kill()
                status = child.wait()
            lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
            done = [line for line in lines if line.startswith("done ")]
            yield from (line for line in lines if not line.startswith("done "))
            if status:
                left = batch[len(done) :]
                yield f"seed {left[0] if left else '?'}: the process ended with status {status}"
                todo = left[1:] + todo


def _batch(pristine: Path, work: Path, log: Path, seeds: list[int]) -> None:
    """What the process of a batch does."""
    import psutil
    import torch

    torch.set_num_threads(1)
    shutil.copytree(pristine, work)
    sys.addaudithook(_refuse)
    signal.signal(signal.SIGPROF, _too_long)
    signal.signal(signal.SIGALRM, _too_long)
    resource.setrlimit(resource.RLIMIT_AS, (psutil.Process().memory_info().vms + MEMORY_BYTES,) * 2)
    with open(log, "w", encoding="utf-8", errors="backslashreplace") as file:
        for seed in seeds:
            what, wrong = tried(pristine, work, seed)
            file.writelines(f"seed {seed}: {what}: {line}\n" for line in wrong)
            file.write(f"done {seed}\n")
            file.flush()


def main() -> int:
    """Build a project, alter its files, print what went wrong; 1 if anything did."""
    if sys.argv[1:2] == ["--batch"]:
        pristine, work, log = map(Path, sys.argv[2:5])
        _batch(pristine, work, log, [int(seed) for seed in sys.argv[5:]])
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("number", nargs="?", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0, help="the first of as many seeds as files")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LLMSTUDIO_HOME"] = str(Path(folder) / "home")
        build(Path(folder) / "project")
        failures = []
        for line in try_many(Path(folder) / "project", range(args.seed, args.seed + args.number)):
            print(line, flush=True)
            failures.append(line)
    kinds = Counter(line.split("): ")[-1].split(" (")[0][:80] for line in failures)
    print(f"{args.number} altered files, {len(failures)} failures", dict(kinds) if failures else "")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
