from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.core.corpus.config import CorpusConfig, ReadingConfig
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.corpus.reading.encodings.names import read_as
from llmstudio.core.corpus.statistics import Statistics
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Finished, Progress, Saved, Started, Stopped
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.gui.corpus.queries import Shelf, look_at
from llmstudio.gui.corpus.tab import CorpusTab
from llmstudio.gui.session.session import Session

TALE = "The fox  went to the <b>river</b> and saw http://example.org there.\n"


@pytest.fixture
def tab(session: Session, qtbot: QtBot) -> CorpusTab:
    def settle(tab: CorpusTab) -> None:
        # Every question has its answer, so that none is asked while the session ends.
        qtbot.waitUntil(lambda: not (session.questions.are_open or tab.look.is_due), timeout=10_000)

    widget = CorpusTab(session)
    qtbot.addWidget(widget, before_close_func=settle)
    widget.resize(1000, 700)
    widget.show()
    return widget


@pytest.fixture
def tale(tmp_path: Path) -> str:
    path = tmp_path / "tale.txt"
    path.write_text("".join(f"{i} {TALE}" for i in range(60)), encoding="utf-8")
    return str(path)


def wait_for_look(tab: CorpusTab, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not tab.look.is_due and bool(tab.preview.text.before.toPlainText()), timeout=10_000)


def wait_for_end(session: Session, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not session.is_running(), timeout=30_000)


def test_that_an_empty_project_offers_one_press_to_begin(tab, qtbot):
    assert tab.pages.currentWidget() is tab.offer
    tab.offer.buttons["tour"].click()
    assert tab.setup.sources.sources() == ["sample:tour"]
    wait_for_look(tab, qtbot)
    assert tab.pages.currentWidget() is tab.preview


def test_that_the_stories_of_a_sample_stand_apart_in_the_preview(tab, qtbot):
    tab.take_sources(["sample:tales"])
    wait_for_look(tab, qtbot)
    stories = [record["text"] for record in look_at("sample:tales", CorpusConfig()).preview.records]
    assert tab.preview.text.before.toPlainText().split("\n\n")[:3] == stories[:3]


def test_that_dropped_files_are_shown_as_they_will_be_read(tab, tale, qtbot):
    tab.take_sources([tale])
    wait_for_look(tab, qtbot)
    assert "http://example.org" in tab.preview.text.before.toPlainText()
    assert tab.setup.name_field.name() == "tale"
    # Each fact stands in one place: the encoding at its field, the name above the text (and in the list of sources).
    said = [label.text() for label in tab.findChildren(QLabel) if label.isVisible()]
    assert [text for text in said if "UTF-8" in text] == ["It is read as UTF-8."]
    assert [text for text in said if "tale.txt" in text] == ["tale.txt"]
    assert [item.text() for item in tab.setup.sources.list.findItems("*", Qt.MatchFlag.MatchWildcard)] == ["tale.txt"]


def test_that_a_step_switched_on_is_seen_in_the_preview_with_its_count(tab, tale, qtbot):
    tab.take_sources([tale])
    wait_for_look(tab, qtbot)
    assert tab.preview.text._right.isHidden()
    tab.preview.steps.controls["urls"].click()
    qtbot.waitUntil(lambda: not tab.preview.text._right.isHidden(), timeout=10_000)
    before, after = tab.preview.text.before.toPlainText(), tab.preview.text.after.toPlainText()
    assert "http://example.org" not in after
    assert int(tab.preview.steps.counts()["urls"]) == before.count("http://example.org")
    assert tab.setup.config.cleaning.urls


def test_that_another_encoding_reads_the_bytes_anew(tab, tmp_path, qtbot):
    path = tmp_path / "poem.txt"
    path.write_bytes(("床前明月光，疑是地上霜。举头望明月，低头思故乡。\n" * 20).encode("gb18030"))
    tab.take_sources([str(path)])
    wait_for_look(tab, qtbot)
    assert "床前明月光" in tab.preview.text.before.toPlainText()
    assert "GB18030" in tab.setup.found.text()
    tab.setup.form.row("reading.encoding").edited.emit("reading.encoding", "cp437")
    qtbot.waitUntil(lambda: "床" not in tab.preview.text.before.toPlainText(), timeout=10_000)


