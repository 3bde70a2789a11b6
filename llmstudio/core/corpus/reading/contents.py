"""What a file holds, whatever its name says: JSON or a table in a .txt, a document in a .jsonl, lines in a .json.

In: the name's format and the beginning of the text. Out: the format to read it as, and what a person should know of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from llmstudio.core.corpus.reading.chats.exports.telegram_page import is_telegram_page
from llmstudio.core.corpus.reading.chats.texts.irc import is_irc
from llmstudio.core.corpus.reading.chats.texts.marked import is_marked, is_named, looks_spoken
from llmstudio.core.corpus.reading.chats.texts.spoken_lines import layout_of
from llmstudio.core.corpus.reading.chats.texts.stamped import stamped_layout
from llmstudio.core.corpus.reading.chats.texts.whatsapp import is_chat
from llmstudio.core.corpus.reading.formats.frames import CODE, frame_of
from llmstudio.core.corpus.reading.formats.labelled_lines import has_labels_behind_tab, has_labels_first, sign_before_label
from llmstudio.core.corpus.reading.formats.line_texts import is_fast_text, looks_like
from llmstudio.core.corpus.reading.formats.plain_text import head_lines
from llmstudio.core.corpus.reading.formats.subtitles import are_named, subtitle_kind
from llmstudio.core.corpus.reading.formats.translations import is_translations
from llmstudio.core.corpus.reading.json.assigned import is_assigned
from llmstudio.core.corpus.reading.json.records import is_json, is_json_document, is_json_lines
from llmstudio.core.corpus.reading.tables.dialects import find_dialect
from llmstudio.core.corpus.reading.tables.headers import has_usual_name
from llmstudio.core.corpus.reading.tables.rows import split_row
from llmstudio.core.corpus.reading.tagged.inline import inline_sign
from llmstudio.core.corpus.reading.tagged.layouts import ENDINGS, find_layout, is_table_name
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words

_UNTOLD = frozenset((
    "", ".txt", ".text", ".dat", ".data", ".log", ".out", ".dump", ".raw", ".asc", ".list", ".label", ".labels", ".all",
    ".train", ".dev", ".valid", ".test",
))  # fmt: skip
_LISTED = frozenset((".po", ".pot", *ENDINGS))
_WRITTEN = frozenset((".md", ".markdown", ".mdown", ".rst", ".org", ".chat"))  # text in which programs save chats
_SUBTITLED = frozenset((".vtt", ".srt", ".sbv", ".sub", ".ass", ".ssa"))
_NAMED = 4  # speakers that are named
_LINES = 50  # of the head that must look like rows
_FEWEST = 3  # rows, the header included
_FEWEST_WITHOUT_HEADER = 5
_LONGEST_NAME = 30


def tells_little(name: str) -> bool:
    """True if a name's ending does not say what the file holds: none, .txt, a number."""
    ending = PurePath(name).suffix.lower()
    return ending in _UNTOLD or not any(sign.isalpha() for sign in ending) or " " in ending


def may_be_rows(name: str) -> bool:
    """True if a text may hold rows whatever its name says, so that one has to look."""
    return tells_little(name) or PurePath(name).suffix.lower() in (".xml", ".js", *_WRITTEN, *_SUBTITLED, *ENDINGS)


