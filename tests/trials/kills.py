"""Kills the verbs that write, at every disk call and at random moments, and looks at what is left.

    python tests/trials/kills.py                      every disk call of every verb, then 200 random moments
    python tests/trials/kills.py --short              a few calls of the verbs that may lose most (run by the tests)
    python tests/trials/kills.py --only train,race --random 0
    python tests/trials/kills.py --only race --random 0 --part 2/5     every fifth call, from the second on
    python tests/trials/kills.py --full               the disk is full from the n-th call on, instead

A verb runs in a child that is ended by SIGKILL before its n-th call that changes the disk; a file may be half written by
then. After each kill: everything listed is whole and loads, nothing that was said to be saved is gone, nothing else has
changed, no name is taken by a ghost, and whoever goes on (resume, or the verb once more) ends on the same bits as an
undisturbed run: weights, best step, figures, history. Needs `fork`, so it does not run on Windows.
"""

from __future__ import annotations

import argparse
import builtins
import contextlib
import dataclasses
import difflib
import errno
import importlib
import os
import pickle
import random
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CLOCKS = ("seconds", "tokens_per_second", "peak_bytes", "predicted_peak_bytes")
SHORT = ("train", "close", "stop at once", "race", "delete", "chat")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(frozen=True)
class Deed:
    """Something that writes, and how to look at what a kill leaves of it.

    Attributes:
        name: What it is called on the command line.
        do: Makes its events in a project.
        after: Goes on after a kill, and returns what must be the same as without one.
        before: Changes a copy of the common project so that there is something to do.
    """

    name: str
    do: Callable[[Any], Iterable[Any]]
    after: Callable[[Any], Any]
    before: Callable[[Any], None] = lambda project: None


# --- the child: counting, and dying ---


class Counter:
    """Counts calls that change the disk below a folder, and ends this process before the one that it is to die at."""

    def __init__(self, root: Path, die_at: int, *, is_full: bool = False) -> None:
        self.root, self.die_at, self.is_full, self.count = str(root), die_at, is_full, 0

    def call(self, *, takes_room: bool = True) -> None:
        self.count += 1
        if self.is_full and takes_room and self.count >= self.die_at > 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self.count == self.die_at and not self.is_full:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        changes = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "os.link")
        if event in changes or (event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING):
            place = arguments[0]
            # What rmtree removes is named by what it has opened; a number is a file of ours.
            if isinstance(place, int) or os.fsdecode(place).startswith(self.root) or event in ("os.remove", "os.rmdir"):
                self.call(takes_room=event in ("open", "os.mkdir"))

    def watch(self) -> None:
        """From here on, every call counts."""
        from llmstudio.core.models.checkpoint import write

        real_sync, real_open, real_save = os.fsync, builtins.open, write.save_file

        def sync(handle: int) -> None:
            self.call()
            real_sync(handle)

        def opened(file: Any, mode: str = "r", *more: Any, **options: Any) -> Any:
            found = real_open(file, mode, *more, **options)
            is_ours = not isinstance(file, int) and os.fsdecode(file).startswith(self.root)
            return Torn(found, self) if is_ours and set(mode) & set("wax+") else found

        def saved(tensors: Any, path: Path, metadata: Any = None) -> None:
            self.call()
            real_save(tensors, path, metadata=metadata)
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) // 2])
            self.call()
            path.write_bytes(whole)

        sys.addaudithook(self.hook)
        os.fsync, builtins.open, write.save_file = sync, opened, saved  # type: ignore[assignment]


class Torn:
    """A file whose writes reach the disk in two halves."""

    def __init__(self, file: Any, counter: Counter) -> None:
        self._file, self._counter = file, counter

    def write(self, data: Any) -> int:
        half = len(data) // 2
        self._file.write(data[:half])
        self._file.flush()
        self._counter.call()
        self._file.write(data[half:])
        return len(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Torn:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)


