"""The chat tab with a tiny model that really answers."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.app import chatting
from llmstudio.app.chatting import Reader
from llmstudio.app.items.chats import load_chat, save_chat
from llmstudio.app.presets.by_name import PRESETS
from llmstudio.app.runs.resuming import resume
from llmstudio.app.verbs.train import train
from llmstudio.core import recipe as recipes
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Event, Noted
from llmstudio.core.generation.chat import ASSISTANT, USER, Chat
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks import next_token
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.gui.chat.answer import Answer
from llmstudio.gui.chat.reading import what_was_read
from llmstudio.gui.chat.tab import ChatTab
from llmstudio.gui.session.session import Session
from llmstudio.store.project import Project


@pytest.fixture
def tab(bench: Session, qtbot: QtBot) -> ChatTab:
    made = ChatTab(bench)
    qtbot.addWidget(made)
    made.resize(1100, 700)
    made.show()
    qtbot.waitUntil(lambda: bool(made.page.welcome.suggestions), timeout=30_000)
    made.page.settings.form.config = made.page.settings.config.__class__(max_new_tokens=12, seed=3)
    return made


def said(tab: ChatTab) -> list[tuple[str, str]]:
    return [(message.who, message.text) for message in tab.talk.chat.path()]


def answered(tab: ChatTab, bench: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not bench.is_running("talk"), timeout=60_000)


def ask(tab: ChatTab, bench: Session, qtbot: QtBot, text: str) -> None:
    tab.page.draft.setPlainText(text)
    qtbot.keyClick(tab.page.draft, Qt.Key.Key_Return)
    answered(tab, bench, qtbot)


def test_that_a_pressed_suggestion_is_asked_answered_and_kept(tab: ChatTab, bench: Session, qtbot: QtBot) -> None:
    idea = chatting.ideas("tour")[0]
    assert tab.page.story.text == idea.passage
    shown = [chip.text() for chip in tab.page.welcome.suggestions]
    assert shown == [*idea.questions, "Take another story"]
    tab.page.welcome.suggestions[1].click()
    answered(tab, bench, qtbot)
    assert [who for who, _ in said(tab)] == ["story", "user", "assistant"]
    assert tab.talk.chat.story == idea.passage
    assert said(tab)[1] == (USER, idea.questions[1])
    name = tab.chats.current()
    assert load_chat(bench.project, name) == tab.talk.chat
    message = tab.talk.chat.messages[-1]
    view = tab.page.view.message(message.id)
    assert view.text == message.text
    assert (f"{message.tokens} token" if message.tokens else "no word") in view.facts
    assert message.settings["seed"] == 3
    assert message.prompt_tokens > 10


def test_that_suggestions_follow_the_story_in_sight(tab: ChatTab, bench: Session, qtbot: QtBot) -> None:
    tab.page.welcome.suggestions[-1].click()
    idea = chatting.ideas("tour")[1]
    assert tab.page.story.text == idea.passage
    assert [chip.text() for chip in tab.page.welcome.suggestions[:-1]] == list(idea.questions)
    tab.page.story.setPlainText("anna has the key .")
    assert [chip.text() for chip in tab.page.welcome.suggestions[:-1]] == ["what does anna have ?"]
    tab.page.story.setPlainText("A story of my own.")
    assert [chip.text() for chip in tab.page.welcome.suggestions] == ["Take another story"]


def test_that_a_conversation_goes_on_with_what_its_story_answers(tab: ChatTab, bench: Session, qtbot: QtBot) -> None:
    first, second, third = chatting.ideas("tour")[0].questions
    assert not tab.page.more
    tab.page.welcome.suggestions[0].click()
    answered(tab, bench, qtbot)
    offered = tab.page.more.replace("&nbsp;", " ")
    assert first not in offered
    assert offered.index(second) < offered.index(third) < offered.index("another story")
    tab.page._more.linkActivated.emit("0")
    assert not tab.page.more
    answered(tab, bench, qtbot)
    assert [text for who, text in said(tab) if who == USER] == [first, second]
    tab.page._more.linkActivated.emit("1")
    assert tab.page.story.text == chatting.ideas("tour")[1].passage
    assert chatting.ideas("tour")[1].questions[0] in tab.page.more.replace("&nbsp;", " ")


def test_that_answers_and_edits_become_versions_and_nothing_said_is_lost(tab: ChatTab, bench: Session, qtbot: QtBot) -> None:
    ask(tab, bench, qtbot, "who is happy ?")
    first = tab.talk.chat
    tab.page.view.message(first.leaf).press("reset")
    answered(tab, bench, qtbot)
    assert len(tab.talk.chat.siblings(tab.talk.chat.leaf)) == 2
    assert tab.talk.chat.messages[-1].settings["seed"] == 4
    assert tab.page.view.message(tab.talk.chat.leaf).versions_text == "2/2"
    tab.page.view.message(tab.talk.chat.leaf).version.emit(-1)
    assert tab.talk.chat.leaf == first.leaf
    question = tab.talk.chat.path()[1]
    tab.page.view.message(question.id).edited.emit("who is sad ?")
    answered(tab, bench, qtbot)
    assert said(tab)[1] == (USER, "who is sad ?")
    assert said(tab)[2][0] == ASSISTANT
    assert tab.talk.chat.messages[: len(first.messages)] == first.messages
    assert load_chat(bench.project, tab.chats.current()) == tab.talk.chat


def test_that_the_same_seed_gives_the_same_answer_in_a_new_chat(tab: ChatTab, bench: Session, qtbot: QtBot) -> None:
    ask(tab, bench, qtbot, "who is happy ?")
    first = said(tab)
    tab.chats.new_button.click()
    assert said(tab) == []
    ask(tab, bench, qtbot, "who is happy ?")
    assert said(tab) == first
    assert len(tab.chats.names()) == 2


def test_that_stopping_keeps_what_was_written_within_a_token(
    tab: ChatTab, bench: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The model itself finds no end, or it would often have ended before it can be stopped.
    monkeypatch.setattr(next_token, "generate", partial(next_token.generate, stop_ids=()))
    next(b for b in tab.page.settings.findChildren(QPushButton) if b.property("mode") == "completion").click()
    tab.page.settings.form.config = tab.page.settings.config.__class__(max_new_tokens=100_000, temperature=5.0)
    tab.page.draft.setPlainText("anna has the")
    tab.run_verb()
    assert tab.page.send_button.text() == "Stop"
    qtbot.waitUntil(lambda: len(tab.page.view.answer or "") > 20, timeout=60_000)
    tab.page.send_button.click()
    answered(tab, bench, qtbot)
    message = tab.talk.chat.messages[-1]
    assert message.stop_reason == "stopped"
    assert 0 < message.tokens < 100_000
    assert tab.page.send_button.text() == "Send"
    assert load_chat(bench.project, tab.chats.current()) == tab.talk.chat


def test_that_answers_come_while_another_model_trains(tab: ChatTab, bench: Session, qtbot: QtBot) -> None:
    recipe = Recipe(
        model=DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=64),
        training=TrainingConfig(max_steps=1_000_000, batch_size=2, eval_steps=1_000_000, threads=1, number_format="fp32"),
    )
    project = bench.project
    bench.start(
        lambda stop: train(project, corpus="World", tokenizer="Words", name="Other", recipe=recipe, stop=stop),
        tab="train",
        title="training",
    )
    ask(tab, bench, qtbot, "who is happy ?")
    assert bench.is_running("work")
    assert said(tab)[-1][0] == ASSISTANT
    bench.stop("work", keep=False)
    qtbot.waitUntil(lambda: not bench.is_running("work"), timeout=60_000)


def test_that_an_answer_is_kept_as_that_of_the_model_that_gave_it(tab: ChatTab, bench: Session, qtbot: QtBot) -> None:
    answering, project = tab.models.current(), bench.project
    shutil.copytree(project.path("model", answering), project.path("model", "Twin"))
    bench.items_changed.emit("model")
    tab.page.draft.setPlainText("who is happy ?")
    tab.run_verb()
    assert tab.models.pick("Twin")
    answered(tab, bench, qtbot)
    qtbot.waitUntil(lambda: said(tab)[-1][0] == ASSISTANT, timeout=20_000)
    assert project.about("chat", tab.chats.current()).facts["model"] == answering


def test_that_a_word_never_seen_is_marked_and_the_context_counted_while_one_types(tab: ChatTab, qtbot: QtBot) -> None:
    tab.page.draft.setPlainText("where is zorbax ?")
    qtbot.waitUntil(lambda: tab.page.draft.marks == ["zorbax"], timeout=20_000)
    counted = tab.page.settings.meter.text
    assert counted.endswith("of 64 tokens, 12 kept for the answer")
    tab.page.draft.setPlainText("where is anna ? where is ben ?")
    qtbot.waitUntil(lambda: tab.page.settings.meter.text != counted, timeout=20_000)
    assert tab.page.draft.marks == []


def test_that_it_says_what_the_model_has_read(tab: ChatTab) -> None:
    assert tab.page.settings.read.startswith("Tiny has read about ")  # after six small steps
    assert " of World, " in tab.page.settings.read
    assert tab.page.settings.read.endswith(" % of its text.")


def test_that_a_saved_chat_opens_as_it_was_is_renamed_and_goes_for_good(tab: ChatTab, bench: Session, qtbot: QtBot) -> None:
    ask(tab, bench, qtbot, "who is happy ?")
    chat, name = tab.talk.chat, tab.chats.current()
    tab.chats.new_button.click()
    tab.talk.open(name)
    assert tab.talk.chat == chat
    assert tab.page.story.text == chat.story
    tab.chats.renamed.emit(name, "Happy")
    assert tab.chats.names() == ["Happy"]
    assert load_chat(bench.project, "Happy") == chat
    bench.items.delete("chat", "Happy")
    assert tab.chats.names() == []


def test_that_a_model_that_cannot_be_read_is_said_in_place(grown_project: Project, bench: Session, qtbot: QtBot) -> None:
    (grown_project.path("model", "Tiny") / "recipe.json").write_text('{"telepathy": true}', encoding="utf-8")
    made = ChatTab(bench)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: "telepathy" in made.messages.text, timeout=20_000)
    made.page.draft.setPlainText("who is happy ?")
    made.run_verb()
    assert not bench.is_running("talk")


def test_that_without_a_model_one_button_leads_to_where_one_is_made(session: Session, qtbot: QtBot) -> None:
    made = ChatTab(session)
    qtbot.addWidget(made)
    with qtbot.waitSignal(session.go_to) as gone:
        made.offer.take()
    assert gone.args == ["train"]


def test_that_each_answer_draws_a_seed_that_stands_under_it_until_one_is_kept(
    tab: ChatTab, bench: Session, qtbot: QtBot
) -> None:
    settings = tab.page.settings
    settings.form.config = settings.config.__class__(max_new_tokens=4, temperature=1.0)
    for question in ("who ?", "where ?"):
        ask(tab, bench, qtbot, question)
    answers = [message for message in tab.talk.chat.messages if message.who == ASSISTANT]
    seeds = [message.settings["seed"] for message in answers]
    assert seeds[0] != seeds[1]
    assert settings.config.seed == seeds[1]
    assert not settings.lock.isChecked()
    for message, seed in zip(answers, seeds, strict=True):
        if message.tokens:
            assert f"seed {seed}" in tab.page.view.message(message.id).facts
    kept = load_chat(bench.project, tab.chats.current())
    assert [message.settings["seed"] for message in kept.messages if message.who == ASSISTANT] == seeds
    settings.lock.setChecked(True)
    ask(tab, bench, qtbot, "what ?")
    assert tab.talk.chat.messages[-1].settings["seed"] == seeds[1]
    settings.lock.setChecked(False)
    settings.form.apply(Remedy("set", words("x"), "seed", "5"))
    ask(tab, bench, qtbot, "why ?")
    assert tab.talk.chat.messages[-1].settings["seed"] == 5, "a seed that a person typed is kept"
    assert settings.lock.isChecked()


def test_that_only_settings_that_do_something_here_are_shown_and_texts_to_stop_at_are_typed(tab: ChatTab) -> None:
    form = tab.page.settings.form
    with pytest.raises(KeyError):
        form.row("beam_width")
    for path in ("repetition_penalty", "presence_penalty", "frequency_penalty", "no_repeat_ngram_size", "min_p"):
        assert form.row(path).about.fact.label
    form.apply(Remedy("set", words("x"), "stop_strings", r"\n,USER"))
    assert form.config.stops == ("\n", "USER")
    assert form.row("stop_strings").editor.field.text() == r"\n,USER"


def test_that_a_full_context_says_what_is_cut(tab: ChatTab, qtbot: QtBot) -> None:
    meter = tab.page.settings.meter
    qtbot.waitUntil(lambda: "of" in meter.text, timeout=20_000)
    tab.page.story.setPlainText("anna has the ball . " * 60)
    tab.page.draft.setPlainText("who has it ?")
    qtbot.waitUntil(lambda: "room to write" in meter.text, timeout=20_000)
    assert "The story or system prompt is longer than the model can look back" in meter.text
    tab.page.draft.setPlainText("who has it ? " * 100)
    qtbot.waitUntil(lambda: "only the last" in meter.text, timeout=20_000)


def test_that_chat_opens_with_a_model_that_can_chat(bench: Session, qtbot: QtBot) -> None:
    """Not with the newest, if that fills in blanks, or only writes on."""
    project = bench.project
    with project.create("corpus", "Plain") as (_, facts):
        facts |= {"record_kind": "text"}
    for name, kind, corpus in (("Writer", "decoder", "Plain"), ("Filler", "encoder", "World")):
        with project.create("model", name, made_from={"corpus": project.about("corpus", corpus)}) as (_, facts):
            facts |= {"recipe": recipes.to_dict(PRESETS[f"{kind}:nano"].recipe), "state": "finished"}
    made = ChatTab(bench)
    qtbot.addWidget(made)
    assert made.models.names() == ["Tiny", "Writer", "Filler"]
    assert made.models.current() == "Tiny"
    bench.chosen.emit("model", "Filler")  # just made, but nobody to talk to
    assert made.models.current() == "Tiny"


@pytest.mark.parametrize(
    ("passes", "said"),
    [
        (0.004, "Tales has read about 4.00 kB of World, 0.4 % of its text."),
        (1.0, "Tales has read 1.00 MB of World: 1,200 different words."),
        (2.31, "Tales has read 1.00 MB of World: 1,200 different words, 2.3 times over."),
        (None, "Tales has read 1.00 MB of World: 1,200 different words."),
    ],
)
def test_that_two_steps_have_not_read_the_whole_text(passes: float | None, said: str) -> None:
    reader = Reader("Tales", "World", 1_000_000, 1200, "text", 64, "", frozenset(), passes)
    assert what_was_read(reader) == said
    earlier = what_was_read(replace(reader, best_step=45))
    assert earlier == f"{said} These are its best weights, of step 45: no later look found better ones."


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({"is_in_order": False}, "about 820 kB of World, as much as 82 % of its text, but some of it more than once."),
        ({"before": ("Songs",)}, "about 820 kB of World, 82 % of its text. Before that it read Songs."),
        ({"gone": "Old"}, "82 % of its text. What it had read before, as Old, is not known: that model is gone or damaged."),
        (
            {"before": ("A", "B"), "gone": "Old"},
            "Before that it read A, B. What it read still earlier, as Old, is not known",
        ),
    ],
)
def test_that_what_was_read_as_another_model_is_said(known: dict[str, Any], said: str) -> None:
    reader = Reader("Tales", "World", 1_000_000, 1200, "text", 64, "", frozenset(), 0.82, **known)
    assert said in what_was_read(reader)


def test_that_a_button_which_promises_a_talk_with_a_model_leads_to_that_model(
    tab: ChatTab, bench: Session, qtbot: QtBot
) -> None:
    first, project = tab.models.current(), bench.project
    shutil.copytree(project.path("model", first), project.path("model", "Twin"))
    bench.items_changed.emit("model")
    ask(tab, bench, qtbot, "who is happy ?")
    kept = tab.chats.current()
    bench.chosen.emit("model", "Twin")  # one that was only made is not talked to while another talk is under way
    assert tab.models.current() == first
    for way in (Remedy("open_tab", words("Talk to it"), "chat", "Twin"), Remedy("talk", words("Talk to it"), first)):
        bench.visit(way)
        assert tab.models.current() == (way.value or way.target)
        assert not tab.talk.chat.messages  # what is said next is said to that model
    assert load_chat(project, kept).messages


def test_that_a_button_leads_to_a_model_in_a_tab_that_is_only_built_then(bench: Session) -> None:
    heard: list[str] = []
    bench.chosen.connect(lambda _kind, name: heard.append(name))
    bench.talk_asked.connect(heard.append)
    bench.go_to.connect(heard.append)
    bench.visit(Remedy("talk", words("Talk to it"), "Tiny"))
    assert heard == ["chat", "Tiny", "Tiny"]


def test_that_what_is_remarked_on_an_answer_is_not_said_of_another_chat(tab: ChatTab, bench: Session, qtbot: QtBot) -> None:
    def refuses(_stop: Stop) -> Iterator[Event]:
        yield Noted(job="reply", message=words("The context is full."))
        raise StudioError("It fell silent.", remedies=(Remedy("set", words("Use 5"), "max_new_tokens", "5"),))

    ask(tab, bench, qtbot, "who is happy ?")
    name = tab.chats.current()
    bench.start(refuses, tab="chat", title="Answers", lane="talk")
    tab.answering.answer = Answer(tab.talk.place, tab.talk.chat, "Tiny")
    tab.talk.begin()
    answered(tab, bench, qtbot)
    assert tab.messages.text == f"In “{name}”: It fell silent."
    assert not [b for b in tab.messages.findChildren(QPushButton) if b.property("remedy") and b.isVisible()]
    tab.talk.open(name)
    assert tab.messages.text == ""
    bench.start(refuses, tab="chat", title="Answers", lane="talk")
    tab.answering.answer = Answer(tab.talk.place, tab.talk.chat, "Tiny")
    answered(tab, bench, qtbot)
    assert tab.messages.text == "It fell silent."
    tab.talk.begin()
    assert tab.messages.text == ""


def test_that_what_another_window_said_in_the_same_chat_is_kept_and_told(tab: ChatTab, bench: Session, qtbot: QtBot) -> None:
    ask(tab, bench, qtbot, "who has the kite ?")
    name, shown = tab.chats.current(), len(tab.talk.chat.messages)
    elsewhere = load_chat(bench.project, name).say(USER, "from elsewhere", parent=tab.talk.chat.leaf)
    save_chat(bench.project, name, elsewhere)
    ask(tab, bench, qtbot, "and here ?")
    kept = load_chat(bench.project, name)
    assert {message.text for message in kept.messages} >= {"from elsewhere", "and here ?"}
    assert "Another window" in tab.messages.text
    assert len(tab.talk.chat.messages) > shown
    tab.talk.open(name)
    assert len(tab.talk.chat.messages) == len(kept.messages)


def test_that_a_chat_whose_name_another_window_took_is_kept_apart_and_told(
    tab: ChatTab, bench: Session, qtbot: QtBot
) -> None:
    ask(tab, bench, qtbot, "who has the kite ?")
    name = tab.chats.current()
    bench.project.delete("chat", name)
    save_chat(bench.project, name, Chat().say(USER, "from elsewhere"))
    ask(tab, bench, qtbot, "and here ?")
    assert tab.chats.current() == f"{name} 2"
    assert f"kept as {name} 2" in tab.messages.text
    assert [message.text for message in load_chat(bench.project, name).messages] == ["from elsewhere"]
    assert load_chat(bench.project, f"{name} 2") == tab.talk.chat
    bench.project.rename("chat", f"{name} 2", "Mine")
    ask(tab, bench, qtbot, "and now ?")
    assert tab.chats.current() == "Mine"
    assert load_chat(bench.project, "Mine") == tab.talk.chat


def test_that_only_a_model_that_learned_stories_is_asked_about_one(tab: ChatTab) -> None:
    page = tab.page
    assert page.story.accessibleName() == "The story"
    page.set_ideas("Other", [])
    assert page.story.accessibleName() == page._story_label.text() == "System prompt"
    assert "story" not in page.story.placeholderText() + page._story_hint.text() + page.welcome._text.text()
    page.set_ideas("Tiny", ["who has it ?"], has_more=True)
    assert page.story.accessibleName() == "The story"


def test_that_a_model_that_learned_on_under_its_name_is_read_anew(tab: ChatTab, bench: Session, qtbot: QtBot) -> None:
    ask(tab, bench, qtbot, "Hello")
    before, known = said(tab), tab._reading.reader
    bench.items_changed.emit("model")
    assert tab._reading.reader is known, "the same weights are read once"
    list(resume(bench.project, "Tiny", changes={"training.max_steps": 9}, stop=Stop()))
    bench.items_changed.emit("model")
    qtbot.waitUntil(lambda: tab._reading.reader not in (None, known), timeout=20_000)
    assert tab._reading.reader.passes > known.passes
    assert said(tab) == before, "the talk stays"


def test_that_a_chat_stays_with_the_model_that_it_was_begun_with_and_says_where_that_is_gone(
    tab: ChatTab, bench: Session, qtbot: QtBot
) -> None:
    project = bench.project
    tiny = project.about("model", "Tiny")
    project.rename("model", "Tiny", "Elsewhere")  # by another program, while the picker says Tiny
    tab.page.draft.setPlainText("who has the kite ?")
    tab.run_verb()
    answered(tab, bench, qtbot)
    name = tab.chats.current()
    kept = project.about("chat", name)
    assert (kept.parent("model").id, kept.parent("model").name) == (tiny.id, "Elsewhere")
    shutil.copytree(project.path("model", "Elsewhere"), project.path("model", "Twin"))
    about = project.path("model", "Twin") / "about.json"
    about.write_text(about.read_text(encoding="utf-8").replace(tiny.id, "twin"), encoding="utf-8")
    bench.items_changed.emit("model")
    tab.models.pick("Twin")
    tab.talk.open(name)
    assert tab.talk.model == "Elsewhere"
    assert not tab.messages.text or "gone" not in tab.messages.text
    project.rename("model", "Elsewhere", "Far")
    tab.models.pick("Twin")
    tab.talk.open(name)
    assert tab.talk.model == "Far", "another program renamed it again"
    tab.talk.begin()
    project.delete("model", "Far")
    bench.items_changed.emit("model")
    tab.talk.open(name)
    assert (tab.talk.model, tab.models.gone) == ("", "Far"), "no other model takes its place by itself"
    assert "held with Elsewhere" in tab.messages.text
    assert "would answer now" not in tab.messages.text
    tab.models.pick("Twin")
    tab._reading.of("Twin")
    tab.talk.open(name)
    assert tab.talk.model == "Twin"
    assert "held with Elsewhere" in tab.messages.text
    assert "Twin would answer now" in tab.messages.text
    qtbot.waitUntil(lambda: tab._reading.reader is not None, timeout=20_000)
    assert "Twin would answer now" in tab.messages.text, "also when the model has been read"
