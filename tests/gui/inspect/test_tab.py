"""The inspect tab with tiny models of every family that were really trained."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QScrollArea
from pytestqt.qtbot import QtBot

from llmstudio.app.classes.examples import Examples
from llmstudio.app.inspecting import latent_rival, latent_space
from llmstudio.app.inspecting.classes import TextClasses
from llmstudio.app.inspecting.fill import FilledText
from llmstudio.app.inspecting.rewrite import Rewritten, Version
from llmstudio.app.items import loaded
from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.preferences import Preferences
from llmstudio.app.rewriting.looking_back import LookedBack
from llmstudio.app.runs.resuming import resume
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.train import train
from llmstudio.app.worth.remedies import REMEDIES
from llmstudio.core.corpus.config import CleaningConfig, CorpusConfig
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.work import Stop, check
from llmstudio.gui.chat.tab import ChatTab
from llmstudio.gui.inspect.pages import fill as fill_page
from llmstudio.gui.inspect.pages.classes import ClassesPage
from llmstudio.gui.inspect.pages.compare import ComparePage
from llmstudio.gui.inspect.pages.fill import FillPage
from llmstudio.gui.inspect.pages.latent import STEPS, LatentPage
from llmstudio.gui.inspect.pages.page import Page
from llmstudio.gui.inspect.pages.reach import ReachPage
from llmstudio.gui.inspect.pages.recurrence import RecurrencePage
from llmstudio.gui.inspect.pages.rewrite import RewritePage
from llmstudio.gui.inspect.pages.spot import SpotView
from llmstudio.gui.inspect.pages.tags import TagsPage
from llmstudio.gui.inspect.pages.unit_sliders import UnitSliders
from llmstudio.gui.inspect.scores.page import ScoresPage
from llmstudio.gui.inspect.scores.remedies_page import RemediesPage
from llmstudio.gui.inspect.tab import InspectTab
from llmstudio.gui.look.figures import value_text
from llmstudio.gui.session.session import Session
from llmstudio.store.project import Project
from tests.gui.conftest import end
from tests.zoo import TRAINING, grow_zoo


@pytest.fixture(scope="module")
def zoo(grown: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The grown project with models called after their families; `Tiny` is the decoder."""
    kinds = ("encoder", "lstm", "vae", "encoder_decoder")
    project = grow_zoo(grown, tmp_path_factory.mktemp("zoo"), kinds)
    list(import_corpus(project, ["sample:reviews"], name="Reviews", config=CorpusConfig(sample_count=120), stop=Stop()))
    taught = replace(Recipe(training=TRAINING, model=project_shape(project)), task_name="classify", task=None)
    list(train(project, corpus="Reviews", start="Tiny", name="classes", recipe=taught, stop=Stop()))
    (sentences := project.path("model", "Tiny").parent.parent / "names.conll").write_text(
        "\n\n".join(["Anna B-PER\nBerg I-PER\nlives O\nin O\nRome B-LOC\n. O", "Tom B-PER\nsleeps O\n. O"] * 40)
    )
    keep = CorpusConfig(cleaning=CleaningConfig(exact_duplicates=False))
    list(import_corpus(project, [str(sentences)], name="Names", config=keep, stop=Stop()))
    taught = replace(taught, task_name="tag", task=None)
    list(train(project, corpus="Names", start="Tiny", name="tags", recipe=taught, stop=Stop()))
    loaded.forget()
    return project


def project_shape(project: Project) -> DecoderConfig:
    """The shape of `Tiny`."""
    shape = recipe_of(project.about("model", "Tiny")).model
    assert isinstance(shape, DecoderConfig)
    return shape


@pytest.fixture
def bench(zoo: Project) -> Iterator[Session]:
    session = Session(zoo, Preferences())
    yield session
    end(session)


@pytest.fixture
def tab(bench: Session, qtbot: QtBot) -> InspectTab:
    made = InspectTab(bench)
    qtbot.addWidget(made)
    made.resize(1100, 800)
    made.show()
    return made


@pytest.fixture
def opened(tab: InspectTab, qtbot: QtBot) -> Callable[[str, str], Page]:
    """Brings a page about a model to the front."""

    def open_page(model: str, page: str) -> Page:
        assert tab.models.pick(model)
        tab.models.picked.emit(model)
        qtbot.waitUntil(lambda: tab.subject is not None and tab.subject.model == model, timeout=20_000)
        tab.show_page(page)
        assert tab.page is tab.pages[page]
        return tab.pages[page]

    return open_page


