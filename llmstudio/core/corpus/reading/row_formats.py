"""What reads the rows of each format that has rows: JSON, tables, chats, labelled lines, translations."""

from __future__ import annotations

from collections.abc import Iterator

from llmstudio.core.corpus.reading.chats.exports.telegram_page import read_telegram_page
from llmstudio.core.corpus.reading.chats.texts.irc import read_irc
from llmstudio.core.corpus.reading.chats.texts.marked import read_marked
from llmstudio.core.corpus.reading.chats.texts.stamped import read_stamped, stamped_layout
from llmstudio.core.corpus.reading.chats.texts.transcripts import read_transcript
from llmstudio.core.corpus.reading.chats.texts.whatsapp import read_chat
from llmstudio.core.corpus.reading.chats.told import Told
from llmstudio.core.corpus.reading.columns.cells import Row
from llmstudio.core.corpus.reading.encodings.encodings import TextFile
from llmstudio.core.corpus.reading.formats.labelled_lines import labelled_rows, rows_before_sign, sign_before_label
from llmstudio.core.corpus.reading.formats.line_texts import fast_text_rows, num_fast_text
from llmstudio.core.corpus.reading.formats.plain_text import head_lines, lines
from llmstudio.core.corpus.reading.formats.subtitles import subtitle_kind
from llmstudio.core.corpus.reading.formats.translations import translation_rows
from llmstudio.core.corpus.reading.json.records import read_json, read_json_lines
from llmstudio.core.corpus.reading.tables.tables import read_table
from llmstudio.core.corpus.reading.tagged.inline import inline_rows, inline_sign
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark


def rows_of(format: str, file: TextFile, told: Told, remarks: list[Remark], *, header: str) -> Iterator[Row | Skipped]:
    """The rows of a file in a format other than running text.

    Args:
        format: json, jsonl, fasttext, lines, marked, whatsapp, stamped, inline, irc, telegram, transcript, translations,
            csv or tsv.
        file: Where they come from.
        told: Counts what is left out.
        remarks: What was guessed or done is added to them.
        header: As `ReadingConfig.header`, for tables.
    """
    match format:
        case "json":
            return read_json(file.chunks(), file.name, told, remarks)
        case "jsonl":
            return read_json_lines(file.chunks(), file.name, told)
        case "fasttext":
            return fast_text_rows(lines(file.chunks()))
        case "lines":
            first = head_lines(file.head_text())
            if sign := sign_before_label(first):
                return rows_before_sign(lines(file.chunks()), sign)
            is_fast_text = num_fast_text(first) > 0
            return (fast_text_rows if is_fast_text else labelled_rows)(lines(file.chunks()))
        case "marked":
            return read_marked(lines(file.chunks()), told)
        case "whatsapp":
            return read_chat(lines(file.chunks()), told)
        case "stamped" if layout := stamped_layout(head_lines(file.head_text())):
            return read_stamped(lines(file.chunks()), layout, told)
        case "inline":
            return inline_rows(lines(file.chunks()), inline_sign(head_lines(file.head_text())), told)
        case "irc":
            return read_irc(lines(file.chunks()), told)
        case "telegram":
            return read_telegram_page(file.chunks(), file.name, told)
        case "transcript":
            return read_transcript(subtitle_kind(file.name, file.head_text()), lines(file.chunks()), told)
        case "translations":
            return translation_rows(file.chunks(), file.name, remarks)
        case _:
            is_tab_separated = format == "tsv"
            return read_table(file.chunks(), file.name, is_tab_separated=is_tab_separated, header=header, remarks=remarks)
