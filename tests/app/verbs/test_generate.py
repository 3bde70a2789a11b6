from __future__ import annotations

import json

import pytest

from llmstudio.app.items.chats import load_chat, save_chat
from llmstudio.app.items.loaded import load
from llmstudio.app.verbs.generate import generate as generate_job
from llmstudio.app.verbs.generate import ignored, reply
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Piece, Started, Stopped
from llmstudio.core.generation.chat import ASSISTANT, STORY, USER, Chat
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

SHORT = GenerationConfig(max_new_tokens=5)


def generate(project: Project, prompt: str = "clara has", model: str = "Tiny", **config: object) -> list[Event]:
    settings = GenerationConfig(**({"max_new_tokens": 5} | config))  # type: ignore[arg-type]
    return list(generate_job(project, model, prompt=prompt, config=settings, stop=Stop()))


def end(heard: list[Event]) -> Finished:
    assert isinstance(heard[0], Started)
    assert isinstance(heard[-1], Finished)
    return heard[-1]


def test_that_generating_tells_its_text_piece_by_piece(project: Project) -> None:
    heard = generate(project)
    found = end(heard).result
    assert {"text", "tokens", "tokens_per_second", "first_token_seconds"} <= set(found)
    assert "".join(event.text for event in heard if isinstance(event, Piece)).strip() == found["text"].strip()
    assert found["tokens"] <= 5


def test_that_the_same_seed_draws_the_same_text(project: Project) -> None:
    one, two, other = (end(generate(project, seed=seed, max_new_tokens=30)).result["text"] for seed in (1, 1, 2))
    assert one == two != other


@pytest.mark.parametrize("prompt", ["", " ", "字", "clara " * 500, "<|end|>"])
def test_that_any_prompt_is_answered(project: Project, prompt: str) -> None:
    assert end(generate(project, prompt)).result["prompt_tokens"] >= 1


def test_that_a_prompt_beyond_the_context_is_cut_and_that_is_said(project: Project) -> None:
    def cuts(prompt: str) -> list[str]:
        return [
            str(event.message)
            for event in generate(project, prompt)
            if isinstance(event, Noted) and event.level == "warning"
        ]

    assert cuts("clara has the kite .") == []
    (said,) = cuts("clara " * 500)
    read = end(generate(project, "clara " * 500)).result["prompt_tokens"]
    assert f"only the last {read} tokens are read" in said


def test_that_a_setting_without_effect_is_said_with_what_the_model_was_trained_for(
    project: Project, sorting: Project
) -> None:
    def said(where: Project, model: str, config: GenerationConfig) -> list[str]:
        return [str(note.message) for note in ignored(where, model, config)]

    told = said(sorting, "Sort", GenerationConfig(temperature=0.3))
    assert told == ["temperature has no effect here: Sort was trained to sort texts into classes."]
    told = said(project, "Tiny", GenerationConfig(beam_width=3, temperature=0.3))
    assert told == ["beam_width has no effect here: Tiny was trained to write on from a text."]


def test_that_writing_on_from_the_bare_prompt_is_said_to_have_no_effect_with_a_model_that_does_not_write(
    project: Project, sorting: Project, translating: Project
) -> None:
    def said(where: Project, model: str, *, raw: bool) -> list[str]:
        heard = generate_job(where, model, prompt="the box", config=SHORT, raw=raw, stop=Stop())
        return [
            str(note.message) for note in heard if isinstance(note, Noted) and "--raw has no effect" in str(note.message)
        ]

    assert said(sorting, "Sort", raw=True) == ["--raw has no effect here: Sort was trained to sort texts into classes."]
    assert said(sorting, "Sort", raw=False) == []
    assert said(translating, "Turn", raw=True) == [
        "--raw has no effect here: Turn was trained to turn one text into another."
    ]
    assert said(project, "Tiny", raw=True) == []


def test_that_a_missing_model_is_refused_in_words(project: Project) -> None:
    with pytest.raises(StudioError, match="There are: Tiny"):
        generate(project, model="Tony")


def test_that_a_damaged_checkpoint_is_passed_over_with_a_warning(project: Project) -> None:
    best = load(project, "Tiny").path
    (best / "model.safetensors").write_bytes(b"rubbish")
    heard = generate(project)
    assert [event for event in heard if isinstance(event, Noted) and event.level == "warning"]
    assert end(heard).result["tokens"] >= 0