def fork(work: Callable[[Callable[[Any], None]], object]) -> tuple[int, int]:
    """Run `work(say)` in a child; returns its number and where to read what it says, pickled."""
    source, sink = os.pipe()
    if pid := os.fork():
        os.close(sink)
        return pid, source
    status = 1
    try:
        os.close(source)
        work(lambda value: _write_all(sink, pickle.dumps(value)))
        status = 0
    except BaseException:
        _write_all(sink, pickle.dumps(("error", traceback.format_exc())))
    finally:
        os._exit(status)


def load(modules: list[str]) -> None:
    """Import what a child needed, so that the next ones have it from the beginning."""
    for name in modules:
        if name not in sys.modules:
            with contextlib.suppress(Exception):  # some are made up as they go
                importlib.import_module(name)


def _write_all(sink: int, data: bytes) -> None:
    data = len(data).to_bytes(8, "little") + data
    while data:
        data = data[os.write(sink, data) :]


def listen(pid: int, source: int, *, kill_after_s: float | None = None, patience_s: float = 120.0) -> tuple[list[Any], int]:
    """What a child said, and its status as `waitpid` has it; after `kill_after_s` it is killed."""
    began, data, is_killed = time.monotonic(), b"", False
    while True:
        limit = patience_s if kill_after_s is None or is_killed else kill_after_s
        ready, _, _ = select.select([source], [], [], max(0.0, began + limit - time.monotonic()))
        if not ready:
            os.kill(pid, signal.SIGKILL)
            if kill_after_s is None:
                raise AssertionError("a child hangs")
            is_killed = True
            kill_after_s = None
            continue
        part = os.read(source, 1 << 16)
        if not part:
            break
        data += part
    os.close(source)
    _, status = os.waitpid(pid, 0)
    said = []
    while len(data) >= 8 and len(data) >= 8 + (size := int.from_bytes(data[:8], "little")):
        said.append(pickle.loads(data[8 : 8 + size]))  # our own child's words
        data = data[8 + size :]
    return said, status


# --- what is looked at ---


def told(folder: Path) -> Any:
    """What a run's history says, without clocks and without how often it was begun and kept."""
    from llmstudio.core.events import Evaluated, Finished, Noted, Sampled
    from llmstudio.core.training.history import read_history

    history = read_history(folder)
    steps = [tuple(row[name].tobytes() for name in ("step", "loss", "grad_norm", "tokens")) for row in history.steps]
    said = []
    for event in history.events:
        if isinstance(event, Finished):
            said.append(str({key: value for key, value in event.result.items() if key not in CLOCKS}))
        elif isinstance(event, Evaluated | Sampled | Noted) and "was asleep or held" not in str(
            getattr(event, "message", "")
        ):
            said.append(str(dataclasses.replace(event, time=0.0)))
    return steps, said


def model_digest(project: Any, name: str) -> Any:
    """All that must not depend on kills: weights last and best, what its run says, its figures."""
    from llmstudio.core.models.checkpoint.read import find_checkpoint
    from llmstudio.store.files import sha256

    about = project.about("model", name)
    found = []
    for which in ("last", "best"):
        checkpoint, notes = find_checkpoint(about.path, which)
        assert not notes, f"{name}: {notes[0]}"
        found.append((which, checkpoint.step, sha256(checkpoint.path / "model.safetensors")))
    result = {key: value for key, value in (about.facts.get("result") or {}).items() if key not in CLOCKS}
    return found, told(about.path), about.facts.get("state"), about.facts.get("hash"), sorted(result.items(), key=str)


