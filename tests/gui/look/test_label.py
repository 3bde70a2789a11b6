"""Nothing that is shown is read as markup unless the program wrote it: checked on labels, and in the code of the window."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QLabel

import llmstudio.gui
from llmstudio.gui.look.label import Label, caption, paragraph, plain
from llmstudio.gui.look.theme import theme

FOLDER = Path(llmstudio.gui.__file__).parent
FILES = sorted(FOLDER.rglob("*.py"))
SAFE = ("tr", "_tr", "tip", "plain", "paragraph", "_terms")


@pytest.fixture
def spy(tmp_path: Path) -> str:
    """Markup that shows a picture of one colour."""
    picture = QImage(40, 40, QImage.Format.Format_RGB32)
    picture.fill(QColor("#ff00fe"))
    assert picture.save(str(tmp_path / "spy.png"))
    return f"<img src='file://{tmp_path / 'spy.png'}'>"


def shows_the_picture(widget) -> bool:
    seen = widget.grab().toImage()
    return any(seen.pixelColor(x, y) == QColor("#ff00fe") for x in range(seen.width()) for y in range(seen.height()))


def test_that_a_label_shows_a_text_as_it_is_written(qtbot, spy):
    label = Label(spy)
    qtbot.addWidget(label)
    label.resize(200, 60)
    assert not shows_the_picture(label)
    label.setText(spy)
    assert not shows_the_picture(label)


def test_that_markup_is_an_exception_that_ends_with_the_next_text(qtbot, spy):
    label = Label()
    qtbot.addWidget(label)
    label.resize(200, 60)
    label.set_markup(spy)
    assert shows_the_picture(label)  # so that the tests above can fail
    label.setText(spy)
    assert not shows_the_picture(label)


def test_that_a_link_takes_the_colour_of_the_scheme_in_force(qtbot):
    label = Label()
    qtbot.addWidget(label)
    label.set_markup("<a href='x'>████</a>")
    label.resize(label.sizeHint())

    def inks() -> set[str]:
        seen = label.grab().toImage()
        return {seen.pixelColor(x, y).name() for x in range(seen.width()) for y in range(seen.height())}

    try:
        assert theme.colors.accent in inks()
        light = theme.colors.accent
        theme.choose("dark")
        assert theme.colors.accent in inks()
        assert light not in inks()
    finally:
        theme.choose("light")


def test_that_a_tooltip_shows_a_name_as_it_is_written(spy):
    assert plain("A model") == "A model"
    for tip in (plain(spy), paragraph("Model", spy)):
        assert tip.startswith("<p>")
        assert "&lt;img" in tip
        assert "<img" not in tip
    assert caption("R&D") == "R&&D"


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_safe(node: ast.expr) -> bool:
    """Whether an expression is a text of our own, or went through one of the functions that make it harmless."""
    match node:
        case ast.Constant():
            return True
        case ast.IfExp():
            return is_safe(node.body) and is_safe(node.orelse)
        case ast.BinOp():
            return is_safe(node.left) and is_safe(node.right)
        case ast.Call():
            return name_of(node) in SAFE
        case ast.Name() | ast.Attribute():
            return (node.id if isinstance(node, ast.Name) else node.attr) in ("tip", "_explanation")
    return False


def tooltips(call: ast.Call) -> list[ast.expr]:
    """The texts of a call that end in a tooltip."""
    found = [word.value for word in call.keywords if word.arg == "toolTip"]
    match name_of(call):
        case "setToolTip":
            found.append(call.args[0])
        case "setTabToolTip" | "showText":
            found.append(call.args[1])
        case "setItemData" if "ToolTipRole" in ast.dump(call):
            found.append(call.args[1])
    return found


def test_that_every_label_of_the_window_is_one_that_shows_plain_text():
    made = [f"{p.name}:{c.lineno}" for p in FILES for c in calls(p) if name_of(c) == "QLabel"]
    assert not made
    assert sum(name_of(c) == "Label" for p in FILES for c in calls(p)) > 80


def test_that_every_tooltip_of_the_window_is_ours_or_made_plain():
    tips = [(path, tip) for path in FILES for call in calls(path) for tip in tooltips(call)]
    assert len(tips) > 50
    assert not [f"{path.name}:{tip.lineno} {ast.unparse(tip)}" for path, tip in tips if not is_safe(tip)]


def test_that_markup_holds_nothing_that_was_not_escaped():
    """Values that are put into markup are named here one by one, after a look at where they come from."""
    looked_at = {
        "chat/page.py": 1,  # questions, escaped
        "prune/pages/side_by_side.py": 1,  # prompt and answer, escaped
        "inspect/pages/fill.py": 2,  # the sentence, escaped
        "inspect/pages/tags.py": 2,  # the sentence and its tags, escaped
        "chat/folder/sources.py": 1,  # names of files and places, escaped
        "train/advice.py": 2,  # kinds of tokenizers in our own words
        "train/run/picture/tags_picture.py": 1,  # the sentence and its tags, escaped
        "train/rows/view.py": 2,  # tokens and names of classes, escaped
        "forms/form_row.py": 1,  # a label and a symbol, escaped
        "shared/layout/terms.py": 1,  # sentences of our own
        "shared/layout/why.py": 1,  # passes them on
    }
    found = {
        path.relative_to(FOLDER).as_posix(): sum(name_of(call) == "set_markup" for call in calls(path)) for path in FILES
    }
    assert {name: n for name, n in found.items() if n} == looked_at


def test_that_a_number_and_its_unit_stay_in_one_line_where_a_label_wraps(qtbot):
    said = "1.2 M, at most 51 s, 90 % of 2 min 5 s; 7 steps and 5 small ones"
    joined = ["1.2\xa0M,", "51\xa0s,", "90\xa0%", "2\xa0min", "5\xa0s;"]
    for label in (Label(said, wordWrap=True), Label(wordWrap=True)):
        qtbot.addWidget(label)
        label.setText(said)
        drawn = QLabel.text(label)
        assert label.text() == said == drawn.replace("\xa0", " ")
        assert [part for part in drawn.split(" ") if "\xa0" in part] == joined
        label.clear()
        assert label.text() == QLabel.text(label) == ""
        label.set_markup("<b>5 s</b>")
        assert label.text() == "<b>5 s</b>"