def test_that_a_model_that_was_taught_classes_tells_those_of_a_text_with_every_probability(
    opened, tab: InspectTab, qtbot: QtBot
) -> None:
    page = opened("classes", "classes")
    assert isinstance(page, ClassesPage)
    qtbot.waitUntil(lambda: page.told is not None, timeout=20_000)
    assert page.told is not None
    assert {name for name, _ in page.bars.bars} == {"good", "bad", "mixed"}
    assert sum(share for _, share in page.bars.bars) == pytest.approx(1)
    assert page.answer.text().split("\n")[0] == page.bars.bars[0][0]
    assert "was moved" not in page.answer.text()
    page._on_told(TextClasses(("mixed",), (("good", 0.6), ("mixed", 0.4))))
    assert "was moved" in page.answer.text()
    page.clear()
    assert page.bars.isHidden()
    assert not page.answer.text()


def test_that_scores_of_every_class_stand_beside_words_counted_and_another_row_is_another_curve(
    opened, tab: InspectTab, qtbot: QtBot
) -> None:
    page = opened("classes", "scores")
    assert isinstance(page, ScoresPage)
    qtbot.waitUntil(lambda: page.told is not None, timeout=20_000)
    assert page.told is not None
    own = page.told.own
    texts = dict((unit, value) for value, unit in page.figures.texts())
    macro = own.intervals[1]
    assert texts[f"macro-F1 ({round(100 * macro.low)}–{round(100 * macro.high)})"] == f"{100 * macro.value:.1f} %"
    assert "by counting words" in texts
    table = page.classes.table
    rows = [[table.item(row, column).text() for column in range(table.columnCount())] for row in range(table.rowCount())]
    assert [(row[0], row[2], row[4]) for row in rows] == [
        (name, f"{100 * each.recall:.1f} %", str(each.real)) for name, each in zip(own.names, own.by_class, strict=True)
    ]
    for number in range(len(rows)):
        table.selectRow(number)
        assert page.curve.curves[0].y.tolist() == pytest.approx((100 * own.curve(number).precision[::-1]).tolist())
    assert page.calibration.curves[0].x.max() <= 100
    page.clear()
    assert page.figures.isHidden()


def test_that_nothing_is_learned_by_looking_and_remedies_that_are_chosen_come_into_a_table(
    opened, tab: InspectTab, qtbot: QtBot
) -> None:
    page = opened("classes", "remedies")
    assert isinstance(page, RemediesPage)
    assert not page.is_busy
    assert page.table.rowCount() == 0
    for name, box in page.boxes.items():
        box.setChecked(name in ("none", "threshold"))
    tab.verb.click()
    assert page.is_busy
    qtbot.waitUntil(lambda: not page.is_busy, timeout=60_000)
    rows = [[page.table.item(row, column).text() for column in range(4)] for row in range(page.table.rowCount())]
    assert [row[0] for row in rows] == [str(REMEDIES["none"]), str(REMEDIES["threshold"])]
    assert all(cell.endswith(" %") for row in rows for cell in row[1:])
    assert tab.models.current() == "classes", "models of remedies do not take the place of the one they are compared for"
    assert page.subject is not None
    page.set_subject(replace(page.subject))
    assert page.table.rowCount() == 2, "the model is shown anew when the remedies' models come"
    another = RemediesPage(page._session)  # of another day
    qtbot.addWidget(another)
    another.set_subject(page.subject)
    another.show()
    another.wake()
    qtbot.waitUntil(lambda: another.table.rowCount() == 2, timeout=20_000)
    assert [another.table.item(row, 1).text() for row in range(2)] == [row[1] for row in rows]
    assert another._far.text() == page._far.text()
    assert "classes with …" in page._far.text()
    page.show_points((), [{"way": "inverse", "share": 1.0, "model": "classes with inverse"}])
    assert [page.table.item(0, column).text() for column in range(2)] == [str(REMEDIES["inverse"]), "diverged"]
    page.set_subject(replace(page.subject, model="Another"))
    assert page.table.rowCount() == 0


