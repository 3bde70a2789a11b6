from __future__ import annotations

from pathlib import Path

from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.core.corpus.config import CleaningConfig, CorpusConfig
from llmstudio.core.work import Stop
from llmstudio.gui.corpus.column_picker import ColumnPicker
from llmstudio.gui.corpus.queries import look_at, open_corpus
from llmstudio.gui.corpus.statistics import CorpusPane
from llmstudio.gui.corpus.tagged_words import all_tagged_words, tagged_words
from llmstudio.gui.corpus.text_preview import TextPreview

RECORD = {"words": ["Ann", "went", "home"], "tags": ["B-PER", "O", "ADV"], "spaces": [True, True, True]}
SIGNS = {"words": list("今天下雨"), "tags": list("BIBI"), "spaces": [False] * 4}
TEXT = "".join(f"Ann\tB-PER\nsaw\tO\nboat\tO\n{n}\tO\n\n" for n in range(30))


def test_that_a_tag_stands_behind_its_word_and_a_word_outside_has_none() -> None:
    text, ranges = tagged_words(RECORD)
    assert text == "Ann/B-PER went home/ADV"
    assert [text[start:end] for start, end in ranges] == ["/B-PER", "/ADV"]


def test_that_characters_with_word_boundaries_are_shown_as_words() -> None:
    assert tagged_words(SIGNS)[0] == "今天 | 下雨"


def test_that_the_ranges_of_several_sentences_lie_on_their_tags() -> None:
    text, ranges = all_tagged_words([RECORD, SIGNS, RECORD])
    assert [text[start:end] for start, end in ranges] == ["/B-PER", "/ADV", " | ", "/B-PER", "/ADV"]


def test_that_a_look_shows_tags_muted_and_no_cleaning(tmp_path: Path, qtbot) -> None:
    (tmp_path / "a.conll").write_text(TEXT)
    config = CorpusConfig(cleaning=CleaningConfig(lower_case=True, min_characters=99))
    look = look_at(str(tmp_path / "a.conll"), config)
    assert look.before == look.after
    assert look.before.startswith("Ann/B-PER saw boat 0\n\nAnn/B-PER")
    assert "lower_case" not in look.counts
    assert look.counts["min_characters"] == len(look.preview.records)
    shown = TextPreview()
    qtbot.addWidget(shown)
    shown.show_texts(look.before, look.after, muted=look.muted)
    assert {each.cursor.selectedText() for each in shown.before.extraSelections()} == {"/B-PER"}


def test_that_tags_of_a_corpus_are_counted_in_words(project, tmp_path: Path, qtbot) -> None:
    (tmp_path / "a.conll").write_text(TEXT)
    list(import_corpus(project, [tmp_path / "a.conll"], name="tagged", stop=Stop()))
    pane = CorpusPane()
    qtbot.addWidget(pane)
    pane.show_shelf(open_corpus("tagged", project.path("corpus", "tagged")))
    assert "Ann/B-PER saw boat" in pane.text.toPlainText()
    assert pane.labels.accessibleName() == "Tags, O left out"
    assert pane._grid.itemAtPosition(0, 0).widget() is pane.labels.parentWidget()  # what is to be learned comes first
    assert not pane.labels.parentWidget().isHidden()
    (tmp_path / "b.txt").write_text("only text, and nothing that says what it is")
    list(import_corpus(project, [tmp_path / "b.txt"], name="plain", stop=Stop()))
    pane.show_shelf(open_corpus("plain", project.path("corpus", "plain")))
    assert pane._grid.itemAtPosition(0, 0).widget() is pane.words.parentWidget()
    assert pane.labels.parentWidget().isHidden()


def test_that_word_and_tag_are_chosen_where_there_are_any(tmp_path: Path, qtbot) -> None:
    (tmp_path / "a.conll").write_text(TEXT)
    found = look_at(str(tmp_path / "a.conll"), CorpusConfig()).preview
    picker = ColumnPicker()
    qtbot.addWidget(picker)
    chosen = CorpusConfig().reading
    picker.show_columns(found.keys, found.guessed, chosen, are_tagged=True)
    assert [role for role, field in picker.lists.items() if not field.isHidden()] == ["text_key", "tags"]
    tags = picker.lists["tags"]
    assert [tags.itemData(n) for n in range(tags.count())] == ["", "1", "2", "word boundaries"]
    picker.show_columns(found.keys, chosen, chosen)
    assert picker.lists["tags"].isHidden()
