"""Other programs lay out a question as ours do: the template, filled in, is what the model would read here."""

from __future__ import annotations

import jinja2
import pytest

from llmstudio.core.generation.chat import ANSWERED, Chat
from llmstudio.core.generation.prompt import read_prompt
from llmstudio.core.interop.chat_layout import chat_template, what_was_learned
from llmstudio.core.tokenizer.kinds import char_backend
from llmstudio.core.tokenizer.tokenizer import Tokenizer

ROLES = {"story": "system", "user": "user", "assistant": "assistant"}
ALONE = Chat().ask("who")
TOLD = Chat().ask("who", story="a kite")
LATER = TOLD.say("assistant", "ben", parent=1).ask("when", story="a kite")


@pytest.mark.parametrize("kind", ANSWERED)
@pytest.mark.parametrize("chat", [ALONE, TOLD, LATER])
def test_that_the_template_spells_what_the_model_reads(kind: str, chat: Chat) -> None:
    tokenizer = Tokenizer(char_backend(list("abcdefghijklmnopqrstuvwxyz \n")))
    read = read_prompt(tokenizer, chat, None, record_kind=kind).ids
    template = chat_template(kind)
    assert template is not None
    messages = [{"role": ROLES[message.who], "content": message.text} for message in chat.path()]
    filled = jinja2.Template(template, trim_blocks=True, lstrip_blocks=True).render(
        messages=messages, add_generation_prompt=True
    )
    assert filled == "".join(str(tokenizer.backend.id_to_token(id)) for id in read)


@pytest.mark.parametrize("kind", ["text", ""])
def test_that_a_model_that_never_saw_speakers_gets_no_template(kind: str) -> None:
    assert chat_template(kind) is None


def test_that_the_card_tells_of_every_kind_what_was_learned() -> None:
    told = [what_was_learned(kind) for kind in ("text", *ANSWERED)]
    assert all(told)
    assert len(set(told)) == 4
    assert what_was_learned("") == ""