def require_whole(project: Any) -> None:
    """Everything that is listed loads; nothing is unreadable."""
    from llmstudio.app.items.ancestry import recipe_of
    from llmstudio.app.items.chats import load_chat
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.models.checkpoint.folders import has_begun
    from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
    from llmstudio.core.tokenizer.tokenizer import Tokenizer
    from llmstudio.core.training.history import read_history

    assert project.unreadable() == [], [str(reason) for reason in project.unreadable()]
    for item in project.items("corpus"):
        assert sum(1 for _ in Corpus(item.path).records("train")) > 0
    for item in project.items("tokenizer"):
        assert Tokenizer.load(item.path).vocab_size == item.facts["vocab_size"]
    for item in project.items("dataset"):
        rows = Dataset.open(item.path).split("train")
        assert rows is not None
        assert rows.row(rows.num_rows - 1) is not None
    for item in project.items("model"):
        recipe_of(item)
        read_history(item.path)
        assert Tokenizer.load(item.path / "tokenizer").vocab_size > 0
        for which in ("last", "best") if has_begun(item.path) else ():
            checkpoint, notes = find_checkpoint(item.path, which)
            assert not notes, str(notes[0])
            load_model(checkpoint)
    for item in project.items("chat"):
        assert load_chat(project, item.name).messages


def names(project: Any) -> set[str]:
    from llmstudio.store.project import FOLDERS

    return {f"{kind}/{item.name}" for kind in FOLDERS for item in project.items(kind)}


def require_tidy(project: Any) -> None:
    """Once somebody has written again, nothing of the dead is left."""
    from llmstudio.app.items.locks import writing

    with writing(project):
        pass
    left = [str(path) for path in project.root.rglob("*") if path.name.startswith((".staged-", ".aside-"))]
    assert left == [], left
    assert not list(project.root.glob("project.lock*"))


# --- the deeds ---


def common(root: Path) -> None:
    """A project with a corpus, a tokenizer, a dataset, and the model Tiny."""
    from llmstudio.app.verbs.import_corpus import import_corpus
    from llmstudio.app.verbs.tokenizer import build_tokenizer
    from llmstudio.core.corpus.config import CorpusConfig
    from llmstudio.core.tokenizer.config import TokenizerConfig
    from llmstudio.core.work import Stop

    project = project_at(root)
    list(import_corpus(project, ["sample:tour"], name="World", config=CorpusConfig(sample_count=60), stop=Stop()))
    config = TokenizerConfig(kind="word", min_frequency=1)
    list(build_tokenizer(project, "World", name="Words", config=config, stop=Stop()))
    list(train(project, "Tiny", "decoder"))
    save_chat(project, 1)


def project_at(root: Path) -> Any:
    from llmstudio.store.project import Project

    return Project(root)


def recipe(kind: str, **changes: Any) -> Any:
    """A tiny recipe with dropout, accumulated gradients, and looks, samples and checkpoints each to their own beat."""
    from llmstudio.app.presets.by_name import choose
    from llmstudio.core.recipe import change

    tiny = choose(kind, "nano").recipe
    settings = {
        "max_steps": 7, "batch_size": 2, "grad_accumulation_steps": 2, "eval_steps": 3, "sample_steps": 4,
        "checkpoint_steps": 2, "eval_tokens": 200, "sample_tokens": 2, "threads": 1, "number_format": "fp32",
    }  # fmt: skip
    model = {"dropout": 0.1, "context_length": 32, "num_layers": 1, "embed_dim": 16, "num_heads": 2, "hidden_dim": 16}
    known = {name: value for name, value in model.items() if hasattr(tiny.model, name)}
    paths = {f"training.{name}": value for name, value in (settings | changes).items()}
    return change(tiny, paths | {f"model.{name}": value for name, value in known.items()})


EARLY = {"max_steps": 40, "eval_steps": 2, "early_stopping": 2, "learning_rate": 1e-7}
LONGER = 9


def train(project: Any, name: str, kind: str, stop: Any = None, **changes: Any) -> Iterator[Any]:
    from llmstudio.app.verbs.train import train as train_job
    from llmstudio.core.work import Stop

    wishes = {"corpus": "World", "tokenizer": "Words", "recipe": recipe(kind, **changes)}
    return train_job(project, name=name, stop=stop or Stop(), **wishes)


