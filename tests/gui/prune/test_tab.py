"""The prune tab: pages that share a model."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from llmstudio.gui.prune.tab import PruneTab
from llmstudio.gui.session.session import Session


def test_that_without_a_model_one_button_leads_to_where_one_is_made(session: Session, qtbot: QtBot) -> None:
    made = PruneTab(session)
    qtbot.addWidget(made)
    with qtbot.waitSignal(session.go_to) as gone:
        made.offer.take()
    assert gone.args == ["train"]
