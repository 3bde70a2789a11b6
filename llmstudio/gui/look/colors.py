"""The two schemes of colour, light and dark, and what makes text on them easy to read."""

from __future__ import annotations

from dataclasses import dataclass

RADIUS = 8
SMALL, BODY, TITLE, FIGURE = 8.5, 10.0, 13.0, 22.0  # points


@dataclass(frozen=True)
class Colors:
    """The colours of one scheme, as `#rrggbb`.

    Attributes:
        page: Behind everything, also behind plots.
        surface: Cards, fields, menus.
        sunken: Quiet areas: the left pane, the status bar.
        line: Hairlines.
        text: Body text.
        muted: Lesser text, still 7:1.
        accent: The one accent: the verb's button, focus, links.
        on_accent: Text on the accent.
        accent_soft: A tint of the accent, for selections and bars.
        good: A state that is well.
        warning: A state to look at.
        error: A state that needs the person.
    """

    page: str
    surface: str
    sunken: str
    line: str
    text: str
    muted: str
    accent: str
    on_accent: str
    accent_soft: str
    good: str
    warning: str
    error: str


LIGHT = Colors(
    page="#fcfbf9",
    surface="#ffffff",
    sunken="#f4f2ee",
    line="#dcd8d0",
    text="#1a1c1f",
    muted="#4b4e55",
    accent="#0b5a5c",
    on_accent="#ffffff",
    accent_soft="#d9ebe9",
    good="#17552b",
    warning="#6b4400",
    error="#941b1b",
)
DARK = Colors(
    page="#16181b",
    surface="#1e2125",
    sunken="#121416",
    line="#363b42",
    text="#eceef0",
    muted="#b3b8bf",
    accent="#62cdc0",
    on_accent="#0c1a1a",
    accent_soft="#1f4444",
    good="#8fd9a0",
    warning="#f0c04c",
    error="#ff9d92",
)
