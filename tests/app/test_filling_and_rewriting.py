"""Encoders and encoder-decoders through the verbs: grown, measured, pruned, resumed, and asked for what they can do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from llmstudio.app.pruning.preview import lineage, try_pruning
from llmstudio.app.race.board import Runner, leaderboard
from llmstudio.app.race.racing import Budget, race
from llmstudio.app.race.standings import board
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.run_summary import rank, summary_of
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.generate import generate, reply
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Piece, Stopped, TrainStep
from llmstudio.core.generation.chat import STORY, USER, Chat
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

RECIPES = {
    "encoder": EncoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=64),
    "encoder_decoder": EncoderDecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=128),
}


def end(events: Iterator[Event]) -> Finished:
    *_, last = events
    assert isinstance(last, Finished), last
    return last


@pytest.fixture(params=RECIPES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def grown_too(project: Project, tiny: Recipe, kind: str) -> Project:
    """The project with a model of the family beside Tiny, named by its kind."""
    wanted = replace(tiny, kind=kind, model=RECIPES[kind], task=None)
    end(train(project, corpus="World", tokenizer="Words", name=kind, recipe=wanted, stop=Stop()))
    return project


def test_that_a_model_is_measured_as_at_the_end_of_its_training(grown_too: Project, kind: str) -> None:
    facts = grown_too.about("model", kind).facts["result"]
    found = end(evaluate(grown_too, kind, stop=Stop())).result
    assert found["loss"] == pytest.approx(facts["val_loss"], rel=1e-4)
    assert ("bits_per_byte" in found) == (facts["bits_per_byte"] is not None) == (kind == "encoder_decoder")
    assert ("masked_accuracy" in found) == (kind == "encoder")
    assert ("exact_match" in found) == (kind == "encoder_decoder")


def test_that_a_pruned_copy_is_measured_and_samples_before_and_after(grown_too: Project, kind: str) -> None:
    found = end(prune(grown_too, kind, name="half", config=PruningConfig(sparsity=0.5), stop=Stop())).result
    assert found["sparsity"] == pytest.approx(0.5, abs=0.01)
    assert found["val_loss_before"] is not None
    assert (found["bits_per_byte_after"] is None) == (kind == "encoder")
    assert found["prompt"]
    assert [member.model for member in lineage(grown_too, kind)] == [kind, "half"]
    measured = summary_of(grown_too, grown_too.about("model", "half")).quality
    assert measured is not None
    assert measured.measure == ("masked_accuracy" if kind == "encoder" else "bits_per_byte")
    assert measured.value == found[f"{measured.measure}_after"]
    tried = end(try_pruning(grown_too, kind, config=PruningConfig(sparsity=0.3), stop=Stop())).result
    assert tried["tokens"] > 0


@pytest.mark.parametrize("kind", ["encoder"])
def test_that_a_race_of_encoders_is_ranked_by_the_words_they_fill_in(project: Project, tiny: Recipe, kind: str) -> None:
    wanted = replace(tiny, kind=kind, model=RECIPES[kind], task=None)
    runners = [Runner(f"Fillers {n}", change(wanted, {"training.seed": n}), "Words") for n in (1, 2)]
    told = end(race(project, name="Fillers", corpus="World", runners=runners, budget=Budget(tokens=2000), stop=Stop()))
    places = leaderboard(project, "Fillers")
    qualities = [place.quality for place in places]
    assert [quality.measure for quality in qualities if quality] == ["masked_accuracy"] * 2
    assert qualities == sorted(qualities, key=rank)
    assert qualities == [summary_of(project, project.about("model", place.model)).quality for place in places]
    lines = board(told.result).splitlines()
    assert "hidden words" in lines[0]
    assert all(" % " in line for line in lines[1:])


def test_that_a_stopped_run_is_resumed_to_its_end(project: Project, tiny: Recipe, kind: str) -> None:
    wanted, stop = replace(tiny, kind=kind, model=RECIPES[kind], task=None), Stop()
    for event in train(project, corpus="World", tokenizer="Words", name="cut", recipe=wanted, stop=stop):
        if isinstance(event, TrainStep) and event.step == 3:
            stop.request()
    assert isinstance(event, Stopped)
    assert end(resume(project, "cut", stop=Stop())).result["steps"] == 6


@pytest.mark.usefixtures("grown_too")
@pytest.mark.parametrize("kind", ["encoder"])
def test_that_an_encoder_fills_the_blanks_of_a_prompt(project: Project, kind: str) -> None:
    heard = list(generate(project, kind, prompt="clara has the ___ .", stop=Stop()))
    found = end(iter(heard)).result
    assert found["text"].startswith("clara has the ")
    assert found["text"].endswith(" .")
    assert "___" not in found["text"]
    assert len(found["blanks"]) == 1
    assert "".join(event.text for event in heard if isinstance(event, Piece)) == found["text"]
    with pytest.raises(StudioError, match="write ___ where a word is missing"):
        list(generate(project, kind, prompt="clara has the kite .", stop=Stop()))


@pytest.mark.usefixtures("grown_too")
@pytest.mark.parametrize("kind", ["encoder_decoder"])
def test_that_an_encoder_decoder_takes_the_prompt_as_its_source(project: Project, kind: str) -> None:
    config = GenerationConfig(max_new_tokens=5, beam_width=2)
    one, two = (
        end(generate(project, kind, prompt="who has the kite ?", config=replace(config, temperature=t), stop=Stop()))
        for t in (0.0, 1.0)
    )
    assert one.result["text"] == two.result["text"]
    assert len(one.result["hypotheses"]) == 2
    assert one.result["prompt_tokens"] == 6, "five words, and the sign that a person speaks: so its rows began"
    long = list(generate(project, kind, prompt="clara " * 200, config=config, stop=Stop()))
    assert [event for event in long if isinstance(event, Noted)]
    with pytest.raises(StudioError, match="type a text"):
        list(generate(project, kind, prompt="", stop=Stop()))


@pytest.mark.usefixtures("grown_too")
@pytest.mark.parametrize("kind", ["encoder_decoder"])
def test_that_an_encoder_decoder_reads_the_passage_of_a_chat(project: Project, kind: str) -> None:
    chat = Chat().say(STORY, "clara has the kite .")
    chat = chat.say(USER, "who has the kite ?", parent=chat.leaf)
    config = GenerationConfig(max_new_tokens=5)
    found = end(reply(project, kind, chat=chat, config=config, stop=Stop())).result
    assert found["prompt_tokens"] == 2 + 5 + 5
    assert found["num_dropped"] == 0


def test_that_a_text_file_without_pairs_is_measured_sentence_by_sentence(
    grown_too: Project, kind: str, tmp_path: Path
) -> None:
    path = tmp_path / "story.txt"
    path.write_text("clara has the kite . tom has the ball . " * 40)
    assert end(evaluate(grown_too, kind, text_file=path, stop=Stop())).result["tokens"] > 0


def test_that_a_blank_is_not_told_as_unknown_but_a_strange_word_is(grown_too: Project, kind: str) -> None:
    blank = "___" if kind == "encoder" else "kite"
    for prompt, wanted in ((f"clara has the {blank} .", []), (f"clara has flumpf {blank} .", ["flumpf"])):
        heard = list(generate(grown_too, kind, prompt=prompt, stop=Stop()))
        told = [str(event.message) for event in heard if isinstance(event, Noted)]
        assert [line.partition(": ")[2] for line in told if "Not known" in line] == wanted
