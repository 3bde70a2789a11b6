from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmstudio.app.items.create import encode, find_dataset
from llmstudio.app.items.create import encode as encode_job
from llmstudio.app.items.tokenizer_fit import tokenizers_by_fit, unknown_share
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.dataset.config import DatasetConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Noted, Saved, Started, Stopped
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import change, to_dict
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.store.files import write_json
from llmstudio.store.item_files import ABOUT, update_facts
from llmstudio.store.project import Project

SMALL = CorpusConfig(sample_count=40)


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    return Project(tmp_path / "empty")


def stopped(keep: bool = True) -> Stop:
    stop = Stop()
    stop.request(keep=keep)
    return stop


def test_that_a_corpus_says_how_it_was_made(project: Project) -> None:
    about = project.about("corpus", "World")
    assert about.facts["config"] == to_dict(CorpusConfig(sample_count=120))
    assert about.facts["record_kind"] == "turns"
    assert about.facts["hash"]
    assert {"llmstudio", "torch", "tokenizers", "python"} <= set(about.facts["versions"])
    assert "seed" in about.facts


def test_that_a_tokenizer_knows_its_corpus(project: Project) -> None:
    about, corpus = project.about("tokenizer", "Words"), project.about("corpus", "World")
    assert about.made_from["corpus"] == {"id": corpus.id, "name": "World", "hash": corpus.facts["hash"]}
    assert about.facts["vocab_size"] > 50


def test_that_events_speak_of_the_item_and_not_of_a_staged_folder(empty: Project) -> None:
    heard = list(import_corpus(empty, ["sample:tour"], name="World", config=SMALL, stop=Stop()))
    assert isinstance(heard[0], Started)
    assert heard[0].item == "World"
    assert {event.job for event in heard} == {"import"}
    (saved,) = [event for event in heard if isinstance(event, Saved)]
    assert saved.location == str(empty.path("corpus", "World"))
    assert Path(saved.location).is_dir()
    assert saved.num_bytes > 0


def test_that_text_from_a_file_becomes_a_corpus(empty: Project, tmp_path: Path) -> None:
    path = tmp_path / "诗.txt"
    path.write_text("床前明月光\n疑是地上霜\n" * 3, encoding="gb18030")
    list(import_corpus(empty, [path], name="诗", stop=Stop()))
    texts = "".join(t for split in ("train", "val", "test") for t in Corpus(empty.path("corpus", "诗")).texts(split))
    assert texts.count("明月") == 3


def test_that_a_stopped_import_leaves_nothing(empty: Project) -> None:
    heard = list(import_corpus(empty, ["sample:tour"], name="World", config=SMALL, stop=stopped()))
    assert isinstance(heard[-1], Stopped)
    assert empty.items("corpus") == []
    assert [p.name for p in (empty.root / "corpora").iterdir()] == []


@pytest.mark.parametrize("after", [1, 2])
def test_that_a_job_closed_early_leaves_nothing(project: Project, after: int) -> None:
    config = TokenizerConfig(kind="char", min_frequency=1)
    work = build_tokenizer(project, "World", name="Letters", config=config, stop=Stop())
    for _ in range(after):
        next(work)
    work.close()  # type: ignore[attr-defined]
    assert [p.name for p in (project.root / "tokenizers").iterdir()] == ["Words"]
    assert not (project.root / "project.lock").exists()


def test_that_a_taken_name_is_refused_before_any_work(project: Project) -> None:
    work = import_corpus(project, ["sample:tour"], name="World", config=SMALL, stop=Stop())
    with pytest.raises(StudioError, match="exists already"):
        next(work)


@pytest.mark.parametrize("source", ["nowhere.txt", "sample:nothing"])
def test_that_a_source_that_is_not_there_is_refused_in_words(empty: Project, source: str) -> None:
    with pytest.raises(StudioError):
        list(import_corpus(empty, [source], name="X", stop=Stop()))
    assert empty.items("corpus") == []


def test_that_a_missing_corpus_is_refused_in_words(empty: Project) -> None:
    with pytest.raises(StudioError, match="no corpus named"):
        list(build_tokenizer(empty, "World", name="Words", stop=Stop()))


def test_that_the_same_text_and_tokens_are_not_encoded_twice(project: Project) -> None:
    before = {item.id for item in project.items("dataset")}
    *_, end = encode_job(project, "World", "Words", stop=Stop())
    assert {item.id for item in project.items("dataset")} == before
    assert end.result["dataset"] == "World · Words"  # type: ignore[attr-defined]


def test_that_a_dataset_whose_rows_were_made_otherwise_is_another_one(project: Project) -> None:
    """As a newer version might have left it here: the same text, the same tokenizer, other rows."""
    parents = {"corpus": project.about("corpus", "World"), "tokenizer": project.about("tokenizer", "Words")}
    made = project.about("dataset", "World · Words")
    assert made.facts["config"] == {"rows": "records"}
    update_facts(made.path, config={"rows": "labels"})
    assert find_dataset(project, parents) is None
    *_, end = encode_job(project, "World", "Words", stop=Stop())
    assert end.result["dataset"] == "World · Words 2"  # type: ignore[attr-defined]
    update_facts(made.path, config={"rows": "records", "shuffled": True})
    found = find_dataset(project, parents)
    assert found is not None
    assert found.name == "World · Words 2"