def cut(project: Any, name: str, kind: str, step: int, **changes: Any) -> None:
    """A model whose run was closed at a step."""
    from llmstudio.core.events import TrainStep

    running: Any = train(project, name, kind, **changes)
    next(event for event in running if isinstance(event, TrainStep) and event.step == step)
    running.close()


def finish(kind: str, **changes: Any) -> Callable[[Any], Any]:
    """Resume New until it is finished, or train it if there is none; then all of it."""

    def after(project: Any) -> Any:
        from llmstudio.app.runs.resuming import resume as resume_job
        from llmstudio.core.work import Stop

        if not project.exists("model", "New"):
            list(train(project, "New", kind, **changes))
        elif project.about("model", "New").facts["state"] != "finished":
            list(resume_job(project, "New", stop=Stop()))
        return model_digest(project, "New")

    return after


def resume(project: Any, *, at_once: bool = False) -> Iterator[Any]:
    from llmstudio.app.runs.resuming import resume as resume_job
    from llmstudio.core.events import Started
    from llmstudio.core.work import Stop

    stop = Stop()
    for event in resume_job(project, "New", stop=stop):
        if at_once and isinstance(event, Started):
            stop.request()
        yield event


def resume_longer(project: Any) -> Iterator[Any]:
    from llmstudio.app.runs.resuming import resume as resume_job
    from llmstudio.core.work import Stop

    return resume_job(project, "New", changes={"training.max_steps": LONGER}, stop=Stop())


def finish_longer(project: Any) -> Any:
    """The recipe is the old one or the new one, never none; going on leads to the new one, and to the same weights."""
    from llmstudio.app.items.ancestry import recipe_of

    def steps() -> int:
        return recipe_of(project.about("model", "New")).training.max_steps

    assert steps() in (7, LONGER), steps()
    if steps() != LONGER:
        list(resume_longer(project))
    return steps(), finish("decoder")(project)[0]


def race(project: Any) -> Iterator[Any]:
    from llmstudio.app.race.board import Runner
    from llmstudio.app.race.racing import Budget
    from llmstudio.app.race.racing import race as race_job
    from llmstudio.core.work import Stop

    runners = [Runner(kind, recipe(kind, rows="running", max_steps=4), "Words") for kind in ("decoder", "lstm")]
    return race_job(project, name="Derby", corpus="World", runners=runners, budget=Budget(tokens=600), stop=Stop())


def finish_race(project: Any) -> Any:
    from llmstudio.app.race.board import leaderboard
    from llmstudio.app.race.resuming import resume_race
    from llmstudio.core.work import Stop

    models = [item for item in project.items("model") if "race" in item.facts]
    if not models:
        list(race(project))
    elif any(item.facts["race"].get("plan") for item in models):
        list(resume_race(project, "Derby", stop=Stop()))
    board = [(place.model, place.bits_per_byte, place.steps, place.out) for place in leaderboard(project, "Derby")]
    return board, [model_digest(project, kind) for kind in ("decoder", "lstm")]


def save_chat(project: Any, turns: int) -> Iterator[Any]:
    from llmstudio.app.items.chats import save_chat as keep_chat
    from llmstudio.core.generation.chat import Chat

    chat = Chat()
    for _ in range(turns):
        chat = chat.say("user", "who has the kite ?", parent=chat.leaf)
    keep_chat(project, "Talk", chat, model="Tiny")
    return iter(())


def chat_after(project: Any) -> Any:
    from llmstudio.app.items.chats import load_chat

    turns = len(load_chat(project, "Talk").messages)
    assert turns in (1, 5), turns
    save_chat(project, 5)
    return len(load_chat(project, "Talk").messages)


def made(kind: str, name: str, again: Callable[[Any], Iterable[Any]]) -> Callable[[Any], Any]:
    """The item is whole or absent; if absent it can be made under the same name, and is the same."""

    def after(project: Any) -> Any:
        if not project.exists(kind, name):
            list(again(project))
        return project.about(kind, name).facts.get("hash")

    return after


