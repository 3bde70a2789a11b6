from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from llmstudio.app import chatting
from llmstudio.app.runs import readings
from llmstudio.app.runs.run_summary import Quality
from llmstudio.app.verbs.prune import prune
from llmstudio.core.corpus.samples import SLICES
from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.errors import StudioError
from llmstudio.core.generation.chat import ASSISTANT, STORY, USER, Chat
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.training.history import read_history
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def test_that_a_reader_knows_what_its_model_has_read(project: Project) -> None:
    reader = chatting.reader(project, "Tiny")
    assert reader.corpus == "World"
    assert reader.sample == "tour"
    assert reader.mode == "chat"
    assert reader.context_length == 64
    assert reader.words is not None
    assert "anna" in reader.words
    assert reader.num_words == len(reader.words)
    assert reader.num_bytes > 1000
    assert reader.passes is not None
    assert reader.passes < 1  # six small steps


def test_that_what_was_read_counts_the_training_text_and_how_often_it_was_gone_over(project: Project) -> None:
    reader, about = chatting.reader(project, "Tiny"), project.about("model", "Tiny")
    train = Dataset.open(project.items("dataset")[0].path).split("train")
    assert train is not None
    assert reader.passes == pytest.approx(int(read_history(about.path).steps["tokens"][-1]) / train.num_tokens)
    assert reader.num_bytes == pytest.approx(int(np.sum(train.row_bytes)), rel=0.1)
    list(prune(project, "Tiny", name="Half", config=PruningConfig(), stop=Stop()))
    assert chatting.reader(project, "Half").passes == reader.passes


def test_that_without_its_corpus_a_model_still_talks_and_marks_nothing_it_cannot_know(project: Project) -> None:
    project.delete("corpus", "World")
    reader = chatting.reader(project, "Tiny")
    assert (reader.corpus, reader.num_words) == ("", None)
    outlook = chatting.outlook(project, reader, Chat().ask("where is anna ?"), ["where is anna ?"], room=8)
    assert outlook.unseen == ((),)
    assert outlook.prompt_tokens > 4


def test_that_the_outlook_counts_the_prompt_and_finds_strange_words(project: Project) -> None:
    reader = chatting.reader(project, "Tiny")
    text = "where is zorbax ?"
    outlook = chatting.outlook(project, reader, Chat().ask(text), [text, ""], room=8)
    assert outlook.unseen == (((9, 15),), ())
    assert outlook.prompt_tokens == 6  # the user's sign, four words, the assistant's sign
    longer = Chat().ask(text, story="anna is in the barn .")
    assert chatting.outlook(project, reader, longer, [text], room=8).prompt_tokens == 13
    full = chatting.outlook(project, reader, Chat().ask("anna " * 100), [text], room=8)
    assert full.prompt_tokens <= reader.context_length
    assert full.num_dropped == 1


def test_that_line_and_figures_of_a_talk_come_from_one_cut(project: Project) -> None:
    reader = chatting.reader(project, "Tiny")
    limit = reader.context_length
    assert limit is not None
    chat = Chat(mode="chat")
    for place in range(limit):
        chat = chat.ask(f"where is anna {'now ' * (place % 3)}?", story="anna is in the barn .")
        for room in (0, 8, limit):
            found = chatting.outlook(project, reader, chat, [], room=room)
            assert found.prompt_tokens + found.room <= limit
            assert (found.remark is None) == (found.seen_from is None)
            if found.seen_from is not None:  # the passage stays, and is none of the messages that are not seen
                path = [message.id for message in chat.path() if message.who != STORY]
                assert path.index(found.seen_from) == found.num_unseen == found.num_dropped > 0
        chat = chat.say(ASSISTANT, "in the barn .", parent=chat.leaf)
    assert found.num_unseen > 2
    alone = chatting.outlook(project, reader, Chat().ask("anna " * 100), [], room=8)
    assert (alone.num_unseen, alone.sees_some_of_it, alone.seen_from) == (0, True, 0)
    story = chatting.outlook(project, reader, Chat().ask("", story="anna is in the barn . " * 50), [], room=8)
    assert story.remark is not None
    text = Chat(mode="completion").say(USER, "anna is in the barn . " * limit)
    text = text.say(USER, "bob " * 2, parent=0)
    cut = chatting.outlook(project, reader, text, [], room=8)
    assert (cut.seen_from, cut.num_unseen, cut.sees_some_of_it, cut.room) == (0, 0, True, 0)


