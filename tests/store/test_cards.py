"""What is relied on in an item's facts is declared and read in one place, so that damage is told where it is read."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import llmstudio
from llmstudio.core.errors import StudioError
from llmstudio.store.item_files import ABOUT, update_facts
from llmstudio.store.lineage import Parent
from llmstudio.store.project import Project

# Who may touch what is called `facts`, and what that is there. Everybody else takes an item's card.
TAKES_FACTS = {
    "store/project.py": "the one reader",
    "app/verbs/show.py": "shows them whole",
    "app/items/create.py": "hands them on whole",
    "app/runs/resuming.py": "puts them back as they were",
    "core/training/sitting.py": "what a checkpoint says of its run",
    "core/corpus/corpus.py": "a corpus's own file",
    "core/corpus/more.py": "a corpus's own file",
    "core/tokenizer/training.py": "a corpus's own file",
    "core/dataset/encoding.py": "a corpus's own file",
    "gui/corpus/queries.py": "a corpus's own file",
    "gui/corpus/statistics.py": "a corpus's own file",
}


def test_that_nobody_digs_in_facts_but_their_reader() -> None:
    root = Path(llmstudio.__path__[0])
    takes = {path.relative_to(root).as_posix() for path in root.rglob("*.py") if _takes_facts(path)}
    assert takes - TAKES_FACTS.keys() == set()
    assert TAKES_FACTS.keys() - takes == set()  # who no longer takes them needs no exception


def _takes_facts(path: Path) -> bool:
    """Whether a file reads an attribute `facts`, other than by calling it."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    return any(isinstance(node, ast.Attribute) and node.attr == "facts" and id(node) not in called for node in nodes)


def test_that_a_corpus_a_tokenizer_and_a_dataset_say_what_they_are(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with project.create("corpus", "Tales") as (_, facts):
        facts |= {"hash": "abc", "record_kind": "turns", "bytes": 90, "config": {"a": 1}, "seed": 3}
        facts["sources"] = ["sample:old", {"name": "sample:tour", "bytes": 90}]  # the first as the earliest versions kept it
    corpus = project.about("corpus", "Tales")
    assert corpus.corpus_card.record_kind == "turns"
    assert corpus.corpus_card.bytes == 90
    assert corpus.corpus_card.sources == ("sample:old", "sample:tour")
    assert corpus.corpus_card.needed == {"hash": "abc", "record_kind": "turns", "config": {"a": 1}}
    with project.create("tokenizer", "Words", made_from={"corpus": corpus}) as (_, facts):
        facts |= {"kind": "word", "vocab_size": 7, "bytes_per_token": 3}
    tokenizer = project.about("tokenizer", "Words")
    card = tokenizer.tokenizer_card
    assert (card.kind, card.vocab_size, card.bytes_per_token) == ("word", 7, 3.0)
    assert tokenizer.parent("corpus") == Parent(corpus.id, "Tales", "abc")
    assert tokenizer.parent("model") == Parent()
    with project.create("dataset", "Both") as (_, facts):
        facts["splits"] = {"train": {"tokens": 5, "rows": 1}, "val": {"tokens": 2, "rows": 1}}
    assert project.about("dataset", "Both").dataset_card.tokens == {"train": 5, "val": 2}


@pytest.mark.parametrize(
    "damaged",
    [
        {"diverged": "x"},
        {"diverged": ["x"]},
        {"diverged": {"message": 3}},
        {"diverged": {"proposed_rate": 0.1}},
        {"changes": 5},
        {"changes": ["x"]},
        {"computing": ["x"]},
        {"computing": {"template": 3, "values": {}}},
        {"versions": 3},
        {"state": 3},
        {"result": {"ended_early": "x"}},
        {"result": {"sparsity": "half"}},
        {"result": {"nonzeros": "many"}},
        {"result": {"parameters": 10**400}},
        {"lineage": {"verb": "grown"}},
        {"lineage": [{"settings": {}}]},
        {"lineage": [{"verb": "grown", "parent": "Tales"}]},
        {"recipe": {"kind": 3}},
        {"race": {"name": "Race"}},
    ],
    ids=str,
)
def test_that_a_model_whose_facts_are_of_another_type_is_called_damaged(tmp_path: Path, damaged: dict[str, object]) -> None:
    project = Project(tmp_path)
    with project.create("model", "m") as (_, facts):
        facts["recipe"] = {}
    project.about("model", "m")
    update_facts(project.path("model", "m"), **damaged)
    with pytest.raises(StudioError, match="damaged"):
        project.about("model", "m")


def test_that_what_a_newer_version_keeps_beside_is_passed_over(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with project.create("model", "New") as (_, facts):
        step = {
            "verb": "taught",
            "parent": {"id": "1", "name": "Old", "mood": "good"},
            "settings": {"task": "tag"},
            "why": 1,
        }
        facts |= {"lineage": [{"verb": "grown"}, step], "recipe": {"kind": "fungus", "soil": "wet"}, "pets": ["cat"]}
    card = project.about("model", "New").model_card
    assert card.family == "fungus"
    assert [one.verb for one in card.lineage] == ["grown", "taught"]
    assert card.last_step.parent == Parent("1", "Old")
    assert not card.is_pruned
    kept = json.loads((project.path("model", "New") / ABOUT).read_text())
    update_facts(project.path("model", "New"), state="finished")
    now = json.loads((project.path("model", "New") / ABOUT).read_text())
    assert now == kept | {"facts": kept["facts"] | {"state": "finished"}}
