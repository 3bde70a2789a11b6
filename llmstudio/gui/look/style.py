"""The palette and the one small style sheet, both made from the theme's values.

Roles that the style sheet knows, set with `setProperty("role", ...)` on a label: `title`, `figure`, `muted`, `unit`,
`error`, `term`; on a frame: `card`, `pane`, `line`; on a button: `verb` (the one filled button of a tab), `link`, `quiet`.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QColor, QPalette

from llmstudio.gui.look.colors import BODY, DARK, FIGURE, RADIUS, SMALL, TITLE, Colors
from llmstudio.store.resources import resource


def palette(colors: Colors) -> QPalette:
    """Fusion's palette in our colours."""
    role = QPalette.ColorRole
    result = QPalette()
    for which, shade in {
        role.Window: colors.page,
        role.Base: colors.surface,
        role.AlternateBase: colors.sunken,
        role.Button: colors.surface,
        role.ToolTipBase: colors.surface,
        role.WindowText: colors.text,
        role.Text: colors.text,
        role.ButtonText: colors.text,
        role.ToolTipText: colors.text,
        role.BrightText: colors.error,
        role.PlaceholderText: colors.muted,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.on_accent,
        role.Accent: colors.accent,
        role.Link: colors.accent,
        role.LinkVisited: colors.accent,
        role.Light: colors.surface,
        role.Midlight: colors.line,
        role.Mid: colors.line,
        role.Dark: colors.line,
        role.Shadow: colors.line,
    }.items():
        result.setColor(which, QColor(shade))
    for which in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, which, QColor(colors.muted))
    result.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(colors.line))
    return result


def style_sheet(colors: Colors, scale: float) -> str:
    """The style sheet for a scheme and a scale."""
    values = {name: getattr(colors, name) for name in Colors.__dataclass_fields__}
    sizes = {f"px{n}": max(1, round(n * scale)) for n in (1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 15, 16, 24)}
    # Twice a radius, never rounded anew: where two radii are more than the side, Qt draws a corner.
    knob = 2 * sizes["px8"]
    sizes |= {"tick": knob - 2 * sizes["px1"], "dot": knob - 2 * sizes["px5"]}  # inside the borders of one and the same size
    sizes |= {"groove": 2 * sizes["px2"], "bar": 2 * sizes["px3"], "knob": knob - 4, "out": (knob - 2 * sizes["px2"]) // 2}
    scheme = "dark" if colors is DARK else "light"
    type_sizes = {"body": BODY * scale, "small": SMALL * scale, "title": TITLE * scale, "figure": FIGURE * scale}
    return _template().format(radius=RADIUS, icons=_icons(), scheme=scheme, **values, **sizes, **type_sizes)


def _template() -> str:
    return Path(resource("themes/window.qss.in")).read_text(encoding="utf-8")


def _icons() -> str:
    return resource("icons").as_posix()
