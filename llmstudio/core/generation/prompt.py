"""The prompt: a chat's shown branch as the ids a model reads, cut to its context.

Chat mode uses the template of the training rows,

    STORY passage USER question ASSISTANT answer END USER question ASSISTANT

and drops the oldest whole turns first, never the passage. Completion mode is the bare text, of which the newest tokens stay.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from llmstudio.core.dataset.encoding import encode_turns
from llmstudio.core.generation.chat import ASSISTANT, STORY, Chat
from llmstudio.core.tokenizer import config as tokens
from llmstudio.core.tokenizer.tokenizer import Tokenizer


def prompt_ids(tokenizer: Tokenizer, chat: Chat, context_length: int | None, *, room: int = 64) -> tuple[list[int], int]:
    """What the model reads before it answers the shown branch.

    Args:
        tokenizer: The model's own.
        chat: Its shown branch ends in what is to be answered or continued.
        context_length: Tokens the model can look back on; None if it remembers without end, then nothing is dropped.
        room: Tokens to keep free for the answer; at most a quarter of the context is kept free.

    Returns:
        The ids, at least one; and how many messages of the branch the model does not see whole.
    """
    limit = sys.maxsize if context_length is None else max(1, context_length - min(room, context_length // 4))
    if chat.mode == "completion":
        return _completion(tokenizer, [message.text for message in chat.path()], limit)
    return _conversation(tokenizer, [{"who": m.who, "what": m.text} for m in chat.path()], limit)


def _completion(tokenizer: Tokenizer, texts: Sequence[str], limit: int) -> tuple[list[int], int]:
    # An empty page: after END a text begins.
    ids = tokenizer.encode("".join(texts)) or [tokens.END]
    if len(ids) <= limit:
        return ids, 0
    ids = ids[-limit:]
    left, seen = len(tokenizer.decode(ids)), 0
    for text in reversed(texts):
        left -= len(text)
        seen += left >= 0
    return ids, len(texts) - seen


def _conversation(tokenizer: Tokenizer, turns: Sequence[Mapping[str, str]], limit: int) -> tuple[list[int], int]:
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
    if exchanges and not kept:
        # Not even the newest exchange fits beside the passage: the passage loses its beginning, then so does the question.
        kept = exchanges[-1]
        room = max(limit - 1 - len(kept), 0)
        cut = opening[:1] + opening[len(opening) - room + 1 :] if room > 1 else []
        ids = (cut + kept)[-(limit - 1) :] if limit > 1 else []
        lost = len(head) + len(spoken) - len(groups[-1]) + (len(groups[-1]) if len(kept) >= limit else 0)
        return [*ids, tokens.ASSISTANT], lost
    return [*opening, *kept, tokens.ASSISTANT][-limit:], sum(map(len, groups[:first]))


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
