"""The merges of a tokenizer played one by one on a text, like a film: play, step, back, and a slider.

In: the pieces after each merge. The sentence beside the buttons says what was just joined: "merge 17: t + he".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.steady import SteadySlider
from llmstudio.gui.shared.readouts.chip import Chip, visible
from llmstudio.gui.shared.readouts.token_strip import TokenStrip

_BEAT_MS = 700


@dataclass(frozen=True)
class Frame:
    """One picture of the film: the pieces as they lie, and the merge (None in the first) that made them.

    Attributes:
        pieces: The text's parts, in order.
        rank: The merge's place in the tokenizer's list, from 1; None for the first picture.
    """

    pieces: Sequence[str]
    rank: int | None = None


def joined(before: Sequence[str], after: Sequence[str]) -> tuple[tuple[str, str] | None, set[int]]:
    """Which two pieces were joined between two pictures, and where the results lie in the later one.

    A merge always joins two neighbours, so the walk needs no spelling: parts of a character have none that adds up.
    """
    pair, places, i = None, set(), 0
    for place, piece in enumerate(after):
        if i < len(before) and before[i] == piece:
            i += 1
        elif i + 1 < len(before):
            pair = pair or (before[i], before[i + 1])
            places.add(place)
            i += 2
    return (pair, places) if i == len(before) else (None, set())


class MergeReplay(QWidget):
    """A player for merges.

    Signals:
        moved(int): The picture now shown, from 0.
    """

    moved = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frames: list[Frame] = []
        self._at = 0
        self._timer = QTimer(self, interval=_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self.strip = TokenStrip(self, name=self.tr("Pieces so far"), show_ids=False, max_rows=4)
        self.sentence = Label(self, wordWrap=True)
        self.back = QPushButton(self.tr("Back"), self, toolTip=self.tr("Undo the last merge"))
        self.play = QPushButton(self.tr("Play"), self, toolTip=self.tr("Play the merges one after another"))
        self.step = QPushButton(self.tr("Step"), self, toolTip=self.tr("Do the next merge"))
        self.slider = SteadySlider(Qt.Orientation.Horizontal, self, accessibleName=self.tr("Merges done"))
        row = QHBoxLayout()
        for widget in (self.back, self.play, self.step):
            row.addWidget(widget)
        row.addWidget(self.slider, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(row)
        column.addWidget(self.sentence)
        column.addWidget(self.strip)
        column.addStretch(1)
        self.back.clicked.connect(self._go_back)
        self.play.clicked.connect(self.toggle)
        self.step.clicked.connect(self._go_on)
        self.slider.valueChanged.connect(self.show_frame)
        self.set_frames([])

    def set_frames(self, frames: Sequence[Frame], *, nothing: str = "") -> None:
        """Load a film and show its first picture; `nothing` is said where there is no film."""
        self._timer.stop()
        self._frames = list(frames)
        self._nothing = nothing
        self.slider.setRange(0, max(0, len(self._frames) - 1))
        self._at = -1
        self.slider.setValue(0)
        self.show_frame(0)

    def num_frames(self) -> int:
        """How many pictures the film has."""
        return len(self._frames)

    def at(self) -> int:
        """The picture shown, from 0."""
        return self._at

    def is_playing(self) -> bool:
        """True while the film runs by itself."""
        return self._timer.isActive()

    def show_frame(self, index: int) -> None:
        """Show one picture and say which merge made it."""
        if index != self._at:
            self._at = index
            self.slider.setValue(index)
            self._draw()
            self.moved.emit(index)

    def toggle(self) -> None:
        """Play, or hold; from the end, play again from the beginning."""
        if self._timer.isActive():
            self._timer.stop()
        elif len(self._frames) > 1:
            if self._at >= len(self._frames) - 1:
                self.show_frame(0)
            self._timer.start()
        self._buttons()

    def _beat(self) -> None:
        self.show_frame(min(self._at + 1, len(self._frames) - 1))
        if self._at >= len(self._frames) - 1:
            self._timer.stop()
            self._buttons()

    def _go_back(self) -> None:
        self._timer.stop()
        self.show_frame(max(0, self._at - 1))
        self._buttons()

    def _go_on(self) -> None:
        self._timer.stop()
        self.show_frame(min(max(0, len(self._frames) - 1), self._at + 1))
        self._buttons()

    def _draw(self) -> None:
        if not self._frames:
            self.strip.set_chips([])
            self.sentence.setText(self._nothing)
            self._buttons()
            return
        frame = self._frames[self._at]
        pair, places = joined(self._frames[self._at - 1].pieces, frame.pieces) if self._at else (None, set())
        self.strip.set_chips(
            [
                Chip(piece, num_bytes=len(piece.encode("utf-8", "surrogatepass")), is_marked=i in places)
                for i, piece in enumerate(frame.pieces)
            ]
        )
        if frame.rank is None or pair is None:
            text = plural(self.tr("Start: {n|piece|pieces}, the smallest there are."), n=len(frame.pieces))
        else:
            text = plural(
                self.tr("merge {rank}: {left} + {right}  ({n|piece|pieces} left)"),
                rank=frame.rank,
                left=visible(pair[0]),
                right=visible(pair[1]),
                n=len(frame.pieces),
            )
        self.sentence.setText(text)
        self._buttons()

    def _buttons(self) -> None:
        # Visible rather than greyed: without a film the player is not there.
        for widget in (self.back, self.play, self.step, self.slider):
            widget.setVisible(len(self._frames) > 1)
        self.back.setEnabled(self._at > 0)
        self.step.setEnabled(self._at < len(self._frames) - 1)
        self.play.setText(self.tr("Hold") if self._timer.isActive() else self.tr("Play"))
