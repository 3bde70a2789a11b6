"""How a conversation is laid out for the model, written as other programs read it: a Jinja template of messages.

A model is asked as the rows were laid out that it learned from (see `dataset.encoding`). One that has read running text
alone has never seen the signs of speakers; a template would promise answers that it cannot give, so it gets none.
"""

from __future__ import annotations

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'system' %}<|story|>{{ message['content'] }}"
    "{% elif message['role'] == 'user' %}<|user|>{{ message['content'] }}"
    "{% else %}<|assistant|>{{ message['content'] }}<|end|>{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""Of conversations: a system message is the story."""
# A pair stands alone: of a conversation only the newest message is asked, below what the system says.
_ALONE = (
    "{% for message in messages %}"
    "{% if message['role'] == 'system' %}{{ message['content'] }}{{ '\\n' }}"
    "{% elif loop.last or not add_generation_prompt %}"
    "{% if message['role'] == 'assistant' %}<|assistant|>{{ message['content'] }}<|end|>"
    "{% else %}{{ message['content'] }}{% endif %}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_LEARNED = {
    "turns": "conversations",
    "pairs": "pairs of a text and its answer, each alone: earlier turns are not read",
    "labelled": "texts with labels: the answer is the label, earlier turns are not read",
    "tagged": "sentences, without their tags: it writes on from a prompt, and has no chat layout",
    "text": "running text: it writes on from a prompt, and has no chat layout",
}


def chat_template(record_kind: str) -> str | None:
    """The template of a model that learned from such records; None if it has never seen an answer, or nobody knows."""
    return {"turns": CHAT_TEMPLATE, "pairs": _ALONE, "labelled": _ALONE}.get(record_kind)


def what_was_learned(record_kind: str) -> str:
    """A line of the model card on what the model was trained on; empty if that is not known."""
    return _LEARNED.get(record_kind, "")