def renamed(project: Any) -> Any:
    from llmstudio.app.verbs.rename import rename

    assert project.exists("model", "Tiny") != project.exists("model", "Small")
    if project.exists("model", "Tiny"):
        list(rename(project, "Tiny", "Small"))
    return project.about("model", "Small").facts["hash"]


def deleted(project: Any) -> Any:
    from llmstudio.app.verbs.delete import delete

    if project.exists("model", "Tiny"):
        list(delete(project, "model/Tiny"))
    assert not project.path("model", "Tiny").exists(), "a ghost holds the name"
    list(train(project, "Tiny", "decoder", max_steps=1))
    return project.exists("model", "Tiny")


def deeds() -> list[Deed]:
    from llmstudio.app.verbs.delete import delete
    from llmstudio.app.verbs.import_corpus import import_corpus
    from llmstudio.app.verbs.prune import prune as prune_job
    from llmstudio.app.verbs.rename import rename
    from llmstudio.app.verbs.tokenizer import build_tokenizer
    from llmstudio.core.corpus.config import CorpusConfig
    from llmstudio.core.sparsity.config import PruningConfig
    from llmstudio.core.tokenizer.config import TokenizerConfig
    from llmstudio.core.work import Stop

    def import_more(project: Any) -> Iterable[Any]:
        config = CorpusConfig(sample_count=30)
        return import_corpus(project, ["sample:tour"], name="More", config=config, stop=Stop())

    def prune(project: Any) -> Iterable[Any]:
        return prune_job(project, "Tiny", name="Half", config=PruningConfig(sparsity=0.5), stop=Stop())

    def tokenizer(project: Any) -> Iterable[Any]:
        return build_tokenizer(project, "World", name="Bytes", config=TokenizerConfig(kind="byte"), stop=Stop())

    def without_dataset(project: Any) -> None:
        for item in project.items("dataset"):
            project.delete("dataset", item.name)

    return [
        Deed("train", lambda p: train(p, "New", "decoder"), finish("decoder"), without_dataset),
        Deed("train lstm", lambda p: train(p, "New", "lstm"), finish("lstm")),
        Deed("train early", lambda p: train(p, "New", "gru", **EARLY), finish("gru", **EARLY)),
        Deed("resume", resume, finish("encoder_decoder"), lambda p: cut(p, "New", "encoder_decoder", 5)),
        Deed("resume longer", resume_longer, finish_longer, lambda p: cut(p, "New", "decoder", 5)),
        Deed("close", resume, finish("decoder"), lambda p: cut(p, "New", "decoder", 7)),
        Deed("stop at once", lambda p: resume(p, at_once=True), finish("decoder"), lambda p: cut(p, "New", "decoder", 3)),
        Deed("race", race, finish_race),
        Deed("prune", prune, made("model", "Half", prune)),
        Deed("import", import_more, made("corpus", "More", import_more)),
        Deed("tokenizer", tokenizer, made("tokenizer", "Bytes", tokenizer)),
        Deed("rename", lambda p: rename(p, "Tiny", "Small"), renamed),
        Deed("delete", lambda p: delete(p, "model/Tiny"), deleted),
        Deed("chat", lambda p: save_chat(p, 5), chat_after),
    ]


# --- the trial ---


def differences(found: Any, wanted: Any) -> Iterator[str]:
    """Line by line and in full what was found and not wanted, and the other way round."""
    if isinstance(found, list) and isinstance(wanted, list):
        one, other = [str(item) for item in found], [str(item) for item in wanted]
        for kind, a, b, c, d in difflib.SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
            if kind != "equal":
                yield from (f"        found  {a + i}: {item}" for i, item in enumerate(one[a:b]))
                yield from (f"        wanted {c + i}: {item}" for i, item in enumerate(other[c:d]))
    elif isinstance(found, tuple) and isinstance(wanted, tuple) and len(found) == len(wanted):
        for one, other in zip(found, wanted, strict=True):
            yield from differences(one, other) if one != other else ()
    else:
        yield f"        found  {found}"
        yield f"        wanted {wanted}"


