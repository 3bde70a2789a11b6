from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from llmstudio import __main__ as entry
from llmstudio import cli
from llmstudio.app.items import loaded
from llmstudio.app.presets.by_name import PRESETS
from llmstudio.app.verbs.list import table
from llmstudio.core import recipe as recipes
from llmstudio.core.errors import Remedy
from llmstudio.core.events import EVENTS, Evaluated, Event, Failed, Finished, Noted, Piece, Progress, Stopped, TrainStep
from llmstudio.core.words import words
from llmstudio.store.project import Project
from llmstudio.terminal import printer as terminal
from llmstudio.terminal.json_lines import as_json

SMALL = ["--set", "sample_count=80"]
TRAIN = ["train", "--corpus", "C", "--tokenizer", "T", "--name", "N"]
QUICK = [f"--set=training.{setting}" for setting in ("max_steps=4", "threads=1", "number_format=fp32", "batch_size=4")]


def environment(home: Path) -> dict[str, str]:
    return os.environ | {"LLMSTUDIO_HOME": str(home)}


def program(home: Path, *argv: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """The real program in a process of its own."""
    command = [sys.executable, "-m", "llmstudio", *map(str, argv)]
    return subprocess.run(command, capture_output=True, text=True, env=environment(home), encoding="utf-8", **options)


def refuse(name: str) -> None:
    pytest.fail(f"{name} is no JSON")


def events_of(output: str) -> list[dict[str, Any]]:
    """Every line as JSON; checks that the stream has the shape that other programs rely on."""
    events = [
        json.loads(line, parse_constant=lambda name: pytest.fail(f"{name} is no JSON")) for line in output.splitlines()
    ]
    assert all(event["event"] in EVENTS for event in events)
    ends = [event for event in events if event["event"] in ("finished", "stopped", "failed")]
    assert ends == events[-1:]
    return events


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LLMSTUDIO_HOME", str(folder))
    yield folder
    loaded.forget()


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """The program as a whole hears no signal once it has ended."""
    numbers = [signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])]
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[dict[str, Any]]]]:
    """A project grown by the real program, and what each verb said."""
    home, project = tmp_path_factory.mktemp("cli"), tmp_path_factory.mktemp("cli") / "my project"
    verbs = {
        "import": ["import", "sample:tour", "--name", "World", *SMALL],
        "tokenizer": ["tokenizer", "World", "--kind", "word", "--name", "Words", "--set", "min_frequency=1"],
        "train": ["train", "--corpus", "World", "--tokenizer", "Words", "--preset", "nano", "--name", "Tiny", *QUICK],
        "prune": ["prune", "Tiny", "--method", "magnitude", "--sparsity", "0.5", "--name", "Half"],
    }
    said = {}
    for verb, argv in verbs.items():
        done = program(home, *argv, "--project", project, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        said[verb] = events_of(done.stdout)
    return project, said


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> tuple[int, str, str]:
    """The command line inside this process."""
    capsys.readouterr()
    try:
        status = cli.main([str(word) for word in argv])
    except SystemExit as left:
        status = int(left.code or 0)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_that_each_verb_ends_in_its_promised_figures(grown: tuple[Path, dict[str, list[dict[str, Any]]]]) -> None:
    _, said = grown
    results = {verb: set(events[-1]["result"]) for verb, events in said.items()}
    assert results["train"] >= {
        "model", "steps", "train_loss", "val_loss", "bits_per_byte", "tokens_per_second", "seconds", "peak_bytes",
        "predicted_peak_bytes", "parameters",
    }  # fmt: skip
    assert results["prune"] >= {
        "model", "sparsity", "bits_per_byte_before", "bits_per_byte_after", "file_bytes_before", "file_bytes_after",
        "nonzeros",
    }  # fmt: skip
    assert said["train"][-1]["result"]["steps"] == 4
    assert [event["step"] for event in said["train"] if event["event"] == "train_step"] == [1, 2, 3, 4]
    assert all(events[0]["event"] == "started" for events in said.values())
    assert isinstance(said["train"][0]["title"], str)


@pytest.mark.parametrize(
    ("argv", "keys"),
    [
        (["generate", "Tiny", "--prompt", "clara has", "--max-new-tokens", "5"],
         {"text", "tokens", "tokens_per_second", "first_token_seconds"}),
        (["evaluate", "Tiny"], {"loss", "perplexity", "bits_per_byte", "tokens"}),
        (["evaluate", "Half"], {"loss", "perplexity", "bits_per_byte", "tokens"}),
        (["list"], {"corpus", "tokenizer", "dataset", "model", "chat"}),
        (["show", "Tiny"], {"kind", "name", "id", "created", "made_from", "facts", "path", "bytes"}),
    ],
)  # fmt: skip
def test_that_the_other_verbs_answer_in_json(
    grown: tuple[Path, Any], capsys: pytest.CaptureFixture[str], argv: list[str], keys: set[str]
) -> None:
    status, out, err = run(capsys, *argv, "--project", grown[0], "--json")
    assert (status, err) == (0, "")
    assert set(events_of(out)[-1]["result"]) >= keys


def test_that_the_same_seed_says_the_same_on_the_command_line(
    grown: tuple[Path, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    texts = []
    for seed in (3, 3, 4):
        argv = ["generate", "Tiny", "--prompt", "clara", "--temperature", 1, "--top-k", 50, "--top-p", 0.99, "--seed", seed]
        _, out, _ = run(capsys, *argv, "--project", grown[0], "--json")
        texts.append(events_of(out)[-1]["result"]["text"])
    assert texts[0] == texts[1] != texts[2]


def test_that_a_random_seed_is_drawn_on_request_and_told(
    grown: tuple[Path, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["generate", "Tiny", "--prompt", "clara", "--seed", "random", "--project", grown[0]]
    found = [events_of(run(capsys, *argv, "--json")[1])[-1]["result"] for _ in range(2)]
    assert found[0]["seed"] != found[1]["seed"]
    _, out, _ = run(capsys, *argv)
    seed = out.rstrip().rsplit("seed ", 1)[1].rstrip(")")
    _, again, _ = run(capsys, *argv[:5], seed, "--project", grown[0])
    assert again.rsplit("\n(", 1)[0] == out.rsplit("\n(", 1)[0], "a told seed draws the same text"


def test_that_settings_of_another_family_are_not_offered_and_without_effect_say_so(
    grown: tuple[Path, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    argv = ["generate", "Tiny", "--prompt", "clara", "--project", grown[0]]
    status, _, err = run(capsys, *argv, "--set", "lenght_penalty=1.3")
    assert status == 2
    assert "repetition_penalty" in err
    assert "length_penalty" not in err.replace("lenght", "")
    status, out, _ = run(capsys, *argv, "--set", "length_penalty=1.3", "--json")
    assert status == 0
    assert [e["message"] for e in events_of(out) if e["event"] == "noted" and "no effect" in e["message"]]


def test_that_an_import_tells_encodings_and_what_cleaning_removed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for n in range(3):
        (tmp_path / f"same {n}.txt").write_text("the same words, café", "utf-8")
    (tmp_path / "poem_1.txt").write_bytes("今天天气很好，我们一起去公园散步。\n".encode("gb18030") * 20)
    argv = ["import", *sorted(tmp_path.glob("*.txt")), "--name", "Mixed", "--set", "cleaning.urls=yes"]
    status, out, err = run(capsys, *argv, "--project", tmp_path / "project")
    assert (status, err) == (0, "")
    coding = r"simplified Chinese \(GB18030, GBK, GB2312\), found by its letters"
    assert re.search(rf"^  read as +poem_1\.txt: {coding}$", out, re.MULTILINE)
    assert re.search(r"^  documents +2 of 4 documents \(left out: 2 exact copies\)$", out, re.MULTILINE)
    assert re.search(r"^  documents removed · exact duplicates +2$", out, re.MULTILINE)
    assert re.search(r"^  split +train \d+, val \d+, test 0 characters \(by position in each document\)$", out, re.MULTILINE)
    assert re.search(r"^  overlap of the parts +0$", out, re.MULTILINE)


def test_that_a_test_file_of_ones_own_is_named_behind_the_sources(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, first in (("a.csv", 0), ("b.csv", 30), ("held.csv", 58)):
        rows = "".join(f"line {n} of it,{'xy'[n % 2]}\n" for n in range(first, first + 30))
        (tmp_path / name).write_text("text,label\n" + rows)
    sources = [tmp_path / "a.csv", tmp_path / "b.csv"]
    argv = ["import", *sources, "--test", tmp_path / "held.csv", "--name", "Mixed", "--set", "split.val_share=0"]
    status, out, err = run(capsys, *argv, "--project", tmp_path / "project")
    assert (status, err) == (0, "")
    assert re.search(r"^  split +train 60, val 0, test 30 documents \(by given\)$", out, re.MULTILINE)
    assert re.search(r"^  test texts also learned from +2$", out, re.MULTILINE)
    assert "2 of 30 texts of the test are learned from as well" in out


def test_that_an_export_lands_where_it_was_asked_for(
    grown: tuple[Path, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    argv = ["export", "Tiny", "--format", "hugging_face", tmp_path / "out", "--project", grown[0], "--json"]
    status, out, _ = run(capsys, *argv)
    assert status == 0
    assert Path(events_of(out)[-1]["result"]["path"]) == (tmp_path / "out").resolve()
    assert (tmp_path / "out" / "model.safetensors").exists()
    status, out, err = run(capsys, *argv)
    assert (status, events_of(out)[-1]["event"]) == (1, "failed")
    assert len(err.splitlines()) == 1


def test_that_plain_output_is_for_people(grown: tuple[Path, Any], capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, "list", "--project", grown[0])
    assert (status, err) == (0, "")
    assert "World · Words" in out
    assert "{" not in out
    _, out, _ = run(capsys, "generate", "Tiny", "--prompt", "clara", "--max-new-tokens", 3, "--project", grown[0])
    assert "tokens/s" in out


@pytest.mark.parametrize(
    ("argv", "hint"),
    [
        (["frobnicate"], "tokenizer"),
        (["train", "--corpus", "World"], "--name"),
        (
            [*TRAIN, "--set", "training.max_step=3"],
            "training.max_steps",
        ),
        ([*TRAIN, "--set", "training.max_steps=0"], "between 1 and"),
        ([*TRAIN, "--set", "training.max_steps"], "PATH=VALUE"),
        ([*TRAIN, "--set", "model.embed_dim=90"], "nearest"),
        ([*TRAIN, "--preset", "giant"], "nano"),
        ([*TRAIN, "--model", "oracle"], "decoder"),
        (["tokenizer", "C", "--name", "N", "--kind", "runes"], "wordpiece"),
        (["tokenizer", "C", "--name", "N", "--vocab-size", "1"], "between 16"),
        (["prune", "M", "--name", "N", "--sparsity", "1.5"], "0.99"),
        (["prune", "M", "--name", "N", "--method", "axe"], "magnitude"),
        (["generate", "M", "--prompt", "x", "--temperature", "hot"], "temperature"),
        (["export", "M", "--format", "scroll", "OUT"], "hugging_face"),
        (["import", "x", "--name", "N", "--set", "cleaning.lowercase=yes"], "cleaning.lower_case"),
        (["import", "x", "--name", "N", "--set", "reading.encoding=utf-88"], 'must be one of: "" (automatic), utf-8'),
    ],
)
@pytest.mark.parametrize("as_json", [False, True])
def test_that_wrong_words_are_refused_with_the_right_ones(
    capsys: pytest.CaptureFixture[str], argv: list[str], hint: str, as_json: bool
) -> None:
    status, out, err = run(capsys, *argv, *["--json"] * as_json)
    assert status == 2
    assert hint in err
    assert "Traceback" not in err
    if as_json:
        assert hint in events_of(out)[-1]["message"]
    else:
        assert out == ""


def test_that_a_newer_project_is_a_failure_and_no_wrong_word(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "project.json").write_text('{"format": 99}')
    for argv in (["list"], ["chat", "Tiny"], ["import", "a.txt", "--name", "N"]):
        status, out, err = run(capsys, *argv, "--project", tmp_path)
        assert (status, out) == (1, "")
        assert "made by a newer version" in err


@pytest.mark.parametrize("argv", [["--project", "some where"], ["--project=some where"], []])
def test_that_without_a_verb_the_window_opens_on_the_project(monkeypatch: pytest.MonkeyPatch, argv: list[str]) -> None:
    opened: list[Path | None] = []
    monkeypatch.setattr("llmstudio.gui.window.application.main", opened.append)
    monkeypatch.setattr(sys, "argv", ["llmstudio", *argv])
    assert entry.main() == 0
    assert opened == ([Path("some where")] if argv else [None])


def test_that_what_an_item_says_of_itself_is_plain(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a_b.txt").write_text("some words")
    argv = ["import", tmp_path / "a_b.txt", "sample:tales", "--set", "sample_count=20", "--name", "N"]
    assert run(capsys, *argv, "--project", tmp_path / "project")[0] == 0
    status, out, err = run(capsys, "show", "N", "--project", tmp_path / "project")
    assert (status, err) == (0, "")
    assert not re.search(r"[\[\]{}']|None", out), out
    assert re.search(r"^  created +20\d\d-\d\d-\d\d \d\d:\d\d$", out, re.MULTILINE)
    assert re.search(r"sources +a_b\.txt, sample:tales$", out, re.MULTILINE)


@pytest.mark.parametrize(
    "argv",
    [
        ["train", "--corpus", "Nothing", "--tokenizer", "Words", "--name", "N"],
        ["train", "--corpus", "World", "--tokenizer", "Words", "--name", "Tiny"],
        ["train", "--corpus", "World", "--tokenizer", "Words", "--name", "a/b"],
        ["resume", "Nobody"],
        ["generate", "Nobody", "--prompt", "x"],
        ["chat", "Nobody"],
        ["show", "Nobody"],
        ["import", "no such file.txt", "--name", "N"],
        ["evaluate", "Tiny", "--text", "no such file.txt"],
    ],
)
def test_that_what_a_user_can_mend_is_one_sentence(
    grown: tuple[Path, Any], capsys: pytest.CaptureFixture[str], argv: list[str]
) -> None:
    status, out, err = run(capsys, *argv, "--project", grown[0], "--json")
    assert status == 1, out
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err + out
    assert events_of(out)[-1]["message"] + "\n" == err


def test_that_a_surprise_is_one_sentence_and_a_report_in_a_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    def surprise(project: Project) -> Iterator[Event]:
        yield Noted(message=words("so far"))
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("llmstudio.app.verbs.list.list_items", surprise)
    status, _, err = run(capsys, "list")
    assert status == 1
    assert len(err.splitlines()) == 1
    (report,) = (home / "logs").iterdir()
    assert str(report) in err
    assert "ZeroDivisionError: secret" in report.read_text()


def test_that_ctrl_c_stops_saves_and_can_be_resumed(
    grown: tuple[Path, Any], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = grown[0]
    argv = ["train", "--corpus", "World", "--tokenizer", "Words", "--preset", "nano", "--name", "Stopped", *QUICK]
    argv += ["--set=training.max_steps=100000", "--set=training.eval_steps=100000", "--project", str(project), "--json"]
    command = [sys.executable, "-m", "llmstudio", *argv]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(home)
    ) as running:
        assert running.stdout is not None
        lines = []
        for line in running.stdout:
            lines.append(line)
            if json.loads(line)["event"] == "train_step":
                break
        running.send_signal(signal.SIGINT)
        rest, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert err == ""
    end = events_of("".join(lines) + rest)[-1]
    assert end["event"] == "stopped"
    assert end["result"]["kept"] is True
    status, out, _ = run(capsys, "show", "Stopped", "--project", project, "--json")
    assert events_of(out)[-1]["result"]["facts"]["state"] == "stopped"
    assert status == 0


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="terminals are not closed by a signal here")
def test_that_a_closed_terminal_ends_a_run_like_a_polite_kill_though_nobody_hears_it(
    grown: tuple[Path, Any], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project = grown[0]
    argv = ["train", "--corpus", "World", "--tokenizer", "Words", "--preset", "nano", "--name", "Hung up", *QUICK]
    argv += ["--set=training.max_steps=100000", "--set=training.eval_steps=100000", "--project", str(project), "--json"]
    command = [sys.executable, "-m", "llmstudio", *argv]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(home)) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if json.loads(line)["event"] == "train_step":
                break
        running.send_signal(signal.SIGHUP)
        running.stdout.close()  # whoever read is gone
        running.send_signal(signal.SIGHUP)
        assert running.stderr is not None
        err = running.stderr.read()
    assert running.returncode == 130, err
    assert b"Traceback" not in err
    status, out, _ = run(capsys, "show", "Hung up", "--project", project, "--json")
    assert status == 0
    assert events_of(out)[-1]["result"]["facts"]["state"] == "stopped"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk is always full here")
@pytest.mark.parametrize("more", [[], ["--json"]])
def test_that_a_log_on_a_full_disk_is_told_in_one_sentence(grown: tuple[Path, Any], home: Path, more: list[str]) -> None:
    command = [sys.executable, "-m", "llmstudio", "list", "--project", str(grown[0]), *more]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, env=environment(home), timeout=120, check=False
        )
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1, ended.stderr
    assert "No space left" in ended.stderr


def test_that_items_are_renamed_and_deleted_by_words(grown: tuple[Path, Any], capsys: pytest.CaptureFixture[str]) -> None:
    project = grown[0]

    def names() -> list[str]:
        _, out, _ = run(capsys, "list", "--project", project, "--json")
        return [item["name"] for item in events_of(out)[-1]["result"]["corpus"]]

    assert run(capsys, "import", "sample:tour", "--name", "Spare", "--set=sample_count=20", "--project", project)[0] == 0
    status, out, _ = run(capsys, "rename", "Spare", "Wheel", "--project", project, "--json")
    assert (status, events_of(out)[-1]["result"]) == (0, {"kind": "corpus", "name": "Wheel", "old_name": "Spare"})
    status, _, err = run(capsys, "delete", "Wheel", "--project", project)
    assert status == 2
    assert "--yes" in err
    assert "Wheel" in names()
    status, out, _ = run(capsys, "delete", "Wheel", "--yes", "--project", project, "--json")
    assert (status, events_of(out)[-1]["result"]) == (0, {"kind": "corpus", "name": "Wheel", "children": []})
    assert "Wheel" not in names()


def test_that_a_second_ctrl_c_quits_at_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stubborn(project: Project, *, stop: object) -> Iterator[Event]:
        while True:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.01)
            yield Progress(what=words("ignoring everybody"), done=0)

    monkeypatch.setattr("llmstudio.app.verbs.doctor.doctor", stubborn)
    before = signal.getsignal(signal.SIGINT)
    status, _, _ = run(capsys, "doctor")
    assert status == 130
    assert signal.getsignal(signal.SIGINT) is before


LEAVES = ["SIGINT", "SIGTERM", "SIGHUP"] if hasattr(signal, "SIGHUP") else ["SIGINT"]


@pytest.mark.skipif(sys.platform == "win32", reason="signals are not sent to other programs there")
@pytest.mark.parametrize(("name", "wait_s"), [*((name, 0.0) for name in LEAVES), ("SIGINT", 0.2)])
def test_that_whoever_leaves_while_the_program_begins_is_not_shouted_at(home: Path, name: str, wait_s: float) -> None:
    code = (
        "import sys; sys.argv = ['llmstudio', 'doctor']; import llmstudio.__main__ as program;"
        "interruptible = program._interruptible\n"
        "def ready():\n    found = interruptible(); print('ready', flush=True); return found\n"
        "program._interruptible = ready; sys.exit(program.main())"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(home)) as running:
        assert running.stdout is not None
        assert running.stdout.readline().strip() == b"ready"
        time.sleep(wait_s)
        for _ in range(3):
            running.send_signal(getattr(signal, name))
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert err == b""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are not sent to other programs there")
@pytest.mark.parametrize("name", LEAVES)
def test_that_an_impatient_person_leaves_a_chat_without_a_word_of_ours(
    grown: tuple[Path, Any], home: Path, name: str
) -> None:
    command = [sys.executable, "-m", "llmstudio", "chat", "Tiny", "--max-new-tokens", "5000", "--project", str(grown[0])]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(home), **pipes) as running:
        running.stdin.write(b"who has the kite ?\n")
        running.stdin.flush()
        heard = b""
        while b"Answering" not in heard:
            line = running.stdout.readline()
            assert line, heard
            heard += line
        for _ in range(4):  # as many as come while the model is loaded, and more
            running.send_signal(getattr(signal, name))
            time.sleep(0.02)
        _, err = running.communicate(timeout=60)
    assert b"Traceback" not in err
    assert running.returncode in (0, 130)


@pytest.mark.parametrize("where", ["llmstudio.cli.Project", "llmstudio.app.verbs.generate.config_of"])
def test_that_too_little_memory_outside_a_job_is_one_sentence_too(
    grown: tuple[Path, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], where: str
) -> None:
    def full(*given: object) -> None:
        raise MemoryError

    monkeypatch.setattr(where, full)
    status, out, err = run(capsys, "generate", "Tiny", "--prompt", "who", "--project", grown[0], "--json")
    assert status == 1
    assert events_of(out)[-1]["event"] == "failed"
    assert "take a smaller model" in err


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_that_a_program_that_does_not_fit_into_memory_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    def full(*given: object, **named: object) -> int:
        raise ImportError("libopenblas.so: failed to map segment from shared object")

    monkeypatch.setattr(cli, "main", full)
    monkeypatch.setattr(sys, "argv", ["llmstudio", "list", *more])
    assert entry.main() == 1
    said = capsys.readouterr()
    assert said.err == "There is not enough memory for this: close other programs and try again.\n"
    assert [json.loads(line)["event"] for line in said.out.splitlines()] == (["failed"] if more else [])


def test_that_a_chat_answers_line_by_line(
    grown: tuple[Path, Any], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(["/help\n", "\n", "/story clara has the kite .\n", "who has the kite ?\n", "/new\n", "hello\n", "/quit\n"])

    class Typed:
        def isatty(self) -> bool:
            return False

        def readline(self) -> str:
            return next(typed)

    monkeypatch.setattr(sys, "stdin", Typed())
    status, out, err = run(capsys, "chat", "Tiny", "--max-new-tokens", 3, "--project", grown[0], "--json")
    assert (status, err) == (0, "")
    assert events_of(out)[-1]["result"] == {"model": "Tiny", "answers": 2}


def test_that_a_model_that_does_not_chat_says_what_it_is_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project = Project(tmp_path / "p")
    project.prepare()
    with project.create("model", "Filler") as (_, facts):
        facts["recipe"] = recipes.to_dict(PRESETS["encoder:micro"].recipe)
    status, _, err = run(capsys, "chat", "Filler", "--project", tmp_path / "p")
    assert status == 1
    assert "It can fill the blanks of a text." in err
    assert "generate Filler" in err


def test_that_the_window_is_examined_by_whoever_knows_it(capsys: pytest.CaptureFixture[str]) -> None:
    def examine(arguments: object) -> Iterator[Event]:
        yield Finished(job="doctor", result={"first_paint_seconds": 0.5})

    assert cli.main(["doctor", "--window", "--json"], window_doctor=examine) == 0
    assert events_of(capsys.readouterr().out)[-1]["result"] == {"first_paint_seconds": 0.5}
    assert run(capsys, "doctor", "--window")[0] == 2


def test_that_help_and_version_need_no_project(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--help")[0] == 0
    assert run(capsys, "train", "--help")[0] == 0
    assert "llmstudio" in run(capsys, "--version")[1]
    assert not (home / "project").exists()


def test_that_looking_loads_no_torch_and_makes_no_folder(home: Path) -> None:
    code = (
        "import sys; from llmstudio.cli import main; status = main(['list', '--json']);"
        "sys.exit(9 if 'torch' in sys.modules or 'PySide6' in sys.modules else status)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(home))
    assert done.returncode == 0, done.stderr
    assert not (home / "project").exists()


def test_that_a_reader_who_leaves_is_no_failure_to_shout_about(home: Path) -> None:
    command = f"{sys.executable} -m llmstudio --help | true; {sys.executable} -m llmstudio list | true"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment(home))
    assert done.stderr == ""


def test_that_a_program_without_a_terminal_stays_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    assert cli.main(["list"]) == 0
    assert cli.main(["show", "Nobody"]) == 1


def test_that_what_is_no_number_becomes_null_and_words_become_sentences() -> None:
    result = {"a": float("nan"), "b": [float("inf"), np.float32(0.5)], "c": np.arange(3), "d": words("{n} kites", n=2)}
    line = json.loads(as_json(Finished(result=result)))
    assert line["result"] == {"a": None, "b": [None, 0.5], "c": [0, 1, 2], "d": "2 kites"}


class Screen:
    """A terminal that remembers."""

    def __init__(self, live: bool) -> None:
        self.live, self.text = live, ""

    def isatty(self) -> bool:
        return self.live

    def write(self, text: str) -> None:
        self.text += text

    def flush(self) -> None:
        self.text += ""


def step(n: int) -> TrainStep:
    return TrainStep(step=n, loss=1 / n, learning_rate=0.1, grad_norm=1.0, tokens=n, tokens_per_second=9.0, remaining_s=61.0)


@pytest.mark.parametrize("live", [False, True])
def test_that_a_log_gets_few_lines_and_a_terminal_one_that_changes(monkeypatch: pytest.MonkeyPatch, live: bool) -> None:
    screen, clock = Screen(live), iter(range(0, 10_000))
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(terminal.time, "monotonic", lambda: 100 + next(clock) * 0.2)
    show = terminal.PlainPrinter()
    for n in range(1, 101):
        show(step(n))
    show(Finished(result={"steps": 100}))
    lines = screen.text.split("\n")
    assert "done" in screen.text
    assert "1 min 1 s left" in screen.text
    assert ("\r" in screen.text) is live
    assert len(lines) < 10


def test_that_pieces_stand_on_a_line_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(live=True)
    monkeypatch.setattr(sys, "stdout", screen)
    show = terminal.PlainPrinter()
    for event in (
        Progress(what=words("Loading"), done=0),
        Piece(text="the "),
        Piece(text="kite"),
        Stopped(result={"tokens": 2}),
    ):
        show(event)
    assert "the kite\n(2 tokens" in screen.text


def test_that_a_failure_is_told_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.PlainPrinter()(Failed(message=words("No {x}.", x="text")))
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "No text.\n")


def test_that_without_a_terminal_what_is_said_goes_to_a_file(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    monkeypatch.setattr(sys, "argv", ["llmstudio", "show", "Nobody"])
    assert entry.main() == 1
    sys.stdout.close()
    assert "nothing named Nobody" in (home / "logs" / "llmstudio.log").read_text("utf-8")


@pytest.mark.parametrize(
    ("figures", "told"),
    [
        ({"perplexity": 1e304}, "perplexity beyond all measure"),
        ({"perplexity": float("inf")}, "perplexity beyond all measure"),
        ({"perplexity": 51.2}, "perplexity 51.2"),
        ({"loss": 3270.5}, "loss 3270"),
        ({"loss": 1e200}, "loss 1e+200"),
        ({"tokens": 2_000_000.0}, "tokens 2,000,000"),
    ],
)
def test_that_no_figure_is_a_row_of_digits_that_nobody_reads(
    capsys: pytest.CaptureFixture[str], figures: dict[str, float], told: str
) -> None:
    terminal.PlainPrinter()(Evaluated(job="train", step=3, split="val", figures=figures))
    assert capsys.readouterr().out == f"  step 3  val: {told}\n"


def test_that_a_run_from_a_model_needs_no_more_words_than_the_model_and_a_name(
    grown: tuple[Path, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    project = ("--project", grown[0], "--json")
    status, out, _ = run(capsys, "train", "--from", "Tiny", "--name", "On", "--set", "training.max_steps=2", *project)
    assert status == 0
    assert events_of(out)[-1]["result"]["steps"] == 2
    for wrong in (["--preset", "nano"], ["--model", "lstm"], ["--set", "model.num_layers=9"], ["--set", "training.no=1"]):
        assert run(capsys, "train", "--from", "Tiny", "--name", "X", *wrong, *project)[0] == 2
    status, _, err = run(capsys, "train", "--name", "X", *project)
    assert status == 2
    assert "--from MODEL" in err


def test_that_only_the_terminal_says_what_may_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    ways = (
        Remedy("set", words("Use 0.003"), "training.learning_rate", "0.003"),
        Remedy("command", words("Go on"), value="resume X"),
    )
    terminal.PlainPrinter()(Failed(message=words("It is too high."), remedies=ways))
    assert capsys.readouterr().err.splitlines() == ["It is too high.", "  llmstudio resume X"]


def test_that_a_list_tells_the_best_step_apart_from_the_last() -> None:
    item = {"created": 0, "name": "A", "state": "stopped", "steps": 267, "at_step": 225}
    item |= {"quality": words("{value:.3f} bits per byte", value=2.722)}
    assert "(stopped at step 267; best, step 225: 2.722 bits per byte)" in table({"model": [item]})
    same = table({"model": [item | {"at_step": 267}]})
    assert "(stopped at step 267, 2.722 bits per byte)" in same


def test_that_a_remark_says_what_may_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    way = Remedy("command", words("Take more steps"), value="resume M --set training.max_steps=12")
    terminal.PlainPrinter()(Noted(job="resume", message=words("Nothing was done."), remedies=(way,)))
    assert "llmstudio resume M --set training.max_steps=12" in capsys.readouterr().out