def test_that_a_dataset_of_an_early_version_is_found_though_it_kept_no_way(project: Project) -> None:
    made = project.about("dataset", "World · Words")
    about = json.loads((made.path / ABOUT).read_text(encoding="utf-8"))
    del about["facts"]["config"]
    write_json(made.path / ABOUT, about)
    *_, end = encode_job(project, "World", "Words", config=DatasetConfig(), stop=Stop())
    assert end.result["dataset"] == "World · Words"  # type: ignore[attr-defined]
    assert len(project.items("dataset")) == 1


def test_that_a_dataset_is_found_after_its_parents_were_renamed(project: Project) -> None:
    project.rename("corpus", "World", "Other")
    project.rename("tokenizer", "Words", "Tokens")
    parents = {"corpus": project.about("corpus", "Other"), "tokenizer": project.about("tokenizer", "Tokens")}
    found = find_dataset(project, parents)
    assert found is not None
    assert found.name == "World · Words"


def test_that_another_text_under_the_same_name_is_encoded_anew(project: Project) -> None:
    project.delete("corpus", "World")
    config = change(SMALL, "sample_seed", 7)
    list(import_corpus(project, ["sample:tour"], name="World", config=config, stop=Stop()))
    *_, end = encode_job(project, "World", "Words", stop=Stop())
    assert end.result["dataset"] == "World · Words 2"  # type: ignore[attr-defined]
    hashes = [item.made_from["corpus"]["hash"] for item in project.items("dataset")]
    assert len(set(hashes)) == 2


def test_that_names_too_long_together_are_cut_between_letters(project: Project) -> None:
    long = "诗" * 60
    project.rename("corpus", "World", long)
    for item in project.items("dataset"):
        project.delete("dataset", item.name)
    *_, end = encode_job(project, long, "Words", stop=Stop())
    name = str(end.result["dataset"])  # type: ignore[attr-defined]
    assert name == "诗" * 40


def test_that_a_tokenizer_of_another_text_is_told_of_before_training_and_put_last(empty: Project, tmp_path: Path) -> None:
    project = empty
    for name, text in (("english", "The harbour lay still.\n" * 200), ("chinese", "老渔夫望着大海等儿子回来。\n" * 200)):
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
        list(import_corpus(project, [tmp_path / f"{name}.txt"], name=name, stop=Stop()))
    for name in ("chinese", "english"):
        config = TokenizerConfig(kind="char", min_frequency=1)
        list(build_tokenizer(project, name, name=f"{name} letters", config=config, stop=Stop()))
    for _ in range(2):  # anew, and when the dataset is there already
        events = list(encode(project, "chinese", "english letters", stop=Stop()))
        (warning,) = [event for event in events if isinstance(event, Noted)]
        assert "of the text of chinese is unknown to the tokenizer english letters" in str(warning.message)
        assert warning.level == "warning"
    assert not [e for e in encode(project, "chinese", "chinese letters", stop=Stop()) if isinstance(e, Noted)]
    first, second = tokenizers_by_fit(project, "chinese")
    assert (first.tokenizer, first.fits, first.is_own) == ("chinese letters", True, True)
    assert (second.tokenizer, second.fits, second.is_own) == ("english letters", False, False)
    assert second.unknown_share == unknown_share(project, "chinese", "english letters") > 0.9


def test_that_a_tokenizer_of_the_very_text_is_not_told_to_be_built_again(empty: Project, tmp_path: Path) -> None:
    project = empty
    letters = "".join(map(chr, range(0x4E00, 0x4E00 + 400)))
    (tmp_path / "signs.txt").write_text(f"{letters}\n" * 20, encoding="utf-8")
    list(import_corpus(project, [tmp_path / "signs.txt"], name="signs", stop=Stop()))
    config = TokenizerConfig(kind="char", min_frequency=1, vocab_size=100)
    list(build_tokenizer(project, "signs", name="few", config=config, stop=Stop()))
    (warning,) = [event for event in encode(project, "signs", "few", stop=Stop()) if isinstance(event, Noted)]
    assert "Build a tokenizer from signs" not in str(warning.message)
    assert "larger vocabulary, or with byte-pair encoding" in str(warning.message)


def test_that_going_on_from_a_model_with_a_text_that_it_does_not_know_tells_to_train_a_new_one(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "other.txt").write_text("Это совсем другой текст .\n\n" * 200, encoding="utf-8")
    list(import_corpus(project, [tmp_path / "other.txt"], name="other", stop=Stop()))
    recipe = recipe_from(project, "Tiny", {"training.max_steps": 2})
    heard = train(project, corpus="other", name="On", recipe=recipe, start="Tiny", stop=Stop())
    (said,) = [str(event.message) for event in heard if isinstance(event, Noted) and "is unknown to" in str(event.message)]
    assert "The weights of Tiny belong to this tokenizer: for this text train a new model" in said


def test_that_measuring_on_tokens_that_are_made_anew_tells_once_that_much_is_unknown(
    project: Project, tmp_path: Path, tiny: Recipe
) -> None:
    (tmp_path / "other.txt").write_text("Это совсем другой текст .\n\n" * 200, encoding="utf-8")
    list(import_corpus(project, [tmp_path / "other.txt"], name="other", stop=Stop()))
    recipe = change(tiny, "training.max_steps", 2)
    list(train(project, corpus="other", tokenizer="Words", name="Blind", recipe=recipe, stop=Stop()))
    for made in project.items("dataset"):
        project.delete("dataset", made.name)
    heard = list(evaluate(project, "Blind", stop=Stop()))
    assert len(project.items("dataset")) == 1
    (said,) = [str(event.message) for event in heard if isinstance(event, Noted) and "is unknown to" in str(event.message)]
    assert "looks too good" in said
