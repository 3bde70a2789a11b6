"""What can be exported is written and found where it is said to be; what cannot is said before the hours of training."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from safetensors.torch import load_file

from llmstudio.app.job_runner import run
from llmstudio.app.presets.by_name import PRESETS
from llmstudio.app.verbs.export import export, why_not
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.quantize import quantize
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Failed, Finished, Noted, Saved
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import change_all
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.tasks.settings import ClassifySettings
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.words import plain_bytes
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def test_that_every_preset_that_cannot_be_exported_says_so_with_the_way_back() -> None:
    refused = {entry.name: entry for entry in PRESETS.values() if why_not(entry.recipe) is not None}
    assert {"tour", "shakespeare_char"} <= set(refused)
    for preset in refused.values():
        reason = str(why_not(preset.recipe))
        if preset.recipe.kind == "decoder":
            changes = preset.recipe.model.changes_for_export()  # type: ignore[attr-defined]
            assert all(f"model.{name}={value}" in reason for name, value in changes.items())
            assert why_not(change_all(preset.recipe, {f"model.{name}": value for name, value in changes.items()})) is None
        else:
            assert "family decoder" in reason
    assert {entry.recipe.kind for entry in PRESETS.values() if why_not(entry.recipe) is None} == {"decoder"}


def test_that_a_model_with_a_head_for_classes_is_not_exported_without_it(
    project: Project, tiny: Recipe, tmp_path: Path
) -> None:
    sorting = replace(tiny, task_name="classify", task=ClassifySettings())
    assert "head for classes" in str(why_not(sorting))
    assert "head for classes" not in str(why_not(tiny))
    rows = "".join(f"the boat is {kind} {n}\t{kind}\n" for n in range(30) for kind in ("old", "new"))
    (tmp_path / "boats.tsv").write_text(f"text\tlabel\n{rows}")
    list(import_corpus(project, [str(tmp_path / "boats.tsv")], name="Boats", config=CorpusConfig(), stop=Stop()))
    list(train(project, corpus="Boats", tokenizer="Words", name="Sorter", recipe=sorting, stop=Stop()))
    with pytest.raises(StudioError, match="head for classes"):
        list(export(project, "Sorter", out=tmp_path / "out", stop=Stop()))
    assert not (tmp_path / "out").exists()


def test_that_training_what_cannot_be_exported_says_so_at_its_beginning(project: Project, tiny: Recipe) -> None:
    odd = replace(tiny, model=replace(tiny.model, attention_window=8))  # type: ignore[type-var]
    events = train(project, corpus="World", tokenizer="Words", name="Odd", recipe=odd, stop=Stop())
    heard = [next(events), next(events)]
    assert isinstance(heard[1], Noted)
    assert "model.attention_window=0" in str(heard[1].message)
    events = train(project, corpus="World", tokenizer="Words", name="Plain", recipe=tiny, stop=Stop())
    (said,) = [str(event.message) for event in events if isinstance(event, Noted) and "export" in str(event.message)]
    assert "but not to gguf" in said, "its tokenizer is one of words"


def test_that_a_model_becomes_a_gguf_file_with_its_ending_or_a_sentence(
    project: Project, tiny: Recipe, tmp_path: Path
) -> None:
    with pytest.raises(StudioError, match="kind word"):
        list(export(project, "Tiny", format="gguf", out=tmp_path / "tiny", stop=Stop()))
    assert not list(tmp_path.glob("tiny*"))
    pieces = TokenizerConfig(vocab_size=300)
    list(build_tokenizer(project, "World", name="Pieces", config=pieces, stop=Stop()))
    list(train(project, corpus="World", tokenizer="Pieces", name="Cut", recipe=tiny, stop=Stop()))
    heard = list(export(project, "Cut", format="gguf", out=tmp_path / "cut", stop=Stop()))
    saved, end = heard[-2:]
    assert isinstance(saved, Saved)
    assert isinstance(end, Finished)
    path = Path(end.result["path"])
    assert path == (tmp_path / "cut.gguf").resolve() == Path(saved.location)
    assert end.result["num_bytes"] == path.stat().st_size > 10_000
    folder = list(export(project, "Cut", format="hugging_face", out=tmp_path / "cut", stop=Stop()))[-1]
    assert isinstance(folder, Finished)
    assert (Path(folder.result["path"]) / "config.json").is_file()
    with pytest.raises(StudioError, match="exists already"):
        list(export(project, "Cut", format="gguf", out=tmp_path / "cut.gguf", stop=Stop()))


@pytest.fixture
def teller(project: Project, tiny: Recipe, tmp_path: Path) -> str:
    """A model of running text beside the talking one, by name."""
    (tmp_path / "story.txt").write_text("the boat comes home and the lamp is lit in the evening .\n" * 60)
    list(import_corpus(project, [str(tmp_path / "story.txt")], name="Story", stop=Stop()))
    list(train(project, corpus="Story", tokenizer="Words", name="Teller", recipe=tiny, stop=Stop()))
    return "Teller"


def test_that_an_export_that_is_refused_says_nothing_of_how_it_was_written(
    project: Project, teller: str, tmp_path: Path
) -> None:
    *before, failed = run(lambda stop: export(project, teller, format="gguf", out=tmp_path / "x", stop=stop), Stop())
    assert isinstance(failed, Failed)
    assert "of the kind word" in str(failed.message)
    assert not [event for event in before if isinstance(event, Noted)]


def test_that_an_unknown_format_is_refused_with_those_there_are(project: Project, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="hugging_face, gguf"):
        list(export(project, "Tiny", format="onnx", out=tmp_path / "x", stop=Stop()))


def test_that_a_model_of_running_text_is_exported_without_a_chat_layout_and_the_card_says_what_was_learned(
    project: Project, teller: str, tmp_path: Path
) -> None:
    for name, has_layout, learned in ((teller, False, "running text"), ("Tiny", True, "conversations")):
        heard = list(export(project, name, format="hugging_face", out=tmp_path / f"{name} out", stop=Stop()))
        said = [str(event.message) for event in heard if isinstance(event, Noted)]
        assert any("without a chat layout" in sentence for sentence in said) == (not has_layout)
        assert (tmp_path / f"{name} out" / "chat_template.jinja").exists() == has_layout
        assert (
            "chat_template" in json.loads((tmp_path / f"{name} out" / "tokenizer_config.json").read_text())
        ) == has_layout
        assert f"# {name}\n" in (tmp_path / f"{name} out" / "README.md").read_text()
        assert f"Learned from: {learned}" in (tmp_path / f"{name} out" / "README.md").read_text()


def test_that_a_model_in_few_bytes_is_told_to_take_more_elsewhere_and_its_card_counts_its_zeros(
    project: Project, tmp_path: Path
) -> None:
    list(prune(project, "Tiny", name="Thin", config=PruningConfig(sparsity=0.8, number_format="int8"), stop=Stop()))
    few = QuantizingConfig(method="nearest")
    list(quantize(project, "Tiny", name="Few", config=few, stop=Stop()))
    for name, is_told, is_pruned in (("Tiny", False, False), ("Thin", True, True), ("Few", True, False)):
        *heard, end = export(project, name, out=tmp_path / name, stop=Stop())
        assert isinstance(end, Finished)
        said = " ".join(str(event.message) for event in heard if isinstance(event, Noted))
        assert ("every number is written in 32 bits" in said) == is_told
        assert (f"It takes {plain_bytes(end.result['num_bytes'])} there" in said) == is_told
        written = load_file(tmp_path / name / "model.safetensors").values()
        zeros = sum(int((tensor == 0).sum()) for tensor in written)
        assert (f", {zeros:,} of them zero\n" in (tmp_path / name / "README.md").read_text()) == is_pruned