def test_that_a_model_that_only_writes_sorts_by_examples_that_are_chosen_once_for_both_pages(
    opened, tab: InspectTab, bench: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    page, scores = opened("Tiny", "classes"), tab.pages["scores"]
    assert isinstance(page, ClassesPage)
    assert isinstance(scores, ScoresPage)
    qtbot.waitUntil(lambda: "spells the label" in tab.messages.text, timeout=20_000)  # those of Reviews are unknown to it
    rows = [f"the fox went to the {place} {n} times\t{place}" for n in range(20) for place in ("garden", "kitchen")]
    (file := tmp_path / "places.tsv").write_text("text\tlabel\n" + "\n".join(rows))
    list(import_corpus(bench.project, [str(file)], name="Places", config=CorpusConfig(), stop=Stop()))
    bench.items_changed.emit("corpus")
    qtbot.waitUntil(lambda: "Places" in page.examples.corpus.names(), timeout=20_000)
    page.examples.corpus.pick("Places")
    page.examples.corpus.picked.emit("Places")
    qtbot.waitUntil(lambda: page.told is not None, timeout=20_000)
    assert {name for name, _ in page.bars.bars} == {"garden", "kitchen"}
    assert "examples of Places" in page.examples._said.text()
    assert page.edit.text in page.subject.examples["Places"]
    assert "was taught no classes" in tab.why._text.text()
    page.examples.number.setValue(1)
    assert page.question.is_open, "others are asked for at once"
    tab.show_page("scores")
    qtbot.waitUntil(lambda: scores.told is not None, timeout=60_000)
    assert scores.examples.chosen == page.examples.chosen == Examples("Places", 1, of_each_class=True)
    assert scores.told.said[0].values["n"] == 2
    assert 0.5 <= scores.told.guess < 1
    opened("classes", "classes")
    assert page.examples.chosen is None
    assert not page.examples._body.isVisible()
    bench.project.delete("corpus", "Places")


def test_that_a_model_that_was_taught_tags_colours_the_words_of_a_sentence(opened, tab: InspectTab, qtbot: QtBot) -> None:
    page = opened("tags", "tags")
    assert isinstance(page, TagsPage)
    page.edit.setPlainText("Anna <b> sleeps")  # a sentence of ours would give way to another when the model is shown anew
    page.run()
    qtbot.waitUntil(lambda: page.told is not None and page.told.text == "Anna <b> sleeps", timeout=60_000)
    assert page.told is not None
    assert [page.told.text[start:end] for start, end, _, _ in page.told.words] == ["Anna", "<", "b", ">", "sleeps"]
    assert {tag for _, _, tag, _ in page.told.words} <= set(page.told.names) == {"B-PER", "I-PER", "O", "B-LOC"}
    assert "&lt;" in page.answer.text()
    assert sum(share for _, share in page.bars.bars) == pytest.approx(1)
    assert page._outside.isHidden() == ("O" not in dict(page.bars.bars))
    for is_foreign in (True, False):
        page._on_told(replace(page.told, is_foreign=is_foreign))
        assert page._foreign.isHidden() != is_foreign


def test_that_a_whole_file_is_tagged_and_its_own_tags_are_compared_with(
    opened, tab: InspectTab, bench: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    page = opened("tags", "tags")
    (file := tmp_path / "in.conll").write_text("Anna\tB-PER\nsleeps\tO\n\nBen\tB-PER\n", encoding="utf-8")
    with qtbot.waitSignal(bench.job_ended, timeout=60_000):
        page.file.begin(file, tmp_path / "out.conll")
    assert "2 texts written" in tab.messages.text
    assert "% of its words are tagged as in the file" in tab.messages.text
    assert [line.split("\t")[0] for line in (tmp_path / "out.conll").read_text().splitlines() if line][:2] == [
        "Anna",
        "sleeps",
    ]


def test_that_the_stack_is_as_high_as_the_page_in_front_needs(opened, tab: InspectTab) -> None:
    opened("tags", "tags")
    heights = [page.minimumSizeHint().height() for page in tab.pages.values()]
    assert tab._stack.minimumSizeHint().height() == tab.page.minimumSizeHint().height() < max(heights)


def test_that_an_answer_is_whole_in_a_low_window_where_the_tab_alone_scrolls(opened, tab: InspectTab, qtbot: QtBot) -> None:
    page = opened("tags", "tags")
    qtbot.waitUntil(lambda: page.told is not None, timeout=60_000)
    tab.resize(700, 300)
    qtbot.waitUntil(lambda: page.height() >= page.column.totalMinimumHeightForWidth(page.width()), timeout=5_000)
    assert page.findChildren(QScrollArea) == []
    assert page.bars.height() >= page.bars.sizeHint().height()


def test_that_blanks_are_filled_and_the_likeliest_words_stand_as_bars(opened, tab: InspectTab, qtbot: QtBot) -> None:
    page = opened("encoder", "fill")
    assert isinstance(page, FillPage)
    assert "___" in page.edit.text
    qtbot.waitUntil(lambda: page.filled is not None, timeout=60_000)
    page.edit.setPlainText("The ___ went to the ___ .")
    tab.verb.click()
    qtbot.waitUntil(lambda: len(page.bars) == 2, timeout=20_000)
    for gap, bars in zip(page.filled.gaps, page.bars, strict=True):
        assert bars.bars == list(gap.choices)
        assert gap.choices[0][0] in page.answer.text()
    assert not tab._strip.isVisible()
    page.edit.setPlainText("nothing is missing")
    tab.run_verb()
    qtbot.waitUntil(lambda: "write ___" in tab.messages.text, timeout=20_000)
    page.another.click()
    qtbot.waitUntil(lambda: page.filled is not None, timeout=20_000)
    assert not tab.messages.text


def test_that_a_rewriting_shows_the_best_version_and_the_runners_up(opened, tab: InspectTab, qtbot: QtBot) -> None:
    page = opened("encoder_decoder", "rewrite")
    assert isinstance(page, RewritePage)
    qtbot.waitUntil(lambda: page.found is not None, timeout=60_000)
    assert len(page.found.versions) == page.form.config.beam_width == 4
    assert [text.text() for _, text in page.rows] == [version.text for version in page.found.versions[1:]]
    assert page.answer.text() == page.found.versions[0].text
    page.form.row("beam_width").edited.emit("beam_width", 1)
    qtbot.waitUntil(lambda: page.found is not None and len(page.found.versions) == 1, timeout=20_000)
    assert page.rows == []
    page.edit.setPlainText(" ")
    tab.run_verb()
    qtbot.waitUntil(lambda: "nothing to rewrite" in tab.messages.text, timeout=20_000)


def test_that_a_rewriting_is_seen_while_it_grows_and_one_that_was_given_up_is_not(opened, tab, qtbot, monkeypatch) -> None:
    monkeypatch.setattr("llmstudio.gui.inspect.pages.rewrite._EVERY_S", 0.0)
    page = opened("encoder_decoder", "rewrite")
    qtbot.waitUntil(lambda: page.found is not None, timeout=60_000)
    page.form.row("beam_width").edited.emit("beam_width", 1)
    qtbot.waitUntil(lambda: page.found is not None and len(page.found.versions) == 1, timeout=60_000)
    whole, grown, shown = page.answer.text(), [], []
    page.grew.connect(lambda _, text: grown.append(text))
    page.grew.connect(lambda *_: shown.append(page.answer.text()))
    tab.run_verb()
    qtbot.waitUntil(lambda: bool(grown) and page.found is not None, timeout=60_000)
    assert page.answer.text() == whole
    assert all(whole.startswith(text) for text in grown)
    assert set(shown) <= {*grown, whole}
    page.grew.emit(page._asked - 1, "of an earlier question")
    assert page.answer.text() == whole


def test_that_a_map_shows_where_the_model_looked_for_each_token_it_wrote(opened, tab: InspectTab, qtbot: QtBot) -> None:
    page = opened("encoder_decoder", "rewrite")
    assert isinstance(page, RewritePage)
    qtbot.waitUntil(lambda: page.found is not None, timeout=60_000)
    looked, drawn = page.back.looked, page.back.map
    assert looked is not None
    qtbot.waitUntil(lambda: drawn.isVisible() and min(drawn.width(), drawn.height()) > 50, timeout=20_000)
    assert len(looked.written) == len(page.found.versions[0].ids)
    assert drawn.size_in_cells == (min(len(looked.written), 40), len(looked.read))
    assert drawn.cell_at(drawn.place_of(0, 1).center()) == (0, 1)
    assert drawn.cell_at(QPointF(0, 0)) is None
    share = round(100 * float(looked.of(None)[0, 1]))
    assert f"{share}\u00a0%" in drawn.said(0, 1) or "under 1" in drawn.said(0, 1)
    assert f"“{looked.read[1].strip()}”" in drawn.said(0, 1)
    assert not drawn.grab().toImage().isNull()
    assert not any(chip.isVisible() for chip in page.back.layers.chips.values())  # one layer: nothing to choose
    page.back.show_looked(LookedBack(("a", "b"), ("c",), np.array([[[1.0, 0.0]], [[0.0, 1.0]]], np.float32)))
    page.back.layers.chips["1"].click()
    assert drawn.layer == 1
    assert "“b”: 100" in drawn.accessibleDescription()
    page.clear()
    assert page.back.isHidden()


def test_that_a_whole_file_is_rewritten_and_scored_against_its_targets(
    opened, tab: InspectTab, bench: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    page = opened("encoder_decoder", "rewrite")
    assert isinstance(page, RewritePage)
    qtbot.waitUntil(lambda: page.found is not None, timeout=60_000)
    page.form.row("beam_width").edited.emit("beam_width", 2)
    (file := tmp_path / "in.txt").write_text(
        "Nina has no kite.\t妮娜没有风筝。\nTom sleeps.\t汤姆睡觉。\n", encoding="utf-8"
    )
    with qtbot.waitSignal(bench.job_ended, timeout=60_000):
        page.file.begin(file, tmp_path / "out.tsv")
    lines = (tmp_path / "out.tsv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "source\ttarget\toutput"
    assert len(lines) == 3
    assert "2 texts written" in tab.messages.text
    assert "Against its targets: BLEU" in tab.messages.text


def test_that_held_out_pairs_are_compared_in_a_table_that_sorts_by_score(opened, tab: InspectTab, qtbot: QtBot) -> None:
    page = opened("encoder_decoder", "compare")
    assert isinstance(page, ComparePage)
    qtbot.waitUntil(lambda: page.told is not None, timeout=60_000)
    rows = page.model_of_pairs
    assert rows.rowCount() == len(page.told.pairs) > 3
    assert [text for _, text in page.figures.texts()] == ["BLEU", "chrF"]
    assert page.figures.texts()[1][0] == f"{page.told.chrf:.1f}"
    scores = [pair.chrf for pair in page.told.pairs]
    assert [pair.chrf for pair in rows.pairs] == sorted(scores)
    page.table.sortByColumn(0, Qt.SortOrder.DescendingOrder)
    assert [pair.chrf for pair in rows.pairs] == sorted(scores, reverse=True)
    page.table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    sources = [rows.data(rows.index(row, 1)) for row in range(rows.rowCount())]
    assert sources == sorted(pair.source for pair in page.told.pairs)
    assert {rows.data(rows.index(row, 3)) for row in range(rows.rowCount())} == {p.output for p in page.told.pairs}
    page.clear()
    assert not page.table.isVisible()


def test_that_what_a_model_writes_is_never_taken_for_markup(session: Session, qtbot: QtBot) -> None:
    page, spot = RewritePage(session), SpotView()
    for widget in (page, spot):
        qtbot.addWidget(widget)
    version = Version("<b>bold</b>", -1.0, True)
    page._on_found(Rewritten((version, version, version), 0))
    spot.show_spot(latent_space.Spot("<b>bold</b>", np.zeros(2, np.float32), 0.0, 0.0, (("<i>near</i>", 1.0),)))
    written = [page.answer, *(text for _, text in page.rows), *spot.findChildren(QLabel)]
    shown = [label for label in written if "<" in label.text()]
    assert len(shown) == 5
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in shown)


def test_that_a_press_on_the_map_decodes_the_place(opened, tab: InspectTab, qtbot: QtBot) -> None:
    page = opened("vae", "latent")
    assert isinstance(page, LatentPage)
    qtbot.waitUntil(lambda: page.here is not None, timeout=60_000)
    assert len(page.map.points) == len(page.map.texts) > 20
    before, target = page.here, page.map.points[7]
    view = page.map.plotItem.vb
    place = page.map.mapFromScene(view.mapViewToScene(QPointF(float(target[0]), float(target[1]))))
    qtbot.mouseClick(page.map.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: page.here is not before, timeout=20_000)
    width, height = view.viewPixelSize()
    assert page.here.x == pytest.approx(float(target[0]), abs=2 * width)
    assert page.here.y == pytest.approx(float(target[1]), abs=2 * height)
    assert page.spot.text in (page.here.text, "(nothing: the sentence ends at once)")
    assert page.here.neighbours[0][0] in page.spot.near
    assert page.map.here == (page.here.x, page.here.y)


def test_that_a_sentence_too_long_leaves_the_map_and_the_place(opened, tab: InspectTab, qtbot: QtBot) -> None:
    page = opened("vae", "latent")
    qtbot.waitUntil(lambda: page.here is not None, timeout=60_000)
    here = page.here
    page.edit.setPlainText("Tom went . " * 40)
    tab.run_verb()
    qtbot.waitUntil(lambda: "shorten it" in tab.messages.text, timeout=20_000)
    assert page.here is here
    assert len(page.map.points)


def test_that_a_vae_that_has_collapsed_says_so(opened, qtbot: QtBot) -> None:
    page = opened("vae", "latent")
    qtbot.waitUntil(lambda: page.here is not None, timeout=60_000)
    assert page.remark.isVisible()
    assert "does without its latent space" in page.remark.text()


def test_that_the_slider_walks_from_one_sentence_to_the_other(opened, tab: InspectTab, qtbot: QtBot) -> None:
    page = opened("vae", "latent")
    qtbot.waitUntil(lambda: page.here is not None, timeout=60_000)
    rebuilt = page.here
    page.between.click()
    qtbot.waitUntil(lambda: len(page.trail.places) == STEPS, timeout=20_000)
    assert page.here.z == pytest.approx(rebuilt.z, abs=1e-5)
    page.trail.setValue(STEPS - 1)
    assert page.here is page.trail.places[-1]
    assert len(page.spot.way) == len(page.map.trail) == STEPS
    page.sample.click()
    qtbot.waitUntil(lambda: len(page.trail.places) != STEPS, timeout=20_000)
    assert not page.trail.isVisible()
    page.edit.setPlainText(" ")
    tab.run_verb()
    qtbot.waitUntil(lambda: "type a sentence" in tab.messages.text, timeout=20_000)


def test_that_the_figures_of_a_space_stand_below_its_map_and_whoever_leaves_waits_for_none(
    opened, tab: InspectTab, qtbot: QtBot, monkeypatch
) -> None:
    page = opened("vae", "latent")
    qtbot.waitUntil(lambda: page.figures.isVisible(), timeout=60_000)
    found = latent_space.measure(page._session.project, "vae")
    assert f"{found.active_units} of 4 units active" in page.figures.text()
    for nats in (found.kl, found.elbo, found.tighter, found.mutual_information):
        assert value_text(nats) in page.figures.text()
    shown = dict(page.figures.bounds.bars)
    assert (found.elbo, found.tighter) == (shown["ELBO"], shown["tighter bound"]), "one convention on the whole page"
    for term in ("Active units", "KL", "Mutual information", "ELBO", "Tighter bound"):
        assert f"<p>{term}" in page.figures.toolTip()

    asked: list[Stop] = []

    def endless(project, model, *, stop):
        asked.append(stop)
        while not stop.requested:
            pass
        check(stop)

    monkeypatch.setattr(latent_space, "measure", endless)
    page.set_subject(tab.subject)
    assert not page.figures.isVisible()
    qtbot.waitUntil(lambda: len(asked) == 1, timeout=20_000)
    here = page.here
    tab.run_verb()  # a question does not wait for figures
    qtbot.waitUntil(lambda: page.here is not here and len(asked) == 2, timeout=20_000)
    page.leave()
    assert asked[-1].requested
    page.wake()  # and they are asked for again
    qtbot.waitUntil(lambda: len(asked) == 3, timeout=20_000)
    page.stop()
    assert asked[-1].requested


def test_that_a_space_is_shown_beside_a_language_model_and_a_race_for_one_is_proposed(
    opened, tab: InspectTab, qtbot: QtBot, monkeypatch
) -> None:
    page = opened("vae", "latent")
    qtbot.waitUntil(lambda: page.figures.isVisible(), timeout=60_000)
    found = latent_space.measure(page._session.project, "vae")
    bounds = [("tighter bound", found.tighter), ("ELBO", found.elbo)]
    assert page.figures.bounds.bars == bounds
    gone: list[str] = []
    page._session.go_to.connect(gone.append)
    with qtbot.waitSignal(page._session.race_proposed, timeout=20_000) as asked:
        page.figures.race.click()
    assert gone == ["train"]
    (match,) = asked.args
    assert [recipe.kind for recipe in match.recipes] == ["vae", "lstm"]
    monkeypatch.setattr(latent_rival, "rival", lambda *_, stop: latent_rival.Rival("Plain", "lstm", 1000, 12.5))
    page.set_subject(tab.subject)
    qtbot.waitUntil(lambda: len(page.figures.bounds.bars) == 3, timeout=20_000)
    assert page.figures.bounds.bars[-1] == ("Plain", 12.5)


def test_that_many_units_scroll_and_few_take_no_more_room_than_they_need(qtbot: QtBot) -> None:
    sliders = UnitSliders()
    qtbot.addWidget(sliders)
    sliders.resize(300, 900)
    sliders.set_units([latent_space.Unit(n, -1.0, 1.0) for n in range(3)])
    sliders.show()
    few, bar = sliders._rows.height(), sliders._rows.verticalScrollBar()
    assert bar.maximum() == 0
    sliders.set_units([latent_space.Unit(n, -1.0, 1.0) for n in range(32)])
    qtbot.waitUntil(lambda: bar.maximum() > 0, timeout=5000)
    assert len(sliders.sliders) == 32
    assert few < sliders._rows.height() < 450
    with qtbot.waitSignal(sliders.moved) as moved:
        sliders.sliders[31].setValue(40)
    assert moved.args == [31, 1.0]


def test_that_one_who_leaves_the_way_sees_no_place_of_it_marked_until_one_is_picked_again(opened, qtbot: QtBot) -> None:
    page = opened("vae", "latent")
    qtbot.waitUntil(lambda: page.here is not None, timeout=60_000)
    page.between.click()
    qtbot.waitUntil(lambda: len(page.trail.places) == STEPS, timeout=20_000)
    page.trail.setValue(3)
    assert (page.spot.marked, page.trail.isVisible()) == (3, True)
    before = page.here
    page.go_to_point(0.0, 0.0)
    qtbot.waitUntil(lambda: page.here is not before, timeout=20_000)
    assert (page.spot.marked, page.trail.isVisible()) == (None, False)
    page.spot.picked.emit(3)
    assert (page.spot.marked, page.trail.isVisible(), page.trail.value()) == (3, True, 3)
    assert page.here is page.trail.places[3]


def test_that_chips_wear_the_values_of_the_unit_that_is_looked_at(opened, qtbot: QtBot) -> None:
    page = opened("lstm", "recurrence")
    assert isinstance(page, RecurrencePage)
    qtbot.waitUntil(lambda: page.inside is not None, timeout=60_000)
    assert page.unit.value() == page.inside.most_telling(0, "state")[0]
    page.layer.setValue(2)
    page.what.setCurrentIndex(page.what.findData("forget"))
    for box, typed, said in (
        (page.unit, "abc", "“abc” is not a number"),
        (page.layer, "99", "99 is too much: 2 is the most."),
    ):
        box.lineEdit().selectAll()
        QTest.keyClicks(box, typed)
        box.interpretText()
        assert said in page.note.text()
    page.layer.setValue(1)
    assert not page.note.text()
    page.layer.setValue(2)
    page.unit.setValue(5)
    assert page.strip.values == pytest.approx(page.inside.layers[1]["forget"][:, 5].tolist())
    assert page.plot.curves[0].y == pytest.approx(page.strip.values)
    assert [chip.text for chip in page.strip.chips()] == list(page.inside.tokens)
    page.telling.click()
    assert page.unit.value() == page.inside.most_telling(1, "forget")[0]
    page.edit.setPlainText("Tom went")
    qtbot.waitUntil(lambda: len(page.strip.chips()) == 2, timeout=20_000)


def test_that_a_pressed_token_is_looked_back_from_with_two_models(opened, tab: InspectTab, qtbot: QtBot) -> None:
    page = opened("lstm", "reach")
    assert isinstance(page, ReachPage)
    qtbot.waitUntil(lambda: bool(page.found), timeout=60_000)
    assert "Tiny" in page.other.names()
    assert page.other.names().count("lstm") == 0
    assert page.found[0].place == len(page.strip.chips()) - 1
    page.strip.pressed.emit(3)
    qtbot.waitUntil(lambda: page.found[0].place == 3, timeout=20_000)
    assert page.strip.marked == 3
    page.other.pick("Tiny")
    page.other.picked.emit("Tiny")
    qtbot.waitUntil(lambda: len(page.plot.curves) == 2, timeout=20_000)
    assert [curve.name for curve in page.plot.curves] == ["lstm", "Tiny"]
    assert page.plot.curves[0].x.tolist() == [1.0, 2.0, 3.0]
    page.log.click()
    assert page.plot.is_log
    page.strip.pressed.emit(0)
    qtbot.waitUntil(lambda: "Nothing stands before" in tab.messages.text, timeout=20_000)


def test_that_a_text_too_long_to_look_back_on_says_what_is_left_out(opened, tab: InspectTab, qtbot: QtBot) -> None:
    page = opened("lstm", "reach")
    qtbot.waitUntil(lambda: bool(page.found), timeout=60_000)
    assert not page.remark.isVisible()
    page.edit.setPlainText(("Tom went . " * 150).strip())
    qtbot.waitUntil(page.remark.isVisible, timeout=20_000)
    assert page.remark.text().startswith("Only the 400 tokens before this place are looked at: the first 49 ")
    bar = page.strip.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() > bar.maximum() // 2)


def test_that_a_long_look_up_is_stopped_and_never_keeps_the_next_waiting(
    opened, tab: InspectTab, qtbot: QtBot, monkeypatch
) -> None:
    page = opened("encoder", "fill")
    qtbot.waitUntil(lambda: page.filled is not None, timeout=60_000)
    before, asked = page.filled, []

    def endless(project: Project, model: str, text: str, *, num_choices: int, stop: Stop) -> FilledText:
        asked.append(text)
        while text == "endless ___":
            check(stop)
            time.sleep(0.002)
        return FilledText(text, ())

    monkeypatch.setattr(fill_page, "fill", endless)
    page.edit.setPlainText("endless ___")
    tab.run_verb()
    qtbot.waitUntil(page.question.halt.isVisible, timeout=20_000)
    page.question.halt.click()
    assert not page.question.halt.isVisible()
    assert not page.question.is_open
    assert page.filled is before
    tab.run_verb()
    qtbot.waitUntil(lambda: len(asked) == 2, timeout=20_000)
    page.edit.setPlainText("quick ___")
    tab.run_verb()
    qtbot.waitUntil(lambda: page.filled is not before, timeout=20_000)
    assert page.filled.text == "quick ___"
    assert not tab.messages.text
    page.edit.setPlainText("endless ___")
    tab.run_verb()
    qtbot.waitUntil(lambda: len(asked) == 4, timeout=20_000)
    tab.stop_verb()
    assert not page.question.is_open
    tab.run_verb()
    qtbot.waitUntil(lambda: len(asked) == 5, timeout=20_000)
    tab.hide()
    assert not page.question.is_open
    page.edit.setPlainText("another ___")
    tab.show()
    qtbot.waitUntil(lambda: page.filled.text == "another ___", timeout=20_000)


def test_that_a_dragged_unit_shows_the_sentences_on_the_way(opened, qtbot: QtBot, monkeypatch) -> None:
    page = opened("vae", "latent")
    qtbot.waitUntil(lambda: page.here is not None, timeout=60_000)
    seen = []
    at_place = latent_space.at_place
    monkeypatch.setattr(latent_space, "at_place", lambda *a, **k: seen.append(float(a[2][0])) or at_place(*a, **k))
    for value in (0.1, 0.2, 0.3, 0.4):
        page.go_to_place(0, value)
    qtbot.waitUntil(lambda: page.here.z[0] == pytest.approx(0.4), timeout=20_000)
    assert seen == pytest.approx([0.1, 0.4])


def test_that_only_pages_that_suit_a_model_are_offered(opened, tab: InspectTab) -> None:
    opened("lstm", "recurrence")
    assert [name for name, button in tab._choice.chips.items() if button.isVisible()] == [
        "classes",
        "scores",
        "recurrence",
        "reach",
    ]
    assert "LSTM" in tab._family.text()
    opened("Tiny", "reach")
    tab.show_page("latent")
    assert tab.page is tab.pages["reach"]


def test_that_a_model_that_takes_its_time_to_open_is_named_meanwhile(opened, tab: InspectTab, qtbot: QtBot) -> None:
    opened("Tiny", "reach")
    tab._know_nothing(is_opening=True)
    assert tab._stack.currentWidget().text() == "Opening “Tiny”…"
    tab._on_model("Tiny")
    qtbot.waitUntil(lambda: tab.page is not None, timeout=20_000)


def test_that_without_a_model_one_button_leads_to_where_one_is_made(session: Session, qtbot: QtBot) -> None:
    made = InspectTab(session)
    qtbot.addWidget(made)
    made.show()
    assert made.page is None
    button = made.offer.findChild(QPushButton)
    with qtbot.waitSignal(session.go_to) as gone:
        button.click()
    assert gone.args == ["train"]


def test_that_the_chat_leads_from_a_model_that_does_not_speak_to_here(bench: Session, qtbot: QtBot) -> None:
    chat = ChatTab(bench)
    qtbot.addWidget(chat)
    chat.show()
    chat.models.pick("vae")
    chat.models.picked.emit("vae")
    qtbot.waitUntil(chat.silent.isVisible, timeout=20_000)
    assert "does not chat" in chat.silent.text
    assert not chat.page.isVisible()
    gone: list[object] = []
    bench.chosen.connect(lambda kind, name: gone.append((kind, name)))
    bench.go_to.connect(gone.append)
    chat.silent.findChild(QPushButton).click()
    assert gone == ["inspect", ("model", "vae")]  # the tab first: one that is not built yet would not hear of the model
    chat.page.draft.setPlainText("hello")
    chat.run_verb()
    assert not bench.is_running("talk")
    chat.models.pick("Tiny")
    chat.models.picked.emit("Tiny")
    qtbot.waitUntil(chat.page.isVisible, timeout=20_000)


def test_that_a_model_that_learned_on_under_its_name_is_looked_at_anew(grown_project: Project, qtbot: QtBot) -> None:
    session = Session(grown_project, Preferences())
    tab = InspectTab(session)
    qtbot.addWidget(tab)
    qtbot.waitUntil(lambda: tab.subject is not None, timeout=20_000)
    subject = tab.subject
    session.items_changed.emit("model")
    qtbot.waitUntil(lambda: not session.questions.are_open)
    assert tab.subject is subject, "the same weights are looked at once"
    list(resume(grown_project, "Tiny", changes={"training.max_steps": 9}, stop=Stop()))
    session.items_changed.emit("model")
    qtbot.waitUntil(lambda: tab.subject is not subject, timeout=20_000)
    assert tab.page is not None
    assert tab.page.subject is tab.subject
    session.request_end()
    qtbot.waitUntil(session.has_ended, timeout=20_000)


def test_that_the_model_made_last_stands_first_pruned_or_not(opened, tab: InspectTab, monkeypatch) -> None:
    opened("vae", "latent")
    items = tab._session.items
    fresh = SimpleNamespace(name="Fresh", id="fresh", model_card=SimpleNamespace(is_pruned=True))
    there = items.models()
    monkeypatch.setattr(items, "models", lambda: [fresh, *there])
    tab._on_items("model")
    assert tab.models.names()[0] == "Fresh"
