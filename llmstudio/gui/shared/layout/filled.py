"""One widget that fills another."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


def fill(outer: QWidget, inner: QWidget) -> None:
    """Lay a widget out in another, from edge to edge."""
    layout = QVBoxLayout(outer)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(inner)