class Trial:
    """One deed, killed again and again in copies of one project."""

    def __init__(self, deed: Deed, base: Path, scratch: Path) -> None:
        self.deed, self.scratch, self.number = deed, scratch, 0
        self.base = scratch / "base"
        shutil.copytree(base, self.base)
        self._child(lambda say: deed.before(project_at(self.base)))
        began = time.monotonic()
        counted, _ = self._run(lambda say: self._do(say, self.copy(), die_at=0))
        self.seconds, self.calls = time.monotonic() - began, dict(counted)["calls"]
        found = self._child(lambda say: (say(("same", self._undisturbed())), say(("modules", list(sys.modules)))))
        self.wanted = found["same"]
        load(found["modules"])

    def copy(self) -> Any:
        place = self.scratch / "copy"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.base, place)
        return project_at(place)

    def killed_at(self, call: int) -> str:
        """Kill before the call of this number; what is wrong afterwards, empty if nothing is."""
        project = self.copy()
        said, status = self._run(lambda say: self._do(say, project, die_at=call))
        if not os.WIFSIGNALED(status) and status:  # one that ended well had a call less this time: clocks flush histories
            return f"the child failed: {said[-1:]}"
        return self._verdict(said)

    def full_at(self, call: int) -> str:
        """Let the disk be full from this call on; what is wrong afterwards."""
        project = self.copy()
        said, status = self._run(lambda say: self._do(say, project, die_at=call, is_full=True))
        found = dict(said)
        if status:
            return f"no sentence: {found.get('error', '')[-300:]}"
        if "refused" in found and ("is full" not in found["refused"] or ".staged-" in found["refused"]):
            return f"another sentence: {found['refused']}"
        return self._verdict(said)

    def killed_after(self, seconds: float) -> str:
        """Kill after so many seconds."""
        project = self.copy()
        said, _ = self._run(lambda say: self._do(say, project, die_at=-1), kill_after_s=seconds)
        return self._verdict(said)

    def _verdict(self, said: list[Any]) -> str:
        try:
            found = self._child(lambda say: say(("same", self._checked(said))))
        except AssertionError as error:
            return str(error)
        return (
            "\n".join(("went on to something else:", *differences(found["same"], self.wanted)))
            if found["same"] != self.wanted
            else ""
        )

    def _checked(self, said: list[Any]) -> Any:
        """In a child: look at what is left, go on, and look again."""
        from llmstudio.core.models.checkpoint.read import find_checkpoint

        project = project_at(self.scratch / "copy")
        require_whole(project)
        gone = names(project_at(self.base)) - names(project)
        assert gone <= ({"model/Tiny"} if self.deed.name in ("rename", "delete") else set()), f"lost: {gone}"
        for kind, name, step in (what[1] for what in said if what[0] == "saved"):
            if kind == "checkpoint":
                checkpoint, _ = find_checkpoint(project.path("model", name), "last")
                assert checkpoint.step >= step, f"{name} was saved at step {step}, and has {checkpoint.step}"
            else:
                assert project.exists(kind, name), f"{kind} {name} was saved, and is gone"
        same = self.deed.after(project)
        require_whole(project)
        require_tidy(project)
        return same

    def _undisturbed(self) -> Any:
        project = self.copy()
        list(self.deed.do(project))
        return self.deed.after(project)

    def _do(self, say: Callable[[Any], None], project: Any, *, die_at: int, is_full: bool = False) -> None:
        from llmstudio.core.errors import StudioError
        from llmstudio.core.events import Saved

        counter = Counter(project.root, die_at, is_full=is_full)
        if die_at >= 0:
            counter.watch()
        try:
            for event in self.deed.do(project):
                if isinstance(event, Saved):
                    name = Path(event.location).parents[1].name if event.kind == "checkpoint" else event.name
                    say(("saved", (event.kind, name, event.step)))
        except StudioError as error:
            say(("refused", str(error)))
        say(("calls", counter.count))

    def _run(self, work: Callable[[Any], object], *, kill_after_s: float | None = None) -> tuple[list[Any], int]:
        self.number += 1
        return listen(*fork(work), kill_after_s=kill_after_s)

    def _child(self, work: Callable[[Any], object]) -> dict[str, Any]:
        said, status = self._run(work)
        found = dict(said)
        assert status == 0, found.get("error", f"a child ended with {status}")
        return found