def test_that_a_model_without_a_whole_checkpoint_is_refused_in_words(project: Project) -> None:
    for path in (project.path("model", "Tiny") / "checkpoints").iterdir():
        (path / "manifest.json").unlink()
    with pytest.raises(StudioError, match="damaged"):
        generate(project)


def test_that_a_model_is_loaded_once(project: Project) -> None:
    assert load(project, "Tiny") is load(project, "Tiny")
    assert load(project, "Tiny", "last").step == 6


def test_that_a_reply_becomes_the_next_message(project: Project) -> None:
    chat = Chat().say(STORY, "clara has the kite .")
    chat = chat.say(USER, "who has the kite ?", parent=chat.leaf)
    heard = list(reply(project, "Tiny", chat=chat, config=SHORT, stop=Stop()))
    after = chat.say(ASSISTANT, parent=chat.leaf, **end(heard).result["message"])
    said = after.path()[-1]
    assert (said.who, said.text, said.model) == (ASSISTANT, end(heard).result["text"], "Tiny")
    assert said.settings["max_new_tokens"] == 5
    assert Chat.from_dict(json.loads(json.dumps(after.to_dict()))) == after


def test_that_a_stopped_reply_keeps_what_was_said(project: Project) -> None:
    stop, heard = Stop(), []
    chat = Chat().say(USER, "who ?")
    for event in reply(project, "Tiny", chat=chat, config=GenerationConfig(max_new_tokens=60), stop=stop):
        heard.append(event)
        if isinstance(event, Piece):
            stop.request()
    assert isinstance(heard[-1], Stopped | Finished)
    message = heard[-1].result["message"]
    assert message["tokens"] == 1
    assert message["stop_reason"] == "stopped"


def test_that_a_chat_is_kept_and_found_again(project: Project) -> None:
    chat = Chat().say(USER, "hello")
    save_chat(project, "First", chat, model="Tiny")
    before = project.about("chat", "First")
    longer = chat.say(ASSISTANT, "hi", parent=chat.leaf)
    save_chat(project, "First", longer, model="Tiny")
    after = project.about("chat", "First")
    assert load_chat(project, "First") == longer
    assert (after.id, after.created) == (before.id, before.created)
    assert after.made_from["model"]["id"] == project.about("model", "Tiny").id


def test_that_a_chat_open_in_two_windows_keeps_what_each_of_them_adds(project: Project) -> None:
    begun = Chat().say(USER, "hello")
    save_chat(project, "Talk", begun)
    here = load_chat(project, "Talk").say(ASSISTANT, "from here", parent=0)
    there = load_chat(project, "Talk").say(ASSISTANT, "from there", parent=0)
    save_chat(project, "Talk", here)
    kept = save_chat(project, "Talk", there)
    assert kept == load_chat(project, "Talk")
    assert [message.text for message in kept.messages] == ["hello", "from here", "from there"]
    assert kept.path()[-1].text == "from there", "each window goes on showing its own branch"
    here, there = here.say(USER, "and here", parent=1), there.say(USER, "and there", parent=1)
    for going_on in (here, there, here):
        kept = save_chat(project, "Talk", going_on)
    assert [message.text for message in kept.path()] == ["hello", "from here", "and here"]
    assert [message.text for message in kept.path(4)] == ["hello", "from there", "and there"]
    assert len(kept.messages) == 5


@pytest.mark.parametrize("content", ["{", "{}", '{"format": 1, "kind": "chat", "id": "x", "created": 0}'])
def test_that_a_damaged_chat_is_refused_in_words(project: Project, content: str) -> None:
    save_chat(project, "Broken", Chat())
    project.path("chat", "Broken").write_text(content)
    with pytest.raises(StudioError):
        load_chat(project, "Broken")


def test_that_what_the_model_does_not_know_of_a_prompt_is_named(project: Project) -> None:
    heard = generate(project, "clara has flumpf 字")
    (said,) = [str(event.message) for event in heard if isinstance(event, Noted) and event.level == "warning"]
    assert said == "Not known to this model and not read: flumpf 字"
    assert end(heard).result["hidden_share"] == pytest.approx(10 / len("clara has flumpf 字".encode()), abs=0.1)
    assert end(generate(project, "clara has the kite .")).result["hidden_share"] == 0
