"""The prompt: a chat's shown branch as the ids a model reads, cut to its context.

Chat mode uses the template of the training rows. Of a model of conversations,

    STORY passage USER question ASSISTANT answer END USER question ASSISTANT

and the oldest whole turns are dropped first, never the passage. A model of pairs or labelled texts knows no earlier turns:

    question ASSISTANT

where a passage stands above its question. Completion mode is the bare text, of which the newest tokens stay.
Where the model goes on from what it wrote itself, it reads the very ids that it wrote, and as many of them as it had still
in mind: a text written in parts is the text that is written at once.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from llmstudio.core.dataset.encoding import encode_turns
from llmstudio.core.generation.chat import ASSISTANT, STORY, Chat, Message
from llmstudio.core.tokenizer import config as tokens
from llmstudio.core.tokenizer.streaming import TextStream
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import Words, words


@dataclass(frozen=True)
class Prompt:
    """What a model reads before it answers, and what it does not read.

    Attributes:
        ids: At least one.
        num_dropped: Messages of the branch that the model does not see whole.
        num_cut: Tokens that are not read.
        newest_is_cut: Whether even of the newest message only the end is read.
        story_is_cut: Whether of the passage only the end is read, or nothing.
        said: Ids before `ids` where they are one text.
        num_unseen: Messages at the beginning of the branch of which nothing is read; a passage, which leads it, counts, so
            that this is the place of the first message that is read.
        first_is_cut: Whether only the end of that first message is read.
        room: Tokens kept free for the answer.
    """

    ids: list[int]
    num_dropped: int = 0
    num_cut: int = 0
    newest_is_cut: bool = False
    story_is_cut: bool = False
    said: tuple[int, ...] = ()
    num_unseen: int = 0
    first_is_cut: bool = False
    room: int = 0

    def remark(self) -> Words | None:
        """What is not read, in a sentence; None if everything is."""
        if not self.num_cut:
            return None
        if self.newest_is_cut:
            return words(
                "This is longer than the model can look back: only the last {n|token is|tokens are} read, and nothing of"
                " what was said before.",
                n=len(self.ids),
            )
        if self.said:
            return words(
                "This is longer than the model can look back: only the last {n|token is|tokens are} read, not the {cut}"
                " before them.",
                n=len(self.ids),
                cut=self.num_cut,
            )
        if self.story_is_cut:
            return words(
                "The story or system prompt is longer than the model can look back: only its end is read, and no earlier"
                " message ({cut|token is|tokens are}"
                " left out).",
                cut=self.num_cut,
            )
        if self.num_dropped == 1:
            return words("The earliest message is no longer read ({cut|token|tokens}).", cut=self.num_cut)
        return words(
            "The earliest {n|message is|messages are} no longer read ({cut|token|tokens}).",
            n=self.num_dropped,
            cut=self.num_cut,
        )


def prompt_ids(tokenizer: Tokenizer, chat: Chat, context_length: int | None, *, room: int = 64) -> tuple[list[int], int]:
    """The ids of `read_prompt`, and how many messages of the branch the model does not see whole."""
    prompt = read_prompt(tokenizer, chat, context_length, room=room)
    return prompt.ids, prompt.num_dropped


def read_prompt(
    tokenizer: Tokenizer, chat: Chat, context_length: int | None, *, room: int = 64, record_kind: str = "turns"
) -> Prompt:
    """What the model reads before it answers the shown branch.

    Args:
        tokenizer: The model's own.
        chat: Its shown branch ends in what is to be answered or continued.
        context_length: Tokens the model can look back on; None if it remembers without end, then nothing is dropped.
        room: Tokens of a conversation's context to keep free for the answer; at most a quarter is kept free. A text that is
            continued is read whole if it fits, and its newest three quarters if it does not, however much is to be written.
        record_kind: Of the rows that the model learned from: turns, pairs, labelled or text.
    """
    if chat.mode == "completion":
        return _completion(tokenizer, chat.path(), context_length or sys.maxsize)
    free = 0 if context_length is None else min(room, context_length // 4)
    limit = sys.maxsize if context_length is None else max(1, context_length - free)
    if record_kind in ("pairs", "labelled"):
        return replace(_alone(tokenizer, chat.path(), limit), room=free)
    return replace(_conversation(tokenizer, [{"who": m.who, "what": m.text} for m in chat.path()], limit), room=free)


def remembered(num_read: int, num_written: int, limit: int) -> int:
    """How many of the latest tokens a model has still in mind after it has read a prompt and written on (see `decode`).

    Args:
        num_read: Tokens of the prompt that were read, at most `limit`.
        num_written: Tokens written after them.
        limit: Tokens the model can look back on. Where one more would not fit, the newest half stays.
    """
    half = max(1, limit // 2)
    over = num_read + num_written - limit
    return limit + over if over <= 0 else half + (over - 1) % (limit - half + 1)


def _completion(tokenizer: Tokenizer, path: Sequence[Message], limit: int) -> Prompt:
    ids, own = _as_written(tokenizer, path)
    if own:
        keep = remembered(min(own[-1].prompt_tokens or len(ids), limit), len(own[-1].ids), limit)
    else:
        keep = limit if len(ids) <= limit else limit - limit // 4
    if len(ids) <= keep:
        return Prompt(ids)
    read = ids[-keep:]
    lengths = [len(message.text) for message in path]
    whole, some = _in_the_end(lengths, len(tokenizer.decode(read)))
    cut = tuple(ids[:-keep])
    return Prompt(
        read,
        len(path) - whole,
        len(cut),
        newest_is_cut=not whole and len(path) > 1,
        said=cut,
        num_unseen=len(path) - some,
        first_is_cut=some > whole,
    )


def _in_the_end(lengths: Sequence[int], read: int) -> tuple[int, int]:
    """Of parts that follow each other, how many the last `read` signs hold whole, and of how many they hold anything."""
    whole = some = 0
    for length in reversed(lengths):
        some += read > 0 or read == length
        read -= length
        whole += read >= 0
    return whole, some


def _as_written(tokenizer: Tokenizer, path: Sequence[Message]) -> tuple[list[int], Sequence[Message]]:
    """The ids of a text, and the messages at its end that the model wrote itself: their ids are kept, not guessed."""
    begin = len(path)
    while begin and path[begin - 1].who == ASSISTANT and path[begin - 1].ids:
        begin -= 1
    while True:
        # An empty page: after END a text begins.
        ids = tokenizer.encode("".join(message.text for message in path[:begin])) or [tokens.END]
        misfit = None
        for place in range(begin, len(path)):
            if not _spells(tokenizer, ids, path[place]):
                misfit = place
                break
            ids += path[place].ids
        if misfit is None:
            return ids, path[begin:]
        begin = misfit + 1


def _spells(tokenizer: Tokenizer, before: Sequence[int], message: Message) -> bool:
    """Whether a message's ids give its text in this vocabulary: another model's may not, and a person may have edited it."""
    if max(message.ids) >= tokenizer.vocab_size:
        return False
    stream = TextStream(tokenizer, after=before)
    return "".join(map(stream.push, message.ids)) == message.text


def _alone(tokenizer: Tokenizer, path: Sequence[Message], limit: int) -> Prompt:
    """What was said last as the source of a pair, below the passage if there is one; of too long a one the end is read.

    An answer is no source: after one, nothing is read yet but the passage.
    """
    asked = [message for message in path[-1:] if message.who not in (ASSISTANT, STORY)]
    read = [*(message for message in path if message.who == STORY), *asked]
    ids = [*tokenizer.encode("\n".join(message.text for message in read)), tokens.ASSISTANT]
    cut = max(0, len(ids) - limit)
    is_cut = len(tokenizer.encode(asked[0].text)) >= limit if asked else False
    unread = len(path) - len(read)
    return Prompt(
        ids[cut:],
        unread + (len(read) if is_cut else 0),
        cut,
        newest_is_cut=is_cut,
        story_is_cut=cut > 0 and not is_cut,
        num_unseen=len(path) - len(asked) if unread or is_cut else 0,
        first_is_cut=is_cut,
    )


def _conversation(tokenizer: Tokenizer, turns: Sequence[Mapping[str, str]], limit: int) -> Prompt:
    head = [turn for turn in turns if turn["who"] == STORY]
    spoken = [turn for turn in turns if turn["who"] != STORY]
    opening = _encode(tokenizer, head)
    groups = _exchanges(spoken)
    exchanges = [_encode(tokenizer, group) for group in groups]
    used = 1 + len(opening)  # one for the sign that the assistant speaks next
    kept: list[int] = []
    first = len(exchanges)
    while first and used + len(exchanges[first - 1]) <= limit:
        first -= 1
        used += len(exchanges[first])
        kept = exchanges[first] + kept
    total = 1 + len(opening) + sum(map(len, exchanges))
    if exchanges and not kept:
        # Not even the newest exchange fits beside the passage: the passage loses its beginning, then so does the question.
        kept = exchanges[-1]
        room = max(limit - 1 - len(kept), 0)
        cut = opening[:1] + opening[len(opening) - room + 1 :] if room > 1 else []
        ids = [*((cut + kept)[-(limit - 1) :] if limit > 1 else []), tokens.ASSISTANT]
        is_cut = len(kept) >= limit
        lost = len(head) + len(spoken) - len(groups[-1]) + (len(groups[-1]) if is_cut else 0)
        whole, some = _in_the_end([len(_encode(tokenizer, [turn])) for turn in groups[-1]], min(len(kept), limit - 1))
        return Prompt(
            ids,
            lost,
            total - len(ids),
            newest_is_cut=is_cut,
            story_is_cut=bool(head),
            num_unseen=len(turns) - some,
            first_is_cut=some > whole,
        )
    ids = [*opening, *kept, tokens.ASSISTANT][-limit:]
    lost = sum(map(len, groups[:first]))
    return Prompt(ids, lost, total - len(ids), story_is_cut=not spoken and total > len(ids), num_unseen=len(head) + lost)


def _exchanges(turns: Sequence[Mapping[str, str]]) -> list[list[Mapping[str, str]]]:
    """Turns grouped so that each group begins where a person begins to speak."""
    groups: list[list[Mapping[str, str]]] = []
    for turn in turns:
        if groups and (turn["who"] == ASSISTANT or groups[-1][-1]["who"] != ASSISTANT):
            groups[-1].append(turn)
        else:
            groups.append([turn])
    return groups


def _encode(tokenizer: Tokenizer, turns: Sequence[Mapping[str, str]]) -> list[int]:
    return encode_turns(tokenizer, turns)[0] if turns else []
