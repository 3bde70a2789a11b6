from __future__ import annotations

import pytest

from llmstudio.core.corpus.reading.files.alike_names import find_alike, named_so


def test_that_a_name_tells_what_it_shares_and_its_language() -> None:
    assert named_so("a/x.de") == ("a/x", "de")
    assert named_so("a/x.de.txt") == ("a/x.txt", "de")
    assert named_so("a/x.zh-CN") == ("a/x", "zh")
    assert named_so("a/x.txt") is None


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("in/train.src", "in/train.tgt", "pairs"),
        ("in/src-train.txt", "in/tgt-train.txt", "pairs"),
        ("in/train_source.txt", "in/train_target.txt", "pairs"),
        ("in/source/a.txt", "in/target/a.txt", "pairs"),
        ("in/questions.txt", "in/answers.txt", "pairs"),
        ("in/train.article", "in/train.summary", "pairs"),
        ("in/train.buggy-fixed.buggy", "in/train.buggy-fixed.fixed", "pairs"),
        ("in/de-train.txt", "in/en-train.txt", "languages"),
        ("in/de/train.txt", "in/en/train.txt", "languages"),
        ("en-de/en/train.txt", "en-de/de/train.txt", "languages"),
        ("in/pt_BR/train.txt", "in/zh-Hans/train.txt", "languages"),
        ("in/X_train.txt", "in/y_train.txt", "labelled"),
        ("in/trainX.txt", "in/trainY.txt", "labelled"),
        ("in/train_text.txt", "in/train_labels.txt", "labelled"),
        ("in/train.txt", "in/train.label", "labelled"),
        ("in/train.txt", "in/train_labels.txt", "labelled"),
        ("in/train.txt", "in/labels_train.txt", "labelled"),
        ("in/sentences.txt", "in/classes.txt", "labelled"),
        ("in/train.foo", "in/train.bar", ""),
    ],
)
def test_that_two_names_say_what_their_files_are_to_each_other(first: str, second: str, kind: str) -> None:
    for names in ([first, second, "in/other.md"], [second, "in/other.md", first]):
        (found,) = find_alike(names)
        assert (found.kind, set(found.files)) == (kind, {first, second})
        assert found.files == (first, second) or not kind, "in the order in which they are read"


@pytest.mark.parametrize(
    "names",
    [
        ["in/chapter1.txt", "in/chapter2.txt"],
        ["in/1.txt", "in/2.txt"],
        ["in/train.txt", "in/test.txt"],
        ["in/a.py", "in/b.py"],
        ["in/src/a.py", "in/target/b.py"],
        ["in/a.txt", "in/b.txt", "in/c.txt"],
        ["in/zh-CN/a.py", "in/zh-TW/a.py"],
    ],
)
def test_that_numbers_parts_of_a_split_programs_and_many_files_say_nothing(names: list[str]) -> None:
    assert find_alike(names) == []


def test_that_only_what_makes_the_wanted_kind_of_record_is_told() -> None:
    names = ["in/x_a.txt", "in/y_a.txt", "in/b.src", "in/b.tgt"]
    assert [each.kind for each in find_alike(names)] == ["labelled", "pairs"]
    assert [each.kind for each in find_alike(names, "pairs")] == ["pairs"]
    assert [each.kind for each in find_alike(names, "labelled")] == ["labelled"]
