"""The corpus tab's picture of a corpus: its numbers, some of its text, its plots, its parts, where it came from, what
was left out.

In: a `Shelf`, read elsewhere. Out: nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QCoreApplication, Slot
from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from llmstudio.app.classes.labelled import rare_of, without_outside
from llmstudio.core.corpus.cleaning.languages import LANGUAGES
from llmstudio.core.corpus.config import CleaningConfig
from llmstudio.core.corpus.reading.encodings.names import read_as
from llmstudio.core.corpus.statistics import Statistics, is_pair
from llmstudio.core.corpus.taken import Taken
from llmstudio.core.settings import settings_of
from llmstudio.gui.corpus.bar_plot import BarPlot
from llmstudio.gui.corpus.queries import Shelf
from llmstudio.gui.corpus.text_lines import TextLines
from llmstudio.gui.corpus.text_preview import showable
from llmstudio.gui.look.figures import bytes_text, count_text, share_text
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import font, say, space, theme
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.readouts.chip import visible
from llmstudio.gui.shared.readouts.figure_row import Figure, FigureRow

_BARS, _LAST_BARS = 10, 4  # bars of a plot; of classes the rarest among them


def count_plots() -> Iterator[BarPlot]:
    """The plots of a `CorpusPane`, made one after another: a plot takes long."""
    tr = QCoreApplication.translate
    yield BarPlot(title=tr("CorpusPane", "Most frequent words"), unit=tr("CorpusPane", "times"))
    yield BarPlot(title=tr("CorpusPane", "Lengths of the documents, in characters"), unit=tr("CorpusPane", "documents"))
    yield BarPlot(title=tr("CorpusPane", "Most frequent characters"), unit=tr("CorpusPane", "times"))
    yield BarPlot(title=tr("CorpusPane", "Languages and scripts"), unit=tr("CorpusPane", "of the text"), in_percent=True)
    yield BarPlot(title=tr("CorpusPane", "Labels"), unit=tr("CorpusPane", "documents"))


_WORDS_OF_A_TAG = 8


class CorpusPane(QWidget):
    """A corpus on disk: its numbers, some of its text, its plots, its parts, where it came from and what was left out."""

    def __init__(self, plots: Iterable[BarPlot] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.figures = FigureRow()
        self.text = QPlainTextEdit(readOnly=True, accessibleName=self.tr("Some of its text"))
        self.text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.words, self.lengths, self.characters, self.languages, self.labels = plots or count_plots()
        self.parts = TextLines(self.tr("Parts"))
        self.sources = TextLines(self.tr("Sources"))
        self.cleaned = TextLines(self.tr("Cleaned"))
        self.left_out = TextLines(self.tr("Left out"))
        self.tagged = TextLines(self.tr("Words by tag"))
        self._grid = QGridLayout()
        self._boxes: list[QWidget] = []
        self._titles: dict[BarPlot, Label] = {}
        for plot in (self.labels, self.words, self.lengths, self.characters, self.languages):
            box = QWidget()
            column = QVBoxLayout(box)
            column.setContentsMargins(0, 0, 0, 0)
            title = Label(plot.accessibleName(), wordWrap=True)
            title.setProperty("role", "title")
            column.addWidget(title)
            self._titles[plot] = title
            plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            column.addWidget(plot, 1)
            if plot is self.languages:
                self.heard = Label(wordWrap=True)
                self.heard.setProperty("role", "muted")
                column.addWidget(self.heard)
            self._grid.addWidget(box, len(self._boxes) // 2, len(self._boxes) % 2)
            self._boxes.append(box)
        self._lines = QGridLayout()
        for i, lines in enumerate((self.parts, self.sources, self.cleaned, self.left_out, self.tagged)):
            self._lines.addWidget(lines, i // 2, i % 2)
        for grid in (self._grid, self._lines):
            grid.setColumnStretch(0, 1)
            grid.setColumnStretch(1, 1)
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.figures)
        text_title = Label(self.text.accessibleName())
        text_title.setProperty("role", "title")
        self._column.addWidget(text_title)
        self._column.addWidget(self.text)
        self._column.addLayout(self._grid, 1)
        self._column.addLayout(self._lines)
        self._scroll = scroll = QScrollArea(widgetResizable=True)
        self._shown: object = None
        scroll.setWidget(inner)
        fill(self, scroll)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_shelf(self, shelf: Shelf) -> None:
        """Show a corpus."""
        found, facts = shelf.statistics, shelf.facts
        if self._shown != (item := (shelf.name, facts.get("hash"))):  # another corpus begins at its top
            self._shown = item
            self._scroll.verticalScrollBar().setValue(0)
            self.text.setPlainText(showable(shelf.texts))
        unit = self.tr("document") if found.num_documents == 1 else self.tr("documents")
        self.figures.set_figures([
            Figure(count_text(found.num_documents), unit),
            Figure(count_text(found.num_characters), self.tr("characters")),
            Figure(bytes_text(found.num_bytes), self.tr("of text"),
                   self.tr("In UTF-8 an English letter takes 1 byte, a Chinese character 3.")),
        ])  # fmt: skip
        self.lengths.set_histogram(found.length_edges, found.length_counts)
        self.words.set_bars(*_top(found.words))
        self._call(self.words, _words_title(found.words[:_BARS]))
        self.characters.set_bars(*_top(found.characters))
        shares = found.languages[:_BARS]
        names = [say(LANGUAGES[name]) if name in LANGUAGES else name for name, _ in shares]
        self.languages.set_bars(names, [100 * share for _, share in shares])
        self._say_heard(found)
        self._show_labels(found.labels or without_outside(found.tags))
        tags = self.tr("Tags, O left out") if len(without_outside(found.tags)) < len(found.tags) else self.tr("Tags")
        self._call(self.labels, tags if found.tags else self.tr("Labels"))
        self.labels.set_unit(self.tr("words") if found.tags else self.tr("documents"))
        self.parts.set_lines(self._part_lines(facts))
        self.sources.set_lines(self._source_lines(facts))
        self.cleaned.set_lines(self._cleaned_lines(facts))
        self.left_out.set_lines(self._left_out_lines(facts))
        self.tagged.set_lines(self._tagged_lines(found))

    def _show_labels(self, labels: Sequence[tuple[str, int]]) -> None:
        """Where there are labels they come first, the rare ones marked; of many the first and the last are drawn."""
        rare = rare_of(labels)
        if len(labels) > _BARS:
            labels = (*labels[: _BARS - _LAST_BARS], *labels[-_LAST_BARS:])
        named = self.tr("{name} (rare)")
        names = [named.format(name=visible(name)) if name in rare else visible(name) for name, _ in labels]
        marked = [place for place, (name, _) in enumerate(labels) if name in rare]
        self.labels.set_bars(names, [count for _, count in labels], marked)
        for box in self._boxes:
            self._grid.removeWidget(box)
        self._boxes[0].setVisible(bool(labels))
        for place, box in enumerate(self._boxes if labels else self._boxes[1:]):
            self._grid.addWidget(box, place // 2, place % 2)

    def _call(self, plot: BarPlot, title: str) -> None:
        plot.setAccessibleName(title)
        self._titles[plot].setText(title)

    def _say_heard(self, found: Statistics) -> None:
        """Of how many documents the languages were found, unless of all."""
        heard, total = found.num_language_documents, found.num_documents
        self.heard.setText(
            plural(self.tr("found from {heard} of {n|document|documents}"), heard=f"{heard:,}", n=f"{total:,}")
        )
        self.heard.setVisible(0 < heard < total)

    @Slot()
    def _restyle(self) -> None:
        self._column.setSpacing(space(2))
        self._grid.setSpacing(space(2))
        self._lines.setSpacing(space(2))
        self.text.setFont(font())
        self.text.setFixedHeight(space(24))
        for box in self._boxes:
            box.setMinimumHeight(space(28))

    def _part_lines(self, facts: Mapping[str, Any]) -> list[str]:
        split = facts.get("split", {})
        seed = split.get("seed", 0)
        labels = {"train": self.tr("for training"), "val": self.tr("for validation"), "test": self.tr("for the test")}
        lines = [
            plural(self.tr("{label}: {documents}, {characters|character|characters}"),
                label=label, documents=self._documents(part["documents"]), characters=f"{part['characters']:,}")
            for name, label in labels.items() if (part := split.get("sizes", {}).get(name)) and part["characters"]
        ]  # fmt: skip
        how = {
            "documents": self.tr("Split at random (seed {seed}); identical texts stay together."),
            "given": self.tr("The split is the one that the texts came with."),
            "position": self.tr("The first {train} is for training, the rest for validation."),
            "each": self.tr("The first {train} of each text is for training, the rest for validation."),
            "none": self.tr("Nothing is held out."),
        }.get("each" if split.get("cuts") else split.get("method", ""), "")
        sizes = {name: part["characters"] for name, part in split.get("sizes", {}).items()}
        learned = share_text(sizes.get("train", 0) / max(1, sum(sizes.values())))
        lines += [how.format(seed=seed, train=learned)] if how else []
        if overlap := split.get("overlap", 0):
            lines.append(
                plural(
                    self.tr("{n|training document begins|training documents begin} with a text that is held out as well."),
                    n=overlap,
                )
            )
        return lines

    def _documents(self, n: int) -> str:
        return plural(self.tr("{n|document|documents}"), n=n)

    def _source_lines(self, facts: Mapping[str, Any]) -> list[str]:
        lines = []
        for source in facts.get("sources", ()):
            documents = self._documents(source["documents"])
            if source["format"] == "sample":
                lines.append(f"{source['name']}  ·  {documents}")
            else:
                encoding, size = say(read_as(source["encoding"], source["confidence"])), bytes_text(source["bytes"])
                lines.append(f"{source['name']}  ·  {encoding}  ·  {size}  ·  {documents}")
                told, remarks = Taken.from_facts(source).sentence(), source.get("remarks")
                lines += [
                    f"    {line}"
                    for line in [*([say(told)] if told else []), *(remarks if isinstance(remarks, list) else ())]
                ]
        return lines

    def _cleaned_lines(self, facts: Mapping[str, Any]) -> list[str]:
        labels = {about.path: say(about.fact.label) for about in settings_of(CleaningConfig)}
        found = facts.get("cleaning", {})
        return [self.tr("{step}: {n}").format(step=labels[step], n=f"{count:,}") for step, count in found.items() if count]

    def _tagged_lines(self, found: Statistics) -> list[str]:
        """Every tag with its most frequent words."""
        totals = dict(found.tags)
        return [
            self.tr("{tag}, {n}: {words}").format(
                tag=tag,
                n=f"{totals.get(tag, 0):,}",
                words=", ".join(f"{visible(word)} {count:,}" for word, count in counts[:_WORDS_OF_A_TAG]),
            )
            for tag, counts in found.tag_words
        ]

    def _left_out_lines(self, facts: Mapping[str, Any]) -> list[str]:
        found = facts.get("skipped", {})
        counts = (
            (found.get("files", 0), self.tr("files: {n}")),
            (found.get("rows", 0), self.tr("rows: {n}")),
            (found.get("empty", 0), self.tr("documents without text: {n}")),
        )
        lines = [text.format(n=f"{count:,}") for count, text in counts if count]
        for example in found.get("examples", ()):
            if example["line"]:
                lines.append(self.tr("{name}, line {line}: {reason}").format(**example))
            elif example.get("record"):
                lines.append(self.tr("{name}, record {record}: {reason}").format(**example))
            elif example["name"] in example["reason"]:  # a reason to leave a whole file is a sentence with its name
                lines.append(example["reason"])
            else:
                lines.append(self.tr("{name}: {reason}").format(**example))
        return lines


def _words_title(counts: Sequence[tuple[str, int]]) -> str:
    """Chinese is written without spaces: what is counted there are pairs of characters, and is called so."""
    tr = QCoreApplication.translate
    pairs = [is_pair(word) for word, _ in counts]
    if pairs and all(pairs):
        return tr("CorpusPane", "Most frequent pairs of characters")
    if any(pairs):
        return tr("CorpusPane", "Most frequent words and pairs of characters")
    return tr("CorpusPane", "Most frequent words")


def _top(counts: Sequence[tuple[str, int]]) -> tuple[list[str], list[int]]:
    return [visible(name) for name, _ in counts[:_BARS]], [count for _, count in counts[:_BARS]]