def test_that_the_columns_of_a_table_may_be_chosen(tab, tmp_path, qtbot):
    path = tmp_path / "films.csv"
    path.write_text("title,review,verdict\n" + "".join(f"Film {i},It was long and good,{i % 2}\n" for i in range(30)))
    tab.take_sources([str(path)])
    wait_for_look(tab, qtbot)
    qtbot.waitUntil(lambda: not tab.setup.columns.isHidden())
    picker = tab.setup.columns.lists["text_key"]
    picker.setCurrentIndex(picker.findData("title"))
    picker.activated.emit(picker.currentIndex())
    qtbot.waitUntil(lambda: "Film 0" in tab.preview.text.before.toPlainText(), timeout=10_000)
    assert tab.setup.config.reading.text_key == "title"


def test_that_an_import_ends_in_the_statistics_of_the_corpus(tab, session, tale, qtbot):
    tab.take_sources([tale])
    wait_for_look(tab, qtbot)
    with qtbot.waitSignal(session.chosen, timeout=30_000) as chosen:
        tab.run_verb()
    assert chosen.args == ["corpus", "tale"]
    wait_for_end(session, qtbot)
    qtbot.waitUntil(lambda: bool(tab.corpus_pane.words.bars()), timeout=10_000)
    found = Corpus(session.project.path("corpus", "tale")).statistics
    assert tab.pages.currentWidget() is tab.corpus_pane
    assert tab.corpus_pane.figures.texts()[0] == (f"{found.num_documents:,}", "document")
    assert tab.corpus_pane.figures.texts()[1][0] == f"{found.num_characters:,}"
    assert tab.corpus_pane.words.bars() == [(name, float(n)) for name, n in found.words[:10]]
    assert sum(n for _, n in tab.corpus_pane.lengths.bars()) == found.num_documents
    assert tab.setup.sources.sources() == []


def test_that_a_taken_name_is_refused_in_place_and_nothing_is_lost(tab, session, tale, qtbot):
    for _ in import_corpus(session.project, [tale], name="tale", stop=Stop()):
        pass
    kept = Corpus(session.project.path("corpus", "tale")).facts["hash"]
    tab.take_sources([tale])
    wait_for_look(tab, qtbot)
    tab.setup.name_field.line.setText("tale")
    with qtbot.assertNotEmitted(session.job_started):
        tab.run_verb()
    assert "exists already" in tab.setup.name_field.problem()
    assert tab.setup.sources.sources() == [tale]
    assert Corpus(session.project.path("corpus", "tale")).facts["hash"] == kept
    tab.setup.name_field.instead.click()
    tab.run_verb()
    wait_for_end(session, qtbot)
    assert {item.name for item in session.items.of("corpus")} == {"tale", "tale 2"}


def test_that_stopping_an_import_leaves_nothing_behind(tab, session, qtbot):
    tab.take_sources(["sample:tour"])
    tab.setup.form.row("sample_count").edited.emit("sample_count", 5_000_000)
    with qtbot.waitSignal(session.job_ended, timeout=30_000) as ended:
        tab.run_verb()
        qtbot.waitUntil(lambda: bool(tab.importing._passing.toPlainText()), timeout=30_000)
        assert tab.pages.currentWidget() is tab.importing.page
        tab.stop.click()
    assert isinstance(ended.args[1], Stopped)
    assert session.items.of("corpus") == []
    assert list((session.project.root / "corpora").iterdir()) == []
    assert tab.setup.sources.sources() == ["sample:tour"]
    qtbot.mouseClick(tab.import_button, Qt.MouseButton.LeftButton)  # a second press on Stop, which is gone
    assert not session.is_running()


def test_that_a_file_without_text_is_explained_where_it_was_chosen(tab, tmp_path, qtbot):
    path = tmp_path / "picture.txt"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    tab.take_sources([str(path)])
    qtbot.waitUntil(lambda: "picture" in tab.messages.text, timeout=10_000)


@pytest.mark.parametrize("num_empty", [1, 9])
def test_that_all_that_an_import_says_is_shown_or_counted(tab, session, tale, tmp_path, num_empty, qtbot):
    (tmp_path / "t.csv").write_text("text,label\n" + "".join(f"so it is {n},{n % 2}\n" for n in range(30)))
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    empty = [tmp_path / f"empty {n}.txt" for n in range(num_empty)]
    for path in empty:
        path.touch()
    tab.run_verb()
    tab.take_sources([tale, *(str(path) for path in (tmp_path / "t.csv", *empty, tmp_path / "picture.txt"))])
    wait_for_look(tab, qtbot)
    tab.run_verb()
    wait_for_end(session, qtbot)
    qtbot.waitUntil(lambda: "is ready" in tab.messages.text)
    said = tab.messages.text
    assert "Choose what" not in said
    assert "t.csv holds texts with labels" in said
    assert "empty 0.txt is empty" in said
    assert ("picture.txt holds no text" in said) is (num_empty == 1)
    assert ("and 9 more" in said) is (num_empty == 9)  # six of the empty, the picture, the frame of its lines, the cut


