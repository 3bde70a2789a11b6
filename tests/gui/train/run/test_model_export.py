"""Export of a model in the window: what cannot be is said before a place is chosen, what was written says where it lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QDialog, QDialogButtonBox, QProxyStyle, QStyle
from pytestqt.qtbot import QtBot

from llmstudio.app.presets.by_name import choose
from llmstudio.core import recipe as recipes
from llmstudio.gui.forms import file_dialog
from llmstudio.gui.session.session import Session
from llmstudio.gui.train.run.model_export import ExportDialog
from llmstudio.gui.train.tab import TrainTab
from llmstudio.store.project import Project


@pytest.fixture
def tab(bench: Session, qtbot: QtBot) -> TrainTab:
    made = TrainTab(bench)
    qtbot.addWidget(made)
    return made


def _ended(tab: TrainTab, qtbot: QtBot) -> str:
    qtbot.waitUntil(lambda: not tab.exporting.is_busy, timeout=60_000)
    return tab.messages.text


def test_that_a_model_becomes_a_folder_and_the_message_says_the_full_path(
    tab: TrainTab, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, asked = tmp_path / "for others", []
    monkeypatch.setattr(QDialog, "exec", lambda dialog: asked.append(dialog.chosen) or True)
    monkeypatch.setattr(file_dialog, "save_file", lambda *_, **__: str(out))
    tab.view.tools.model.trigger()
    assert asked == [(tab.view.shown, "hugging_face")]
    assert tab.exporting.is_busy
    assert not tab.watch.is_training, "an export is no run"
    assert str(out.resolve()) in _ended(tab, qtbot)
    assert (out / "model.safetensors").is_file()
    tab.exporting.begin(tab.view.shown, "hugging_face", out)
    assert "exists already" in _ended(tab, qtbot)


def test_that_a_tokenizer_that_cannot_go_along_is_told_in_a_sentence(tab: TrainTab, tmp_path: Path, qtbot: QtBot) -> None:
    tab.exporting.begin(tab.view.shown, "gguf", tmp_path / "m")
    assert "llama.cpp does not know tokenizers of the kind word" in _ended(tab, qtbot)
    assert list(tmp_path.glob("m*")) == []


def test_that_a_shape_of_our_own_cannot_be_chosen_and_says_what_would_change_that(
    tab: TrainTab, grown_project: Project, qtbot: QtBot
) -> None:
    recipe = choose("decoder", "tour").recipe
    with grown_project.create("model", "Odd") as (_, facts):
        facts |= {"recipe": recipes.to_dict(recipe), "state": "finished"}
    dialog = ExportDialog(grown_project.items("model"), tab.view.shown)
    qtbot.addWidget(dialog)
    button = dialog.buttons.button(dialog.buttons.StandardButton.Ok)
    assert dialog.reason == ""
    assert button.isEnabled()
    dialog.models.setCurrentText("Odd")
    assert all(f"model.{name}={value}" in dialog.reason for name, value in recipe.model.changes_for_export().items())
    assert not button.isEnabled()


def test_that_without_a_model_it_says_what_comes_first(session: Session, qtbot: QtBot) -> None:
    tab = TrainTab(session)
    qtbot.addWidget(tab)
    tab.exporting.ask()
    assert "train one first" in tab.messages.text


class _WithIcons(QProxyStyle):
    """A desktop whose dialog buttons bear icons."""

    def styleHint(self, hint, option=None, widget=None, answer=None) -> int:
        if hint == QStyle.StyleHint.SH_DialogButtonBox_ButtonsHaveIcons:
            return 1
        return super().styleHint(hint, option, widget, answer)


def test_that_no_button_of_the_dialog_bears_a_stock_icon(grown_project: Project, qtbot: QtBot, qapp: QApplication) -> None:
    qapp.setStyle(_WithIcons("Fusion"))
    try:
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok)
        qtbot.addWidget(box)
        assert not box.buttons()[0].icon().isNull()  # so that the next line means something
        dialog = ExportDialog(grown_project.items("model"), "Tiny")
        qtbot.addWidget(dialog)
        assert all(button.icon().isNull() for button in dialog.buttons.buttons())
    finally:
        qapp.setStyle("Fusion")
