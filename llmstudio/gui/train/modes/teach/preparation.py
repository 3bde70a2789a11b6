"""What the next teaching is prepared with: the project's models, its texts that teach a task, and a free name."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.app.classes.labelled import LabelledText, labelled_text, task_for, why_not
from llmstudio.app.items.abilities import answers, task_of_model
from llmstudio.app.items.ancestry import recipe_of, tokenizer_item_of
from llmstudio.app.items.model_fit import MOST, unknown_to_models
from llmstudio.app.items.tokenizer_fit import unknown_warning
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Failed
from llmstudio.core.models.families import MODELS
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.item_actions import name_problem
from llmstudio.gui.shared.pickers.text_and_tokenizer import tokenizers_for
from llmstudio.gui.train.forecast.forecast import text_of
from llmstudio.gui.train.modes.teach.lesson import Lesson
from llmstudio.gui.train.modes.teach.setup import TeachSetup, suits
from llmstudio.store.project import About


class TeachPreparation(QObject):
    """Keeps the form of teaching in step with the project.

    Attributes:
        is_teaching: A model is being taught, whose name is taken by itself.

    Signals:
        turned: Another text, or another model to begin with.
    """

    turned = Signal()

    def __init__(self, session: Session, setup: TeachSetup, lesson: Lesson, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._setup, self._lesson = session, setup, lesson
        self.is_teaching = False
        self._start = self._text = ""  # ids of what the form and the lesson were made for
        self._unknown: dict[str, float] = {}  # by the names of models: share of the chosen text that each cannot read
        self._is_proposed = self._is_to_settle = False  # nobody chose the model; nor is known what it can read
        self._told_of = ""  # a text that teaches nothing and was chosen elsewhere
        setup.start.picked.connect(self._on_picked)
        setup.corpus.picked.connect(self._on_corpus)
        setup.changed.connect(self.check_name)
        setup.tokenizer.picked.connect(self._foretell)

    def forget(self) -> None:
        """Another project is open."""
        for picker in (self._setup.start, self._setup.corpus, self._setup.tokenizer):
            picker.forget()
        self._start = self._text = self._told_of = ""
        self._unknown, self._is_proposed = {}, False
        self._setup.name_field.renew()

    def fill(self) -> None:
        """Read anew which models and texts there are."""
        items = self._session.items
        suited = [corpus.name for corpus in items.of("corpus") if task_for(corpus)]
        self._setup.corpus.set_names(suited, items.ids("corpus"))
        self._fill_models()
        self._on_start()
        self._on_corpus()

    @property
    def _task(self) -> str:
        """What the chosen text teaches."""
        corpus = self._session.items.find("corpus", self._setup.corpus.current())
        return (task_for(corpus) if corpus is not None else "") or "classify"

    def _fill_models(self, *, proposes: bool = False) -> None:
        """The models that can learn it; one is proposed where none was, or `proposes`."""
        items, task = self._session.items, self._task
        families = [(model, model.model_card.family) for model in items.models()]
        models = [model for model, kind in families if kind in MODELS and suits(kind, task)]
        is_first = proposes or not (self._setup.start.names() or self._setup.start.gone)
        chosen = items.find("model", self._setup.begins_with)
        if chosen is not None and chosen not in models:  # it is there, but cannot learn this task
            self._setup.start.pick("")
            is_first = True
        self._setup.start.set_names([model.name for model in models], items.ids("model"))
        if is_first:
            self._is_proposed = self._is_to_settle = True
            can_read = [model for model in models if self._unknown.get(model.name, 0.0) <= MOST]
            untaught = [model for model in can_read if not _is_taught(model)]
            # One that has only read: that is what teaching is for.
            only_read = (model for model in untaught if not answers(self._session.project, model))
            chosen = next(only_read, next(iter(untaught), None))
            self._setup.start.pick(chosen.name if chosen is not None else "")

    def choose(self, kind: str, name: str) -> None:
        """Someone has picked or made a text or a model elsewhere."""
        found = self._session.items.find(kind, name)
        if kind == "corpus" and found is not None:
            self._told_of = "" if task_for(found) else name
            if task_for(found):
                self._setup.corpus.pick(name)
            self._on_corpus()
            if task_for(found):  # whoever is led here is to see what it teaches
                self.turned.emit()

    @Slot()
    def _on_picked(self) -> None:
        """The person has chosen whose weights to begin with."""
        self._is_proposed = False
        self._on_start()
        self._say()

    @Slot()
    def _on_start(self) -> None:
        """Another model to begin with: its shape, its tokenizer."""
        self._fill_tokenizers()
        if self._setup.start.gone or self._setup.start.current_id == self._start:
            return
        self._start = self._setup.start.current_id
        about = self._session.items.find("model", self._setup.begins_with)
        try:
            self._setup.begin_with(recipe_of(about) if about is not None else None)
        except StudioError as error:
            self._session.problem.emit(Failed(message=error.words, remedies=error.remedies))
        self._suggest()
        self._foretell()
        self.turned.emit()

    @Slot()
    def _on_corpus(self) -> None:
        """Another text: its classes are counted, and its own tokenizer is taken for random weights."""
        setup = self._setup
        item = setup.corpus.current_id
        is_other = item != self._text
        if is_other:
            self._unknown = {}
            self._fill_models(proposes=self._is_proposed)
            self._on_start()
            setup.use_task(self._task)
        self._say()
        self._fill_tokenizers()
        if item:
            models = [model for model in self._session.items.models() if model.name in setup.start.names()]
            read = partial(unknown_to_models, self._session.project, setup.corpus.current(), models)
            self._session.ask(read, self._on_unknown, owner=self, failed=lambda _: None)
        if item and is_other:
            self._lesson.show_text(None, self.tr("Counting what “{name}” teaches…").format(name=setup.corpus.current()))
            work = partial(labelled_text, self._session.project, setup.corpus.current())
            self._session.ask(work, self._on_text, owner=self, failed=self._on_refused)
        elif not item:
            missing = self.tr(
                "A model is taught with texts that have labels or tags, with pairs of texts, or with chats: none yet."
            )
            self._lesson.show_text(None, missing)
            setup.task.setText("")
        self._text = item
        self._foretell()
        self.propose_name()
        if is_other:
            self.turned.emit()

    @Slot(object)
    def _on_unknown(self, shares: dict[str, float]) -> None:
        """How much of the text each model cannot read: one that reads next to nothing of it is not proposed."""
        self._unknown = shares
        is_misfit = shares.get(self._setup.begins_with, 0.0) > MOST
        if self._is_proposed and self._is_to_settle and is_misfit:
            self._fill_models(proposes=True)
            self._on_start()
        self._is_to_settle = False
        self._say()

    @Slot(object)
    def _on_text(self, text: LabelledText) -> None:
        self._lesson.show_text(text)
        tasks = {
            "classify": self.tr("Task: sort texts into {n|class|classes}"),
            "tag": self.tr("Task: give every word one of {n|tag|tags}"),
            "pairs": self.tr("Task: turn one text into another, as in translating or summarising"),
            "next_token": self.tr("Task: answer in a chat"),
        }
        self._setup.task.setText(plural(tasks[text.task], n=len(text.classes)))
        self._suggest()

    @Slot(object)
    def _on_refused(self, failed: Failed) -> None:
        self._lesson.show_text(None, say(failed.message))

    def _suggest(self) -> None:
        if (text := self._lesson.text) is not None:
            self._setup.suggest_steps(text.num_texts)

    def _say(self) -> None:
        """Of a text that suits no task, why, and what would help."""
        items = self._session.items
        told = items.find("corpus", self._told_of)
        if told is None and not self._setup.corpus.names():
            told = next(iter(items.of("corpus")), None)
        reason = why_not(told) if told is not None else None
        if reason is not None:
            self._setup.say(say(reason), self.tr("Go to Corpus"))
        elif not self._setup.corpus.names():
            self._setup.say(self.tr("There is no text to teach with yet."), self.tr("Go to Corpus"))
        else:
            self._setup.say(self._unread())

    def _unread(self) -> str:
        """That much of the text is unknown to the model that is to learn it; empty where it can read it."""
        items, setup = self._session.items, self._setup
        corpus, model = items.find("corpus", setup.corpus.current()), items.find("model", setup.begins_with)
        share = self._unknown.get(setup.begins_with, 0.0)
        if corpus is None or model is None or not share:
            return ""
        tokenizer = tokenizer_item_of(self._session.project, model)
        warning = unknown_warning(tokenizer, corpus, share, model=model.name)
        return say(warning) if warning is not None else ""

    def _fill_tokenizers(self) -> None:
        names, own = tokenizers_for(self._session, self._setup.corpus.current())
        picker = self._setup.tokenizer
        is_new_text = self._setup.corpus.current_id != self._text
        picker.set_names(names, self._session.items.ids("tokenizer"))
        if own and (is_new_text or not (picker.current() or picker.gone)):
            picker.pick(own[0])

    @Slot()
    def _foretell(self) -> None:
        """Text, tokenizer or model are others: what teaching will take is foretold of these."""
        project, items, setup = self._session.project, self._session.items, self._setup
        corpus, model = items.find("corpus", setup.corpus.current()), items.find("model", setup.begins_with)
        tokenizer = items.find("tokenizer", setup.tokenizer.current())
        try:
            tokenizer = tokenizer_item_of(project, model) if model is not None else tokenizer
            setup.set_text(text_of(project, corpus, tokenizer, setup.recipe.task_facts.dataset))
        except StudioError:  # a model that lost its tokenizer: teaching says so
            setup.set_text(None)

    # The name

    def propose_name(self) -> None:
        """Offer a name that nothing has yet."""
        if corpus := self._setup.corpus.current():
            wishes = {
                "classify": self.tr("{text} classes"),
                "tag": self.tr("{text} tags"),
                "pairs": self.tr("{text} rewriter"),
                "next_token": self.tr("{text} chat"),
            }
            wish = wishes[self._task].format(text=corpus)
            self._setup.name_field.propose(self._session.project.free_name("model", wish))
        self.check_name()

    @Slot()
    def check_name(self) -> bool:
        """Whether a model of the name in sight can be made; says so if not."""
        problem, free = name_problem(self._session.project, "model", self._setup.name_field.name())
        if self.is_teaching or not self._setup.corpus.current():
            problem = ""
        self._setup.name_field.set_problem(problem, free)
        return not problem


def _is_taught(model: About) -> bool:
    task = task_of_model(model)
    return task is None or bool({"classes", "tags"} & set(task.pages))