def test_that_the_last_hint_is_gone_when_an_import_begins(tab, session, qtbot):
    tab.run_verb()
    assert "Choose what to import" in tab.messages.text
    session.start(lambda stop: iter([Finished(job="import")]), tab="corpus", title="Importing", engine=False)
    wait_for_end(session, qtbot)
    assert "Choose what" not in tab.messages.text


def test_that_importing_nothing_asks_for_a_source(tab, session, qtbot):
    with qtbot.assertNotEmitted(session.job_started):
        tab.run_verb()
    assert "Choose what to import" in tab.messages.text


def test_that_deleting_asks_first(tab, session, tale, qtbot, monkeypatch):
    for _ in import_corpus(session.project, [tale], name="tale", stop=Stop()):
        pass
    tab.refresh()
    assert tab.picker.current() == "tale"
    presses = iter(["Keep", "Delete"])

    def press(box: QMessageBox) -> int:
        wanted = next(presses)
        assert box.defaultButton().text() == "Keep"
        next(button for button in box.buttons() if button.text() == wanted).click()
        return 0

    monkeypatch.setattr(QMessageBox, "exec", press)
    tab.picker.delete_action.trigger()
    assert session.project.exists("corpus", "tale")
    tab.picker.delete_action.trigger()
    assert not session.project.exists("corpus", "tale")
    assert tab.pages.currentWidget() is tab.offer


def test_that_an_import_inside_a_larger_job_is_shown_while_it_runs(tab, session, qtbot):
    def journey(stop: Stop) -> Iterator[Event]:
        yield Started(job="tour", title=words("A journey"))
        yield Started(job="import", parents=("tour",), title=words("Reading"))
        yield Progress(
            job="import", parents=("tour",), what=words("Reading"), done=1, total=2, details={"excerpt": "Once upon a time"}
        )
        while not stop.requested:
            yield Progress(job="import", parents=("tour",), what=words("Reading"), done=2, total=2)
        yield Saved(job="import", parents=("tour",), kind="corpus", name="x", location="x")
        yield Finished(job="tour")

    session.start(journey, tab="home", title="Journey", engine=False)
    qtbot.waitUntil(lambda: "Once upon a time" in tab.importing._passing.toPlainText(), timeout=5000)
    assert tab.pages.currentWidget() is tab.importing.page
    session.stop()
    wait_for_end(session, qtbot)
    assert tab.pages.currentWidget() is not tab.importing.page


def test_that_everything_one_may_press_has_a_name(tab, tale, qtbot):
    tab.take_sources([tale])
    wait_for_look(tab, qtbot)
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit

    nameless = [
        w for kind in (QAbstractButton, QComboBox, QLineEdit) for w in tab.findChildren(kind)
        if w.isVisible() and w.focusPolicy() and not (w.accessibleName() or getattr(w, "text", str)())
    ]  # fmt: skip
    assert [type(w).__name__ for w in nameless if w.objectName() != "qt_spinbox_lineedit"] == []


def press(tab: CorpusTab, target: str) -> None:
    """Press the button whose remedy is about the setting `target`."""
    buttons = tab.messages.findChildren(QPushButton)
    next(b for b in buttons if (way := b.property("remedy")) and way.target == target).click()


