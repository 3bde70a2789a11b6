from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.app.folder_questions.asking import lay_out
from llmstudio.app.items.loaded import load
from llmstudio.app.verbs.ask import VERB
from llmstudio.app.verbs.ask import ask as ask_job
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.dataset.encoding import encode_turns
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Piece, Progress, Stopped
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.prompt import read_prompt
from llmstudio.core.recipe import Recipe
from llmstudio.core.tokenizer.config import ASSISTANT, TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

SHORT = GenerationConfig(max_new_tokens=5)
ANNA = "anna has the ball . ben is in the barn . clara feels happy ."
LEO = "leo leads the goat . mia has the kite . noah sits in the cave ."


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    folder = tmp_path / "stories"
    folder.mkdir()
    (folder / "anna.txt").write_text(ANNA, "utf-8")
    (folder / "leo.txt").write_text(f"\n\n{LEO}", "utf-8")
    return folder


def ask(project: Project, source: Path, question: str, model: str = "Tiny", **given: int) -> list[Event]:
    return list(ask_job(project, model, source, question=question, config=SHORT, stop=Stop(), **given))


def warnings(heard: list[Event]) -> list[str]:
    return [str(event.message) for event in heard if isinstance(event, Noted) and event.level == "warning"]


def test_that_an_answer_tells_the_passages_it_was_written_from(project: Project, stories: Path) -> None:
    heard = ask(project, stories, "who leads the goat ?", num_passages=1)
    end = heard[-1]
    assert isinstance(end, Finished)
    assert "".join(event.text for event in heard if isinstance(event, Piece)).strip() == end.result["text"].strip()
    (source,) = end.result["sources"]
    assert (source["file"], source["place"]) == ("stories/leo.txt", "line 3")
    assert source["passage"] == source["read"] == LEO
    assert Path(source["path"]) == stories / "leo.txt"
    early = [event.details["sources"] for event in heard if isinstance(event, Progress) and "sources" in event.details]
    assert early == [end.result["sources"]]
    assert warnings(heard) == []
    assert "stories/leo.txt, line 3" in VERB.reads(end.result)


def test_that_a_model_of_conversations_reads_the_passages_as_the_story_above_the_question(project: Project) -> None:
    loaded = load(project, "Tiny")
    laid = lay_out(loaded, [LEO, ANNA], "who leads the goat ?", SHORT)
    turns = [{"who": "story", "what": f"{LEO}\n{ANNA}"}, {"who": "user", "what": "who leads the goat ?"}]
    read = read_prompt(loaded.tokenizer, laid.chat, 64, room=5).ids
    assert read == [*encode_turns(loaded.tokenizer, turns)[0], ASSISTANT]
    assert laid.read == (LEO, ANNA)


def test_that_passages_that_do_not_fit_are_left_out_and_that_is_said(project: Project, stories: Path) -> None:
    for number in range(4):
        (stories / f"{number}.txt").write_text(f"{LEO} {number} .", "utf-8")
    heard = ask(project, stories, "who leads the goat ?", num_passages=5)
    end = heard[-1]
    assert isinstance(end, Finished)
    read = [bool(each["read"]) for each in end.result["sources"]]
    assert read == [True, True, False, False, False]
    assert end.result["prompt_tokens"] <= 64
    assert [said for said in warnings(heard) if "fit" in said] == [
        "Only the best 2 of the passages fit into what Tiny can read at once; 3 did not."
    ]
    assert "not read" in VERB.reads(end.result)


def test_that_of_a_passage_that_is_too_long_the_sentences_of_the_question_are_read(project: Project) -> None:
    filler = " ".join(f"oscar is in the valley {number} ." for number in range(20))
    laid = lay_out(load(project, "Tiny"), [f"{filler} {LEO} {filler}"], "who leads the goat ?", SHORT)
    assert "leo leads the goat ." in laid.read[0]
    assert len(laid.read[0]) < len(filler)
    assert "a part" in str(laid.remark)


def test_that_a_question_without_room_for_a_passage_is_refused(project: Project, stories: Path) -> None:
    with pytest.raises(StudioError, match="ask a shorter one"):
        ask(project, stories, "who leads the goat ? " * 20)


@pytest.mark.parametrize(("question", "said"), [("", "no words"), ("zebra", "No word of the question")])
def test_that_a_question_that_finds_nothing_is_refused(project: Project, stories: Path, question: str, said: str) -> None:
    with pytest.raises(StudioError, match=said):
        ask(project, stories, question)


def test_that_a_number_of_passages_out_of_bounds_is_refused(project: Project, stories: Path) -> None:
    with pytest.raises(StudioError, match="and 50 at most"):
        ask(project, stories, "who leads the goat ?", num_passages=0)


def test_that_it_can_be_stopped_while_files_are_read(project: Project, stories: Path) -> None:
    stop = Stop()
    stop.request()
    *_, end = ask_job(project, "Tiny", stories, question="who ?", stop=stop)
    assert isinstance(end, Stopped)


def grow(project: Project, file: Path, text: str, recipe: Recipe) -> None:
    """The model Other, which has learned from one file."""
    file.write_text(text, "utf-8")
    list(import_corpus(project, [str(file)], name="Texts", config=CorpusConfig(), stop=Stop()))
    words = TokenizerConfig(kind="word", min_frequency=1)
    list(build_tokenizer(project, "Texts", name="Other words", config=words, stop=Stop()))
    list(train(project, corpus="Texts", tokenizer="Other words", name="Other", recipe=recipe, stop=Stop()))


def test_that_a_model_that_only_writes_on_is_refused(project: Project, stories: Path, tmp_path: Path, tiny: Recipe) -> None:
    grow(project, tmp_path / "a.txt", f"{ANNA}\n\n{LEO}\n\n" * 20, tiny)
    with pytest.raises(StudioError, match="never learned to answer"):
        ask(project, stories, "who leads the goat ?", model="Other")


def test_that_a_model_that_tells_classes_is_refused(sorting: Project, stories: Path) -> None:
    with pytest.raises(StudioError, match="Sort writes no answers"):
        ask(sorting, stories, "who leads the goat ?", model="Sort")


def test_that_a_model_of_pairs_reads_the_passage_above_the_question(
    project: Project, stories: Path, tmp_path: Path, tiny: Recipe
) -> None:
    rows = "".join(f"{text} {n}\twho is it {n} ?\n" for n in range(30) for text in (ANNA, LEO))
    grow(project, tmp_path / "a.tsv", f"source\ttarget\n{rows}", tiny)
    (end,) = [
        each for each in ask(project, stories, "who leads the goat ?", "Other", num_passages=1) if isinstance(each, Finished)
    ]
    loaded = load(project, "Other")
    expected = [*loaded.tokenizer.encode(f"{LEO}\nwho leads the goat ?"), ASSISTANT]
    assert end.result["prompt_tokens"] == len(expected)
    laid = lay_out(loaded, [LEO], "who leads the goat ?", SHORT)
    assert read_prompt(loaded.tokenizer, laid.chat, 64, room=5, record_kind="pairs").ids == expected


def test_that_conversations_without_a_passage_are_warned_of(
    project: Project, stories: Path, tmp_path: Path, tiny: Recipe
) -> None:
    turn = '{"messages": [{"role": "user", "content": "who is it %d ?"}, {"role": "assistant", "content": "leo %d ."}]}\n'
    grow(project, tmp_path / "a.jsonl", "".join(turn % (n, n) for n in range(40)), tiny)
    heard = ask(project, stories, "who leads the goat ?", "Other")
    assert isinstance(heard[-1], Finished)
    assert any("none that begins with a passage" in said for said in warnings(heard))