def content_format(name: str, format: str, head: str) -> tuple[str, Remark | None]:
    """The format that the beginning of a file shows.

    Args:
        name: The file's name.
        format: As the name's ending says.
        head: The first some thousand characters.
    """
    if format == "json":
        return ("jsonl" if is_json_lines(head) else "json"), None
    if format == "jsonl":
        return ("json", None) if is_json_document(head) else ("jsonl", None)
    if format == "html":
        return ("telegram", _TELEGRAM) if is_telegram_page(head) else ("html", None)
    if format == "text" and are_named(subtitle_kind(name, head), head):
        return "transcript", _TRANSCRIPT
    if format in ("text", "translations") and is_translations(head):
        return "translations", Remark(words("It holds translations: each is a pair."), remedies=(_AS_TEXT,))
    format = "text" if format == "translations" else format
    if format in ("text", "csv", "tsv") and _has_tagged_words(name, head):
        return "conll", Remark(words("Each line holds a word and its tag, and is read so."), remedies=(_AS_TEXT,))
    if format == "text" and is_assigned(head):
        return "json", Remark(words("It holds JSON and is read so, whatever its name says."), remedies=(_AS_TEXT,))
    is_untold = format == "text" and tells_little(name)
    if format == "text" and (is_untold or PurePath(name).suffix.lower() in ENDINGS) and inline_sign(head_lines(head)):
        return "inline", Remark(
            words("Each line holds a sentence with a tag at each word, and is read so."), remedies=(_AS_TEXT,)
        )
    is_untold_chat = is_untold or (format == "text" and PurePath(name).suffix.lower() in _WRITTEN)
    if is_untold_chat and is_chat(head):
        return "whatsapp", Remark(words("It holds a chat and is read so."), remedies=(_AS_TEXT,))
    if is_untold_chat and stamped_layout(head_lines(head)):
        return "stamped", Remark(words("It holds a chat and is read so."), remedies=(_AS_TEXT,))
    if is_untold_chat and is_irc(head_lines(head)):
        return "irc", Remark(words("It holds a chat and is read so."), remedies=(_AS_TEXT,))
    if is_untold_chat and is_marked(head):
        message = words(
            "It holds conversations in a chat layout ({mark}) and is read so.", mark=head.split(maxsplit=1)[0][:20]
        )
        return "marked", Remark(message, remedies=(_AS_TEXT,))
    if is_untold_chat and is_named(head):
        return "marked", Remark(words("Its paragraphs are conversations and are read so."), remedies=(_AS_TEXT,))
    if is_untold_chat and (layout := layout_of(head_lines(head))):
        names = ", ".join(layout.names[:_NAMED])
        if not layout.is_sure:
            return format, Remark(words(_NAMES.template, names=names), "warning", remedies=(_AS_CHAT,))
        message = words("It holds what is said by {names} in turn, and is read as conversations.", names=names)
        return "marked", Remark(message, remedies=(_AS_TEXT,))
    if format == "text" and looks_spoken(head):
        return format, Remark(_SPOKEN, "warning", remedies=(_AS_CHAT,))
    if is_untold and is_fast_text(head):
        return "fasttext", Remark(words("Its lines begin with labels and are read so."), remedies=(_AS_TEXT,))
    labels_first = is_untold and has_labels_first(head)
    if labels_first:
        return "lines", Remark(words("Each line begins with a label and is read so."), remedies=(_AS_TEXT,))
    if (is_untold or format in ("csv", "tsv")) and is_json(head):
        found = "json" if is_json_document(head) or not is_json_lines(head) else "jsonl"
        return found, Remark(words("It holds JSON and is read so, whatever its name says."), remedies=(_AS_TEXT,))
    if is_untold and (sign := sign_before_label(head_lines(head))):
        message = words("Each line holds a text, {sign} and a label, and is read so.", sign=sign)
        return "lines", Remark(message, remedies=(_AS_TEXT,))
    if is_untold:
        found, remark = _table_or_text(head)
        if labels_first is None and found == "text" and not remark:
            return found, Remark(_LABELS, "warning", remedies=(_AS_LINES,))
        return found, remark or (looks_like(head) or frame_of(name, head) if found == "text" else None)
    is_listed = format == "text" and PurePath(name).suffix.lower() in _LISTED
    return format, (looks_like(head) if is_listed else None) or (frame_of(name, head) if format == "text" else None)


def _has_tagged_words(name: str, head: str) -> bool:
    """True if each line holds a word and its tag; source code has tables that look so."""
    ending = PurePath(name).suffix.lower()
    may_guess = tells_little(name) or ending in ENDINGS or is_table_name(name)
    return ending not in CODE and find_layout(name, head, may_guess=may_guess) is not None