def test_that_the_preview_says_what_is_taken_and_a_press_takes_the_label(tab, qtbot, tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text(
        "id,text,topic\n" + "".join(f"{n},A line on <b>boats</b> {n},{'' if n % 8 else 'sea'}\n" for n in range(40))
    )
    tab.take_sources([str(path)])
    qtbot.waitUntil(lambda: "text = text" in tab.preview.taken.text())
    assert "not read: id, topic" in tab.preview.taken.text()
    assert "topic is empty in most rows" in tab.messages.text  # where its way out is
    assert "topic is empty in most rows" not in tab.preview.taken.text()
    press(tab, "reading.label_key")
    qtbot.waitUntil(lambda: "label = topic" in tab.preview.taken.text())
    assert tab.setup.config.reading.label_key == "topic"
    picker = tab.setup.columns.lists["label_key"]
    assert picker.currentData() == "topic"


def test_that_tabs_in_a_text_file_become_a_table_by_a_press(tab, qtbot, tmp_path):
    path = tmp_path / "pairs.txt"
    path.write_text("".join(f"The boat {n} is in.\tDas Boot {n} ist da.\n" for n in range(9)))
    tab.take_sources([str(path)])
    wait_for_look(tab, qtbot)
    press(tab, "reading.format")
    qtbot.waitUntil(lambda: "source = 1, target = 2" in tab.preview.taken.text())


def test_that_columns_taken_together_are_shown_as_chosen(tab, qtbot, tmp_path):
    path = tmp_path / "alpaca.csv"
    path.write_text("instruction,input,output\n" + "".join(f"Sum up number {n},It rained,Rain {n}\n" for n in range(9)))
    tab.take_sources([str(path)])
    qtbot.waitUntil(lambda: "source = instruction + input" in tab.preview.taken.text())
    picker = tab.setup.columns.lists["source_key"]
    assert "instruction + input" in picker.itemText(0)
    tab.setup.apply(Remedy("set", words("x"), "reading.text_key", "instruction + output"))
    qtbot.waitUntil(lambda: tab.setup.columns.lists["text_key"].currentData() == "instruction + output")
    qtbot.waitUntil(lambda: "text = instruction + output" in tab.preview.taken.text())


@pytest.fixture
def mixed(tmp_path: Path) -> str:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "tale.txt").write_text("".join(f"{i} {TALE}" for i in range(200)), encoding="utf-8")
    rows = "".join(f"Is soup {i} warm?,Soup {i} is warm.\n" for i in range(20))
    (folder / "pairs.csv").write_text("question,answer\n" + rows, encoding="utf-8")
    return str(folder)


def test_that_how_one_import_was_read_does_not_reach_into_the_next(tab, session, tale, qtbot):
    tab.take_sources([tale])
    wait_for_look(tab, qtbot)
    for name, value in (("encoding", "cp1250"), ("format", "text"), ("header", "no"), ("kind", "text")):
        tab.setup.form.row(f"reading.{name}").edited.emit(f"reading.{name}", value)
    assert tab.setup.config.reading.encoding == "cp1250"
    tab.run_verb()
    wait_for_end(session, qtbot)
    qtbot.waitUntil(lambda: not tab.setup.sources.sources(), timeout=10_000)
    assert tab.setup.config.reading == ReadingConfig()


def test_that_a_mixed_folder_is_imported_kind_by_kind(tab, session, mixed, qtbot):
    tab.take_sources([mixed])
    wait_for_look(tab, qtbot)
    assert "One file holds pairs of texts" in tab.messages.text
    tab.run_verb()
    wait_for_end(session, qtbot)
    qtbot.waitUntil(lambda: "is ready" in tab.messages.text, timeout=10_000)
    assert "pairs.csv holds pairs of texts and was left" in tab.messages.text
    (button,) = [b for b in tab.messages.findChildren(QPushButton) if "pairs" in b.text()]
    button.click()
    assert tab.setup.sources.sources() == [mixed]
    assert tab.setup.config.reading.kind == "pairs"
    wait_for_look(tab, qtbot)
    qtbot.waitUntil(lambda: "soup 3" in tab.preview.text.before.toPlainText(), timeout=10_000)
    tab.setup.name_field.line.setText("the pairs")
    tab.run_verb()
    wait_for_end(session, qtbot)
    assert Corpus(session.project.path("corpus", "the pairs")).record_kind == "pairs"


def test_that_a_guessed_encoding_leads_to_the_choice(tab, tmp_path, qtbot):
    path = tmp_path / "dopis.txt"
    path.write_bytes("Vlak měl zpoždění a čekárna byla plná.\nŘidič řekl, že příště pojede rychleji.\n".encode("cp1250"))
    tab.take_sources([str(path)])
    wait_for_look(tab, qtbot)
    qtbot.waitUntil(lambda: "Vlak měl zpoždění" in tab.messages.text, timeout=10_000)
    # The same words stand at the field and in the message, and later beside the source.
    found = look_at(str(path), CorpusConfig()).preview
    words_of = str(read_as(found.encoding, found.encoding_confidence))
    assert f"It is read as {words_of}: “" in tab.messages.text
    assert tab.setup.found.text() == f"It is read as {words_of}."
    (button,) = tab.messages.findChildren(QPushButton)
    button.click()
    assert tab.focusWidget() is tab.setup.form.row("reading.encoding").editor.field


