"""Help texts: what is too long for a hint, and lies beside the code in Markdown (`resources/help`)."""

from __future__ import annotations

from llmstudio.store.resources import resource


def help_text(name: str) -> str:
    """A help text by its file's name without the ending. Raises FileNotFoundError if the installation lacks it."""
    return resource(f"help/{name}.md").read_text(encoding="utf-8")
