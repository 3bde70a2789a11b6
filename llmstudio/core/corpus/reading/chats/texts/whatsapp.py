"""WhatsApp's export, a text with a message a line: "31.12.23, 21:15 - Ann: Hello", or "[31.12.23, 21:15:03] Ann: Hello".

A line without a date goes on with the message above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from llmstudio.core.corpus.reading.chats.chat_rows import chat_rows
from llmstudio.core.corpus.reading.chats.exports.exports import Row
from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.texts.stamps import ANY_STAMP, STAMP
from llmstudio.core.corpus.reading.chats.told import DELETED, PARTS, REACTIONS, SERVICE, Told

_BEGIN = re.compile(rf"[\u200e\u200f\ufeff]*(?:\[{ANY_STAMP}\]\s|{ANY_STAMP}\s[-\u2013]\s|{STAMP}:\s)")
_QUOTED = (
    r'"[^"\n]*"|“[^”\n]*”|„[^“”\n]*[“”]|«[^»\n]*»'  # a colon in quotes is of what a notice tells, such as a group's name
)
_NAMED = re.compile(rf'((?:[^:\n"“„«]|{_QUOTED}){{1,60}}?) ?: ?(.*)', re.DOTALL)
_THING = re.compile(
    r"!\[[^\]\n]*\]\([^)\n]*\)|\u200e?<[^<>\n]{3,60}>|\u200e.{0,40}(?:omitted|weggelassen|omis|omitid[oa]|omess[oa])"
    r"|.{1,80}\((?:file attached|archivo adjunto|arquivo anexado|ficheiro anexado|Datei angehängt|fichier joint|"
    r"file allegato|bestand bijgevoegd|файл добавлен|plik dołączony|załączono plik|dosya ekli|"
    r"文件附件|附件|添付ファイル|파일 첨부됨)\)"
)
_GONE = re.compile(
    r"\u200e?(?:This message was deleted|You deleted this message|Diese Nachricht wurde gelöscht|Du hast diese Nachricht "
    r"gelöscht|Ce message a été supprimé|Vous avez supprimé ce message|Se eliminó este mensaje|Eliminaste este mensaje|"
    r"Has eliminado este mensaje|Questo messaggio è stato eliminato|Hai eliminato questo messaggio|Mensagem apagada|"
    r"Essa mensagem foi apagada|Você apagou esta mensagem|Apagou esta mensagem|Dit bericht is verwijderd|"
    r"U heeft dit bericht verwijderd|Данное сообщение удалено|Вы удалили данное сообщение|Bu mesaj silindi|"
    r"Bu mesajı sildiniz|"
    r"此訊息已刪除|此消息已删除|你已刪除此訊息|你已删除此消息|このメッセージは削除されました|삭제된 메시지입니다)[.。]?"
)
_EDITED = re.compile(
    r"\s*\u200e?<(?:This message was edited|Diese Nachricht wurde bearbeitet|Se editó este mensaje|Ce message a été modifié|"
    r"Questo messaggio è stato modificato|(?:Essa m|M)ensagem (?:foi )?editada|Dit bericht is bewerkt|"
    r"Сообщение изменено|Данное сообщение изменено|Bu mesaj düzenlendi|此訊息已編輯|此消息已编辑|已编辑|已編輯|"
    r"このメッセージは編集されました|수정된 메시지입니다)\.?>$"
)
_REACTION = re.compile(r"\s*^\(- .{1,200} -\)[ \t]*$", re.MULTILINE)  # as Signal's chats are saved in Markdown
LEVELS = frozenset(("debug", "info", "warning", "warn", "error", "critical", "fatal", "trace"))
"""What stands in a program's log where a chat has a name."""
_LINES, _FEWEST = 40, 3


def is_chat(head: str) -> bool:
    """True if a text begins as such an export: with dates at the line starts, and few names that come again."""
    lines = [line for line in head.split("\n")[:_LINES] if line.strip()]
    dated = [found.end() for line in lines if (found := _BEGIN.match(line))]
    if len(dated) < _FEWEST or not _BEGIN.match(lines[0]) or 3 * len(dated) < len(lines):
        return False
    names = [found[1] for line in lines if (at := _BEGIN.match(line)) and (found := _NAMED.match(line, at.end()))]
    people = set(names)
    return 2 <= len(people) <= max(2, len(names) // 2) and not LEVELS & {name.casefold() for name in people}


def read_chat(lines: Iterable[str | None], told: Told) -> Iterator[Row]:
    """The conversation in a file, as rows of at most `LIMIT` messages."""
    yield from chat_rows(_messages(_joined(lines), told), told)


def _joined(lines: Iterable[str | None]) -> Iterator[str]:
    """The text of each dated message, with the lines below that belong to it."""
    begun: list[str] = []
    for line in lines:
        if line is None:
            continue
        if found := _BEGIN.match(line):
            if begun:
                yield "\n".join(begun)
            begun = [line[found.end() :]]
        elif begun:
            begun.append(line)
    if begun:
        yield "\n".join(begun)


def _messages(texts: Iterable[str], told: Told) -> Iterator[Message]:
    for text in texts:
        found = _NAMED.match(text)
        if found is None:
            told.add(SERVICE)
            continue
        what, num_reactions = _REACTION.subn("", _EDITED.sub("", found[2]))
        told.add(REACTIONS, num_reactions)
        name, what = found[1].strip("\u200e\u200f\u202a\u202c ~"), what.strip()
        if _THING.fullmatch(what):
            told.add(PARTS)
        elif _GONE.fullmatch(what):
            told.add(DELETED)
        elif found[2].lstrip(" ").startswith("\u200e"):  # nobody types this sign: the program speaks
            told.add(SERVICE)
        else:
            yield Message(name, "", what.replace("\u200e", ""))