def test_that_an_imported_corpus_says_what_was_taken_of_its_source(tab, session, qtbot, tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text("Notes of 2024\nid,text,seen\n" + "".join(f"{n},A line on boats {n},2021\n" for n in range(40)))
    tab.take_sources([str(path)])
    wait_for_look(tab, qtbot)
    tab.run_verb()
    wait_for_end(session, qtbot)
    qtbot.waitUntil(lambda: any("text = text; not read: id, seen" in line for line in tab.corpus_pane.sources.lines()))
    assert any("The line above the header was left out: Notes of 2024" in line for line in tab.corpus_pane.sources.lines())


def test_that_a_way_out_of_one_source_is_gone_when_another_is_chosen(tab, tale, qtbot, tmp_path):
    labelled = tmp_path / "labelled.txt"
    labelled.write_text("".join(f"{i} a good film\tpos\n{i} a bad film\tneg\n" for i in range(30)), encoding="utf-8")
    tab.take_sources([str(labelled), tale])
    qtbot.waitUntil(lambda: bool(ways(tab)), timeout=10_000)
    tab.setup.sources.list.setCurrentRow(1)  # no moment in which the old button could still be pressed
    assert not ways(tab)
    assert tab.messages.isHidden()
    tab.setup.sources.list.setCurrentRow(0)
    qtbot.waitUntil(lambda: bool(ways(tab)), timeout=10_000)
    tab.setup.sources.clear()
    assert not ways(tab)


def test_that_the_end_of_an_import_speaks_of_its_corpus_only(tab, session, tale, qtbot):
    for name in ("First", "Second"):
        tab.take_sources([tale])
        tab.setup.name_field.line.setText(name)
        tab.run_verb()
        wait_for_end(session, qtbot)
    chosen = []
    session.chosen.connect(lambda kind, name: chosen.append((kind, name)))
    (build,) = [button for button in ways(tab) if button.property("remedy").action == "open_tab"]
    assert build.property("remedy").value == "Second"
    tab._show("First")
    assert not ways(tab)
    tab._on_remedy(build.property("remedy"))
    assert ("corpus", "Second") in chosen


def ways(tab: CorpusTab) -> list[QPushButton]:
    """The ways out that can be pressed."""
    return [button for button in tab.messages.findChildren(QPushButton) if button.isVisible() and button.property("remedy")]


def test_that_the_preview_of_a_folder_shows_every_way_in_which_its_files_are_read(tab, qtbot, tmp_path):
    folder = tmp_path / "talks"
    folder.mkdir()
    for name, keys, thing in (("a.csv", "question,answer", "soup"), ("b.csv", "prompt,response", "tea")):
        rows = "".join(f"Is {thing} {i} warm?,{thing} {i} is warm.\n" for i in range(40))
        (folder / name).write_text(f"{keys}\n{rows}", encoding="utf-8")
    tab.take_sources([str(folder)])
    wait_for_look(tab, qtbot)
    assert "— talks/b.csv —\n\nIs tea 0 warm?" in tab.preview.text.before.toPlainText()
    assert "talks/b.csv: source = prompt, target = response" in tab.preview.taken.text()


def imported(session, folder, name: str, rows: list[dict]) -> str:
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert isinstance([*import_corpus(session.project, [str(path)], name=name, stop=Stop())][-1], Finished)
    return name


def test_that_a_corpus_shows_some_of_its_text_as_it_will_be_learned(tab, session, qtbot, tmp_path):
    long = {"text": "The beginning of it all. " + "".join(f"On day {n} the wind blew. " for n in range(4000))}
    said = [
        {"role": "system", "content": "You sell tickets."},
        {"role": "user", "content": "Is it late?"},
        {"role": "assistant", "content": "By ten minutes."},
    ]
    imported(session, tmp_path, "long", [long])
    imported(session, tmp_path, "talks", [{"messages": [*said, {"role": "user", "content": str(n)}]} for n in range(9)])
    tab.refresh()
    tab._show("long")
    qtbot.waitUntil(lambda: tab.corpus_pane.text.toPlainText().startswith("The beginning of it all."), timeout=10_000)
    days = [int(day) for day in re.findall(r"day (\d+) ", tab.corpus_pane.text.toPlainText())]
    assert days == sorted(set(days))
    assert max(days) > 3000  # not the beginning only
    tab._show("talks")
    expected = "system: You sell tickets.\nuser: Is it late?\nassistant: By ten minutes.\nuser: 0"
    qtbot.waitUntil(lambda: tab.corpus_pane.text.toPlainText().startswith(expected), timeout=10_000)


def test_that_another_corpus_begins_at_its_top_and_the_same_one_keeps_its_place(tab, session, qtbot, tmp_path):
    for name in ("one", "two"):
        imported(session, tmp_path, name, [{"text": f"Row {n} of {name}."} for n in range(50)])
    tab.refresh()
    pane = tab.corpus_pane
    for name, place in (("one", 0), ("one", 60), ("two", 0)):
        tab._show(name)
        qtbot.waitUntil(lambda name=name: f"of {name}" in pane.text.toPlainText(), timeout=10_000)
        qtbot.waitUntil(lambda: not session.questions.are_open, timeout=10_000)
        bar = pane._scroll.verticalScrollBar()
        qtbot.waitUntil(lambda bar=bar: bar.maximum() > 60)
        assert bar.value() == place
        bar.setValue(60)


def test_that_a_file_left_out_is_named_once(tab, session, qtbot, tmp_path):
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "a.txt").write_text("A line of words.\n" * 50)
    (folder / "photo.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20)
    assert isinstance([*import_corpus(session.project, [str(folder)], name="mixed", stop=Stop())][-1], Finished)
    tab.refresh()
    tab._show("mixed")
    qtbot.waitUntil(lambda: bool(tab.corpus_pane.left_out.lines()), timeout=10_000)
    (line,) = [line for line in tab.corpus_pane.left_out.lines() if "photo" in line]
    assert line.count("photo.jpg") == 1
    assert "holds no text" in line


def test_that_pairs_of_characters_are_not_called_words_and_part_of_the_documents_is_said(tab, session, qtbot):
    pane = tab.corpus_pane
    split = {
        "method": "position",
        "sizes": {"train": {"documents": 1, "characters": 700}, "val": {"documents": 1, "characters": 300}},
    }
    for words_found, title in (
        ((("中国", 9), ("国人", 3)), "Most frequent pairs of characters"),
        ((("the", 9), ("国人", 3)), "Most frequent words and pairs of characters"),
        ((("the", 9),), "Most frequent words"),
    ):
        found = Statistics(num_documents=4000, words=words_found, languages=(("en", 1.0),), num_language_documents=1500)
        pane.show_shelf(Shelf("x", {"split": split, "hash": title}, found, ""))
        assert pane.words.accessibleName() == pane._titles[pane.words].text() == title
    assert pane.heard.text() == "found from 1,500 of 4,000 documents"
    assert pane.heard.isVisibleTo(pane)
    assert "The first 70\u00a0% is for training, the rest for validation." in pane.parts.lines()
    pane.show_shelf(Shelf("x", {}, replace(found, num_language_documents=4000), ""))
    assert not pane.heard.isVisibleTo(pane)


def test_that_what_comes_before_a_conversation_is_called_what_it_is(tmp_path):
    said = [{"role": "system", "content": "You sell tickets."}, {"role": "user", "content": "Is it late?"}]
    path = tmp_path / "talks.jsonl"
    path.write_text(
        "".join(json.dumps({"messages": [*said, {"role": "assistant", "content": str(n)}]}) + "\n" for n in range(9))
    )
    assert look_at(str(path), CorpusConfig()).before.startswith("system: You sell tickets.\nuser: ")
    assert look_at("sample:tour", CorpusConfig()).before.startswith("story: ")


def test_that_a_source_for_the_test_is_the_test_part_of_the_corpus(tab, session, qtbot, tmp_path):
    for name, first in (("a.csv", 0), ("b.csv", 100)):
        rows = "".join(f"A line on boats {n},{'xy'[n % 2]}\n" for n in range(first, first + 40))
        (tmp_path / name).write_text("text,label\n" + rows)
    tab.take_sources([str(tmp_path / "a.csv"), str(tmp_path / "b.csv")])
    tab.setup.sources.list.setCurrentRow(1)
    tab.setup.sources.for_test.click()
    wait_for_look(tab, qtbot)
    tab.setup.name_field.line.setText("boats")
    tab.run_verb()
    wait_for_end(session, qtbot)
    corpus = Corpus(session.project.path("corpus", "boats"))
    assert [record["text"] for record in corpus.records("test")] == [f"A line on boats {n}" for n in range(100, 140)]
