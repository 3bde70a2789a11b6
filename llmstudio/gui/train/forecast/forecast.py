"""What the recipe in the form will take on this computer: a line under the size, and a card that says more.

The arithmetic is `app.estimate`; this module gathers what it needs to know of the project and puts the answer into words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QFrame, QPushButton, QVBoxLayout, QWidget

from llmstudio.app.classes.labelled import task_for
from llmstudio.app.computer.estimate import SURE, Correction, Estimate, estimate
from llmstudio.app.computer.hardware import Machine, Probe, machine, saved_probe
from llmstudio.app.computer.paces import correction
from llmstudio.app.computer.past_runs import PastRun, past_runs
from llmstudio.app.items.create import find_dataset
from llmstudio.app.presets.preset import Preset
from llmstudio.app.verbs.export import why_not, why_not_to_gguf
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.corpus.records import ANSWERED
from llmstudio.core.dataset.config import DatasetConfig
from llmstudio.core.dataset.tokens import Dataset
from llmstudio.core.errors import StudioError
from llmstudio.core.recipe import Recipe
from llmstudio.gui.look.figures import bytes_text, duration_text, rounded, weights_text
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import BODY, font, say, space, theme
from llmstudio.gui.train.forecast.memory_bar import MemoryBar, Sizes
from llmstudio.store.project import About, Project

translate = QCoreApplication.translate

NIGHT_S = 10 * 3600
GPT2_PARAMETERS = 124_439_808  # GPT-2 small, Radford et al. 2019
_TRAIN_SHARE, _VAL_SHARE = 0.9, 0.05


@dataclass(frozen=True)
class Text:
    """What a forecast must know of corpus and tokenizer.

    Attributes:
        vocab_size: V.
        num_tokens: Of the training part; likewise `held_out_tokens`.
        num_rows: Documents of the training part; None if not known.
        longest_document: Tokens of the longest one; None if not known.
        have_answers: Whether documents hold answers that are known.
        tokenizer_kind: As in `KINDS`; empty if not known.
        class_counts: Texts of the training part in each class, or words with each tag; empty if it has none or they are not
            known.
    """

    vocab_size: int
    num_tokens: int
    held_out_tokens: int = 0
    num_rows: int | None = None
    longest_document: int | None = None
    have_answers: bool = False
    tokenizer_kind: str = ""
    class_counts: tuple[int, ...] = ()


def computer() -> tuple[Machine, Probe | None, Sequence[PastRun]]:
    """What this computer is, how fast if that has been measured, and what runs took on it."""
    return machine(), saved_probe(), past_runs()


def text_of(
    project: Project, corpus: About | None, tokenizer: About | None, rows: DatasetConfig | None = None
) -> Text | None:
    """Exact once the corpus has been encoded in this way; before that by the tokenizer's bytes a token. None while one is
    missing.
    """
    if corpus is None or tokenizer is None:
        return None
    kind = tokenizer.tokenizer_card.kind
    vocab_size, have_answers = tokenizer.tokenizer_card.vocab_size, corpus.corpus_card.record_kind in ANSWERED
    counts = class_counts_of(corpus)
    if made := find_dataset(project, {"corpus": corpus, "tokenizer": tokenizer}, rows):
        tokens = made.dataset_card.tokens
        num_rows, longest = _rows_of(made)
        return Text(vocab_size, tokens["train"], tokens.get("val", 0), num_rows, longest, have_answers, kind, counts)
    bytes_per_token = tokenizer.tokenizer_card.bytes_per_token or 1.0
    whole = corpus.corpus_card.bytes / bytes_per_token
    num_rows, longest = _documents_of(corpus, bytes_per_token)
    sizes = round(whole * _TRAIN_SHARE), round(whole * _VAL_SHARE), num_rows, longest
    return Text(vocab_size, *sizes, have_answers, kind, counts)


def class_counts_of(corpus: About) -> tuple[int, ...]:
    """Texts of each class of a labelled corpus, words with each tag of a tagged one, as many as the training part has of all
    texts; none for others, and where it cannot be read.
    """
    if not (task := task_for(corpus)):
        return ()
    try:
        found = Corpus(corpus.path).statistics
    except StudioError:
        return ()
    learned = found.splits.get("train", {}).get("documents", found.num_documents) / max(1, found.num_documents)
    return tuple(round(learned * count) for _, count in (found.tags if task == "tag" else found.labels))


def _rows_of(dataset: About) -> tuple[int | None, int | None]:
    """How many rows, and tokens of the longest; None where the dataset cannot be read, of which training will say why."""
    try:
        rows = Dataset.open(dataset.path).split("train")
    except StudioError:
        return None, None
    return (rows.num_rows, rows.longest) if rows is not None else (None, None)


def _documents_of(corpus: About, bytes_per_token: float) -> tuple[int | None, int | None]:
    """The same as far as it is known before encoding, none of it held out; None where the corpus cannot be read."""
    try:
        found = Corpus(corpus.path).statistics
    except StudioError:
        return None, None
    longest = found.max_length * found.num_bytes / max(1, found.num_characters) / bytes_per_token
    return found.num_documents, round(longest)


def forecast(recipe: Recipe, text: Text, probe: Probe | None, past: Sequence[PastRun] = ()) -> Estimate:
    """The estimate for a recipe on a text, corrected by what runs took on this computer."""
    return estimate(
        recipe,
        vocab_size=text.vocab_size,
        dataset_tokens=text.num_tokens,
        held_out_tokens=text.held_out_tokens,
        num_rows=text.num_rows,
        longest_document=text.longest_document,
        have_answers=text.have_answers,
        num_classes=len(text.class_counts),
        class_counts=text.class_counts,
        probe=probe,
        correction=correction(past, recipe, probe),
        past=past,
    )


def affordable(
    presets: Sequence[Preset], text: Text, probe: Probe | None, memory_bytes: int, past: Sequence[PastRun] = ()
) -> list[Preset]:
    """Those of the presets that this computer can train overnight; the first one in any case.

    What was measured beside busy programs, this computer or a run on it, hides nothing.
    """
    fitting: list[Preset] = []
    for preset in presets:
        found = forecast(preset.recipe, text, probe, past)
        is_too_long = found.least_seconds is not None and found.least_seconds > NIGHT_S
        fits = (not memory_bytes or found.peak_bytes < memory_bytes) and not is_too_long
        if fits or not fitting:
            fitting.append(preset)
    return fitting


def short_line(found: Estimate) -> str:
    """`0.80 M · 84 MB for the run · about 2 min`."""
    memory = translate("train_forecast", "{size} for the run").format(size=bytes_text(found.peak_bytes))
    return " · ".join((weights_text(found.parameters), memory, _time_text(found)))


def _time_text(found: Estimate) -> str:
    """How long a run will take, as exactly as it is known."""
    if found.seconds is None:
        return translate("train_forecast", "time not measured yet")
    most = duration_text(found.seconds)
    if found.least_seconds is None:
        return translate("train_forecast", "at most {time}").format(time=most)
    least = duration_text(found.least_seconds)
    if least == most:
        return translate("train_forecast", "about {time}").format(time=most)
    return translate("train_forecast", "{least} to {most}").format(least=least, most=most)


class EstimateCard(QFrame):
    """The forecast in full.

    Signals:
        measure_asked: The person wants this computer measured.
    """

    measure_asked = Signal()

    def __init__(self, parent: QWidget | None = None, *, is_of_writing: bool = True) -> None:
        """With `is_of_writing` it also says how well a model that writes is fed, and where it cannot be exported to."""
        super().__init__(parent)
        self.setProperty("role", "card")
        self._is_of_writing = is_of_writing
        self._parameters, self._time = Label(wordWrap=True), Label(wordWrap=True)
        self._feeding, self._expectation = Label(wordWrap=True), Label(wordWrap=True)
        self._warning = Label(wordWrap=True)
        self._warning.setProperty("role", "warning")
        self._expectation.setProperty("role", "muted")
        self._export = Label(wordWrap=True)
        self._export.setProperty("role", "muted")
        self.bar = MemoryBar()
        self.measure = QPushButton(self.tr("Measure this computer"))
        self.measure.setToolTip(self.tr("Takes a few seconds, once: then time can be foretold."))
        self.measure.clicked.connect(self.measure_asked)
        layout = QVBoxLayout(self)
        scaled(self, lambda: layout.setContentsMargins(space(1.5), space(1.5), space(1.5), space(1.5)))
        for widget in (
            self._parameters, self.bar, self._warning, self._time, self.measure, self._feeding, self._expectation,
            self._export,
        ):  # fmt: skip
            layout.addWidget(widget)
        self._predicted: Sizes = {}
        self._measured: Sizes = {}
        self._budget = 0
        theme.changed.connect(self._dress)
        self._dress()
        self.hide()

    @property
    def text(self) -> str:
        """Everything the card says."""
        labels = (self._parameters, self._warning, self._time, self._feeding, self._expectation, self._export)
        return "\n".join(label.text() for label in labels if not label.isHidden() and label.text())

    def show_estimate(
        self,
        recipe: Recipe,
        found: Estimate,
        here: Machine | None,
        by: Correction = SURE,
        *,
        tokenizer_kind: str = "",
    ) -> None:
        """Say what `recipe` will take; the time by the runs that were made here, if there were any."""
        share = 100 * found.parameters / GPT2_PARAMETERS
        self._parameters.setText(
            self.tr("{n} parameters: {share} % of GPT-2 small (124 M)").format(
                n=weights_text(found.parameters), share=rounded(share) if share < 10 else f"{share:,.0f}"
            )
        )
        self._predicted, self._budget = found.breakdown, here.memory_bytes if here else 0
        self.bar.set_sizes(self._predicted, self._measured, budget=self._budget)
        too_much = bool(self._budget) and found.peak_bytes > 0.8 * self._budget
        self._warning.setVisible(too_much)
        self._warning.setText(
            self.tr("More than this computer can spare ({size}): make it smaller.").format(size=bytes_text(self._budget))
        )
        self._say_time(found, by)
        for label in (self._feeding, self._expectation, self._export):
            label.setVisible(self._is_of_writing)
        if self._is_of_writing:
            self._say_feeding(found)
            self._expectation.setText(say(found.expectation))
            reason = why_not(recipe) or why_not_to_gguf(tokenizer_kind)
            self._export.setText("" if reason is None else say(reason))
            self._export.setVisible(reason is not None)
        self.show()

    def show_measured(self, sizes: Sizes) -> None:
        """Set what was measured beside what was predicted; nothing clears it."""
        if dict(sizes) != dict(self._measured):
            self._measured = dict(sizes)
            self.bar.set_sizes(self._predicted, self._measured, budget=self._budget)

    def _say_time(self, found: Estimate, by: Correction) -> None:
        is_known = found.seconds_per_1000_steps is not None
        self.measure.setVisible(found.seconds_per_1000_steps is None or found.least_seconds is None)
        self._time.setVisible(is_known)
        if found.seconds_per_1000_steps is None:
            return
        each, whole = duration_text(found.seconds_per_1000_steps), _time_text(found)
        if found.least_seconds is None:
            said = self.tr(
                "At most {each} for 1,000 steps, {whole} in all, looks included. This was measured beside busy programs:"
                " when the computer is quiet it takes less. Measure again then."
            )
        elif found.least_seconds != found.seconds:
            said = self.tr(
                "Up to {each} for 1,000 steps, {whole} in all, looks included: earlier runs here ({n}) were slower than"
                " measured, but other programs took up to {share} % of the processor meanwhile."
            )
        elif by.runs:
            said = self.tr("{each} for 1,000 steps, {whole} in all, looks included, by the pace of earlier runs here ({n})")
        else:
            said = self.tr("{each} for 1,000 steps, {whole} in all, looks included")
        share = round(100 * max(0.0, by.load))
        text = said.format(each=each, whole=whole, n=by.runs, share=share)
        if found.making_seconds:
            before = duration_text(found.making_seconds)
            told = self.tr("About {time} of this before the first step, in which texts of rare classes are made up.")
            text += "\n" + told.format(time=before)
        self._time.setText(text)

    def _say_feeding(self, found: Estimate) -> None:
        self._feeding.setVisible(found.tokens_per_parameter is not None)
        if found.tokens_per_parameter is None:
            return
        share = (
            rounded(found.tokens_per_parameter) if found.tokens_per_parameter < 10 else f"{found.tokens_per_parameter:,.0f}"
        )
        if found.passes is None:
            self._feeding.setText(plural(self.tr("{n|token|tokens} for each parameter"), n=share))
            return
        passes = rounded(found.passes) if found.passes < 10 else f"{found.passes:,.0f}"
        self._feeding.setText(
            plural(self.tr("{n|token|tokens} for each parameter, {passes} times over the text"), n=share, passes=passes)
        )

    @Slot()
    def _dress(self) -> None:
        self._parameters.setFont(font(BODY, bold=True))
