from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QWidget

from llmstudio.gui.shared.layout.flow import Flow


def test_that_widgets_go_on_in_the_next_row_where_there_is_no_more_room(qtbot) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    flow = Flow(box)
    buttons = [QPushButton(word) for word in ("one", "two", "three")]
    for button in buttons:
        flow.addWidget(button)
    row = max(button.sizeHint().height() for button in buttons)
    assert flow.heightForWidth(flow.width_of_one_row()) == row
    assert flow.heightForWidth(flow.width_of_one_row() - 1) >= 2 * row
    taken = flow.takeAt(1)
    assert taken is not None
    assert taken.widget() is buttons[1]
    assert [flow.itemAt(place).widget() for place in range(flow.count())] == [buttons[0], buttons[2]]
    assert flow.takeAt(2) is None


def test_that_a_layout_which_python_has_emptied_before_qt_lets_go_of_it_takes_no_room(qtbot) -> None:
    box = QWidget()
    qtbot.addWidget(box)
    flow = Flow(box)
    flow.addWidget(QPushButton("one"))
    assert flow.heightForWidth(100) > 0
    flow.__dict__.clear()  # as the collector does with what hangs together in a circle
    assert flow.heightForWidth(100) == 0
    assert flow.count() == 0
    assert flow.minimumSize().isEmpty()