_SPOKEN = words("It looks like conversations of user and assistant, and is read as running text.")
_NAMES = words("It looks like a conversation, as names come again and again ({names}), and is read as running text.")
_TELEGRAM = Remark(
    words("It is a chat as Telegram saves it, and is read as a conversation: times and pictures are not read."),
    remedies=(Remedy("set", words("Read it as a web page"), "reading.format", "html"),),
)
_TRANSCRIPT = Remark(
    words("They are subtitles that name who speaks, and are read as a conversation: times are not read."),
    remedies=(Remedy("set", words("Read them as running text"), "reading.kind", "text"),),
)
_LABELS = words("Every line begins with one of a few words: are they labels? It was read as running text.")
_AS_LINES = Remedy("set", words("Read them as labels"), "reading.format", "lines")
_AS_CHAT = Remedy("set", words("Read it as conversations"), "reading.format", "marked")
_AS_TEXT = Remedy("set", words("Read it as plain text"), "reading.format", "text")


def _table_or_text(head: str) -> tuple[str, Remark | None]:
    """A table if its header has usual names and all rows have as many cells; without a header that is only offered."""
    told = head_lines(head)[:_LINES]
    if len(told) < _FEWEST:
        return "text", None
    dialect = find_dialect(told)
    rows = [split_row(line, dialect)[0] for line in told]
    if dialect.width > 1 and all(len(row) == dialect.width for row in rows) and _has_names(rows):
        found = "tsv" if dialect.delimiter == "\t" else "csv"
        return found, Remark(words("It holds a table and is read so, whatever its name says."), remedies=(_AS_TEXT,))
    if has_labels_behind_tab(head):
        return "tsv", Remark(words("Each line holds a text, a tab and a label, and is read so."), remedies=(_AS_TEXT,))
    widths = {line.count("\t") for line in told}
    if len(told) >= _FEWEST_WITHOUT_HEADER and len(widths) == 1 and widths.pop() and all(map(_has_two_cells, told)):
        if _are_texts_side_by_side(told):
            return "tsv", Remark(
                words("Each line holds texts with a tab between them, and is read so."), remedies=(_AS_TEXT,)
            )
        as_table = Remedy("set", words("Read it as a table"), "reading.format", "tsv")
        message = words("Every line has a tab at the same place: is it a table? It was read as running text.")
        return "text", Remark(message, "warning", remedies=(as_table,))
    return "text", None


def _are_texts_side_by_side(told: list[str]) -> bool:
    """True if two columns hold a text in nearly every line, hardly one of them twice: a text and its translation.

    Of three texts it is not clear which two are meant; who is to be named for them (Tatoeba's third column) is no text.
    """
    columns = list(zip(*([cell.strip() for cell in line.split("\t")] for line in told), strict=True))
    return sum(_are_texts(column) for column in columns) == 2


def _are_texts(cells: Sequence[str]) -> bool:
    texts = [cell for cell in cells if any(map(str.isalpha, cell)) and "://" not in cell and "CC-BY" not in cell]
    num_words = sum(len(cell.split()) if cell.isascii() else max(len(cell.split()), len(cell) // 2) for cell in texts)
    return len(texts) >= 0.9 * len(cells) and num_words >= 2 * len(texts) and 2 * len(set(texts)) > len(texts)


def _has_names(rows: list[list[str]]) -> bool:
    """True if the first row holds short names, at least one of which is usual: only that is enough in a .txt."""
    first = [cell.strip() for cell in rows[0]]
    if not all(first) or any(len(cell) > _LONGEST_NAME or cell.endswith((".", "!", "?")) for cell in first):
        return False
    return has_usual_name(rows)


def _has_two_cells(line: str) -> bool:
    return sum(bool(cell.strip()) for cell in line.split("\t")) > 1 and not line.startswith("\t")