@pytest.mark.parametrize("mode", ["chat", "completion"])
def test_that_one_who_reads_each_message_alone_sees_no_earlier_pair_and_never_an_answer(project: Project, mode: str) -> None:
    judge = replace(chatting.reader(project, "Tiny"), reads_alone=True, record_kind="labelled")
    first = Chat(mode=mode).say(USER, "anna is in the barn .")
    alone = chatting.outlook(project, judge, first, [], room=8)
    assert (alone.seen_from, alone.num_unseen) == (None, 0)
    answered = first.say(ASSISTANT, "good " * 9, parent=first.leaf)
    before = chatting.outlook(project, judge, answered, [], room=8)
    assert before.seen_from is not None
    assert before.seen_from == len(answered.messages), "the line is drawn below the pair, not between text and answer"
    assert (before.num_unseen, before.is_alone, before.remark) == (2, True, None)
    assert before.prompt_tokens == 1, "the answer is not read"
    again = answered.say(USER, "anna is in the barn .", parent=answered.leaf)
    second = chatting.outlook(project, judge, again, [], room=8)
    assert (second.seen_from, second.num_unseen) == (again.leaf, 2)
    assert second.prompt_tokens == alone.prompt_tokens, "each text is read as if it were the first"


def test_that_who_writes_on_reads_what_was_said_and_others_do_not(project: Project) -> None:
    assert not chatting.reader(project, "Tiny").reads_alone, "it has read conversations"
    for writes, kind, is_alone in [
        (True, "text", False),
        (True, "labelled", True),
        (True, "pairs", True),
        (False, "turns", True),
    ]:
        assert chatting._reads_alone(writes, kind) is is_alone


def test_that_suggestions_belong_to_samples_alone() -> None:
    assert chatting.ideas("") == chatting.ideas("no such sample") == ()
    for name, piece in SLICES.items():
        assert len(chatting.ideas(name)) == (3 if name == "tour" or piece.record_kind == "turns" else 0)


@pytest.mark.parametrize("sample", ["tour", "chat", "chat_zh"])
def test_that_every_suggested_question_is_on_its_own_passage(sample: str) -> None:
    for idea in chatting.ideas(sample):
        assert len(set(idea.questions)) == 3
        assert chatting.questions_on(sample, f" {idea.passage}\n") == idea.questions
    assert chatting.questions_on(sample, "") == chatting.questions_on(sample, "Once upon a time.") == ()


def test_that_questions_are_read_off_a_typed_story_of_the_tour() -> None:
    story = "anna has the key . ben holds the drum . in the barn is ben ."
    asked = chatting.questions_on("tour", story)
    assert set(asked) == {"what does anna have ?", "what does ben have ?", "who is in the barn ?"}
    assert asked == chatting.questions_on("tour", story)
    twice = "anna has the key . anna has the drum . ben is in the barn ."
    assert chatting.questions_on("tour", twice) == ("where is ben ?",)
    shared = "anna has the key . ben has the key . ben is sad ."
    assert chatting.questions_on("tour", shared) == ("how is ben ?",)


def test_that_what_was_asked_is_not_suggested_again(project: Project) -> None:
    who = chatting.reader(project, "Tiny")
    story = chatting.next_story(who)
    first, *rest = chatting.questions_on(who.sample, story)
    chat = Chat().ask(first, story=story)
    assert chatting.left_to_ask(who, Chat(), story) == (first, *rest)
    assert chatting.left_to_ask(who, chat, story) == tuple(rest)
    other = chatting.next_story(who, story)
    assert other != story
    assert chatting.left_to_ask(who, chat, other) == chatting.questions_on(who.sample, other)
    assert chatting.next_story(who, "my own") == story


def test_that_a_reader_of_no_model_is_refused(project: Project) -> None:
    with pytest.raises(StudioError, match="Nobody"):
        chatting.reader(project, "Nobody")


def test_that_what_was_read_is_counted_to_the_best_weights(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = read_history(project.about("model", "Tiny").path).steps
    whole = chatting.reader(project, "Tiny").passes
    assert chatting.reader(project, "Tiny").best_step is None
    found = chatting.summary_of(project, project.about("model", "Tiny"))
    earlier = replace(found, quality=Quality("bits_per_byte", 3.0, int(steps["step"][1]), is_whole=True))
    for place in (chatting, readings):
        monkeypatch.setattr(place, "summary_of", lambda *_: earlier)
    reader = chatting.reader(project, "Tiny")
    assert reader.passes == pytest.approx(whole * steps["tokens"][1] / steps["tokens"][-1])
    assert reader.best_step == steps["step"][1]
