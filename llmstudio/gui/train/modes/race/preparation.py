"""What the next race is prepared with: the project's texts and tokenizers, and a free name."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from llmstudio.app.inspecting.latent_rival import Match
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.item_actions import name_problem
from llmstudio.gui.shared.pickers.text_and_tokenizer import text_for, tokenizers_for
from llmstudio.gui.train.modes.race.setup import RaceSetup


class RacePreparation(QObject):
    """Keeps the form of a race in step with the project.

    Attributes:
        is_racing: A race is at work, whose name is taken by itself.
    """

    def __init__(self, session: Session, setup: RaceSetup, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._setup = session, setup
        self.is_racing = False
        self._text = ""  # id of the text that the runners' tokenizers were chosen for
        setup.corpus.picked.connect(self._on_corpus)
        setup.changed.connect(self.check_name)
        session.chosen.connect(self._on_chosen)

    def take(self, match: Match) -> None:
        """Prepare a race that was thought out elsewhere."""
        self._setup.propose(match)
        self._text = self._setup.corpus.current_id

    def forget(self) -> None:
        """Another project is open."""
        self._setup.corpus.forget()
        self._text = ""

    def fill(self) -> None:
        """Read anew which texts and tokenizers there are."""
        self._setup.corpus.set_names(
            [item.name for item in self._session.items.of("corpus")], self._session.items.ids("corpus")
        )
        self._on_corpus()

    @Slot()
    def _on_corpus(self) -> None:
        """Tokenizers that were learned from the chosen text come first, and every runner follows a change of text."""
        names, own = tokenizers_for(self._session, self._setup.corpus.current())
        text = self._setup.corpus.current_id
        is_new_text = text != self._text and not self._setup.corpus.gone
        self._setup.set_tokenizers(names, own, self._session.items.ids("tokenizer"), is_new_text=is_new_text)
        self._text = text or self._text
        self.propose_name()

    def follow(self, corpus: str) -> None:
        """Another text is in use elsewhere; a race that goes on keeps its own."""
        if corpus and not self.is_racing and corpus != self._setup.corpus.current() and self._setup.corpus.pick(corpus):
            self._on_corpus()

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        if kind == "corpus":
            self.follow(name)
        elif kind == "tokenizer":
            self.follow(text_for(self._session, name, self._setup.corpus.current()))

    def vocab_sizes(self) -> dict[str, int]:
        """Of every tokenizer, by name."""
        return {item.name: item.tokenizer_card.vocab_size for item in self._session.items.of("tokenizer")}

    def propose_name(self) -> None:
        """Offer a name that nothing has yet."""
        taken, number = self._raced(), 1
        while (name := self.tr("Race {n}").format(n=number)) in taken or self._clash(name):
            number += 1
        self._setup.name_field.propose(name)

    def _raced(self) -> set[str]:
        return {race.name for item in self._session.items.of("model") if (race := item.model_card.race) is not None}

    def _clash(self, name: str) -> str:
        """A model that stands in the way of a race of this name; empty if none does."""
        models = {item.name for item in self._session.items.of("model")}
        return next((runner.name for runner in self._setup.runners(name) if runner.name in models), "")

    @Slot()
    def check_name(self) -> bool:
        """Whether a race of the name in sight can be run; says so if not."""
        if self.is_racing:
            return True  # the name is taken by the race in sight
        field = self._setup.name_field
        problem, _ = name_problem(self._session.project, "model", field.name())
        if not problem and field.name() in self._raced():
            problem = self.tr("There was a race “{name}” already.").format(name=field.name())
        elif not problem and (model := self._clash(field.name())):
            problem = self.tr("“{name}” exists already.").format(name=model)
        field.set_problem(problem)
        return not problem
