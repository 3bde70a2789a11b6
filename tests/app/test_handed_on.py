"""A model's folder in a project that holds nothing else: it speaks, is measured on a file, and knows its text again."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from llmstudio.app.chatting import reader
from llmstudio.app.items.ancestry import CORPUS, corpus_facts_of, corpus_of
from llmstudio.app.items.loaded import forget, load
from llmstudio.app.runs.resuming import resume
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, TrainStep
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

TEXT = "clara has the kite . ben is in the garden .\n" * 5


def end(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]


def handed_on(project: Project, name: str, place: Path) -> Project:
    """The folder of one model, as it comes out of a zip file."""
    other = Project(place)
    other.prepare()
    shutil.copytree(project.path("model", name), other.path("model", name))
    forget()
    return other


def import_again(project: Project, name: str) -> None:
    config = CorpusConfig(sample_count=120)
    list(import_corpus(project, ["sample:tour"], name=name, config=config, stop=Stop()))


def weights(project: Project, name: str) -> str:
    newest = max((project.path("model", name) / "checkpoints").iterdir())
    return hashlib.sha256((newest / "model.safetensors").read_bytes()).hexdigest()


def test_that_a_model_alone_is_measured_on_a_file_as_beside_its_corpus(project: Project, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    at_home = end(list(evaluate(project, "Tiny", text_file=tmp_path / "a.txt", stop=Stop()))).result
    other = handed_on(project, "Tiny", tmp_path / "other")
    assert end(list(evaluate(other, "Tiny", text_file=tmp_path / "a.txt", stop=Stop()))).result == at_home


def test_that_a_model_alone_names_what_would_help_and_the_same_text_under_any_name_does(
    project: Project, tmp_path: Path
) -> None:
    told = end(list(evaluate(project, "Tiny", stop=Stop()))).result
    other = handed_on(project, "Tiny", tmp_path / "other")
    with pytest.raises(StudioError, match=r"World that Tiny learned from is gone.*any name") as gone:
        list(evaluate(other, "Tiny", stop=Stop()))
    assert [remedy.value for remedy in gone.value.remedies] == ["evaluate Tiny --text FILE"]
    import_again(other, "From the book")
    assert corpus_of(other, other.about("model", "Tiny")).name == "From the book"
    assert end(list(evaluate(other, "Tiny", stop=Stop()))).result == told
    assert not other.items("tokenizer"), "its own copy does"


def test_that_another_text_of_the_same_name_is_not_taken_for_its_own(project: Project, tmp_path: Path) -> None:
    other = handed_on(project, "Tiny", tmp_path / "other")
    (tmp_path / "a.txt").write_text(TEXT)
    list(import_corpus(other, [str(tmp_path / "a.txt")], name="World", stop=Stop()))
    with pytest.raises(StudioError, match="is gone"):
        list(evaluate(other, "Tiny", stop=Stop()))


def test_that_a_run_handed_on_goes_on_to_the_same_weights(project: Project, tmp_path: Path) -> None:
    from llmstudio.core import recipe as recipes

    tiny = recipes.from_dict(project.about("model", "Tiny").facts["recipe"])
    work = train(project, corpus="World", tokenizer="Words", name="Cut", recipe=tiny, stop=Stop())
    next(event for event in work if isinstance(event, TrainStep) and event.step == 5)
    work.close()  # type: ignore[attr-defined]
    other = handed_on(project, "Cut", tmp_path / "other")
    import_again(other, "Again")
    end(list(resume(other, "Cut", stop=Stop())))
    assert weights(other, "Cut") == weights(project, "Tiny")


@pytest.mark.parametrize("is_pruned", [False, True])
def test_that_a_model_alone_knows_how_one_talks_to_it(project: Project, tmp_path: Path, is_pruned: bool) -> None:
    name = "Tiny"
    if is_pruned:
        name = "Thin"
        config = PruningConfig(method="magnitude", sparsity=0.5)
        end(list(prune(project, "Tiny", name=name, config=config, stop=Stop())))
    kind = reader(project, name).record_kind
    assert kind
    other = handed_on(project, name, tmp_path / "other")
    assert reader(other, name).record_kind == kind
    assert corpus_facts_of(other, other.about("model", name))["config"]
    assert load(other, name).tokenizer.vocab_size > 0


def test_that_a_model_of_an_earlier_version_is_measured_on_a_file_and_says_what_it_does_not_know(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_text(TEXT)
    other = handed_on(project, "Tiny", tmp_path / "other")
    (other.path("model", "Tiny") / CORPUS).unlink()
    events = list(evaluate(other, "Tiny", text_file=tmp_path / "a.txt", stop=Stop()))
    end(events)
    assert any("is not known" in str(event.message) for event in events if isinstance(event, Noted))


def test_that_a_text_unknown_to_the_model_is_measured_with_a_warning_and_its_share(project: Project, tmp_path: Path) -> None:
    (tmp_path / "known.txt").write_text(TEXT)
    (tmp_path / "unknown.txt").write_text("Это совсем другой текст .\n" * 5)
    known, unknown = (
        list(evaluate(project, "Tiny", text_file=tmp_path / f"{name}.txt", stop=Stop())) for name in ("known", "unknown")
    )
    assert end(known).result["hidden_share"] < 0.05
    assert end(unknown).result["hidden_share"] > 0.8
    told = [[str(event.message) for event in heard if isinstance(event, Noted)] for heard in (known, unknown)]
    assert not any("unknown to Tiny" in line for line in told[0])
    assert sum("unknown to Tiny" in line for line in told[1]) == 1