def run(
    only: list[str], *, per_deed: int, num_random: int, seed: int, is_full: bool = False, part: tuple[int, int] = (1, 1)
) -> int:
    """Kill all deeds; returns how many kills went wrong.

    Args:
        only: Names of deeds; all if empty.
        per_deed: So many calls of each, evenly spread; all of them if 0.
        num_random: Kills at random moments after that.
        seed: Which moments.
        is_full: The disk is full instead.
        part: Of all calls the first of so many parts, the second, ...: together the parts are every call once.
    """
    dice = random.Random(seed)
    kills = wrong = 0
    quick = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # in memory: thousands of copies, and as many syncs
    with tempfile.TemporaryDirectory(prefix="kills-", dir=quick) as place:
        os.environ["LLMSTUDIO_HOME"] = str(Path(place) / "home")
        base = Path(place) / "common"
        pid, source = fork(lambda say: common(base))
        said, status = listen(pid, source)
        assert status == 0, said
        chosen = [deed for deed in deeds() if not only or deed.name in only]
        trials = []
        for number, deed in enumerate(chosen):
            trials.append(trial := Trial(deed, base, Path(place) / str(number)))
            calls: list[int] | range = range(part[0], trial.calls + 1, part[1])
            if per_deed:
                calls = sorted({1 + round(i * (trial.calls - 1) / max(1, per_deed - 1)) for i in range(per_deed)})
            at = trial.full_at if is_full else trial.killed_at
            failed = [(call, reason) for call in calls if (reason := at(call))]
            kills, wrong = kills + len(calls), wrong + len(failed)
            print(f"{deed.name:<14} {trial.calls:>4} disk calls, {len(calls):>4} kills, {len(failed):>3} wrong", flush=True)
            for call, reason in failed:
                print(f"    call {call}: {reason}", flush=True)
        failed_at = []
        for _ in range(num_random):
            trial = dice.choice(trials)
            seconds = dice.random() * trial.seconds
            if reason := trial.killed_after(seconds):
                failed_at.append(f"    {trial.deed.name} after {seconds:.3f} s: {reason}")
        kills, wrong = kills + num_random, wrong + len(failed_at)
        if num_random:
            print(f"{'random moments':<14} {num_random:>26} kills, {len(failed_at):>3} wrong", *failed_at, sep="\n")
    print(f"{kills} kills, {wrong} wrong")
    return wrong


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--short", action="store_true", help="a few calls of the verbs that may lose most")
    parser.add_argument("--only", default="", help="verbs, parted by commas")
    parser.add_argument("--calls", type=int, default=0, help="calls of each verb, evenly spread; 0 for all")
    parser.add_argument("--part", default="1/1", help="a share of the calls, as in 2/5: every fifth, from the second on")
    parser.add_argument("--random", type=int, default=200, help="kills at random moments")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--full", action="store_true", help="a full disk instead of a kill")
    given = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    only = [name.strip() for name in given.only.split(",") if name.strip()]
    if given.short:
        return min(1, run(only or list(SHORT), per_deed=3, num_random=3, seed=given.seed))
    num_random = 0 if given.full else given.random
    which, of = map(int, given.part.split("/"))
    part = (which, of)
    return min(1, run(only, per_deed=given.calls, num_random=num_random, seed=given.seed, is_full=given.full, part=part))


if __name__ == "__main__":
    sys.exit(main())
