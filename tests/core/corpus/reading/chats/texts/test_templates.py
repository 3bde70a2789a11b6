"""Chat templates of models are conversations, whichever marks they are made of: in a column and as a file of text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus, write_corpus
from llmstudio.core.corpus.reading.chats.texts.templates import inst_messages, template_messages
from llmstudio.core.corpus.reading.chats.told import THOUGHTS, TOOLS, Told
from llmstudio.core.events import Noted
from llmstudio.core.work import Stop

TALK = [("user", "Is boat {n} in?"), ("assistant", "Boat {n} is in.\n\nSo are\nthe others."), ("user", "Thanks."),
        ("assistant", "Ahoy!")]  # fmt: skip
# beginning, what stands before and after what the user says, the same of the assistant, end
TEMPLATES = {
    "ChatML": ("", "<|im_start|>user\n", "<|im_end|>\n", "<|im_start|>assistant\n", "<|im_end|>\n", ""),
    "Phi-4": ("", "<|im_start|>user<|im_sep|>", "<|im_end|>", "<|im_start|>assistant<|im_sep|>", "<|im_end|>", ""),
    "Kimi": ("", "<|im_user|>user<|im_middle|>", "<|im_end|>", "<|im_assistant|>assistant<|im_middle|>", "<|im_end|>", ""),
    "Gemma": ("<bos>", "<start_of_turn>user\n", "<end_of_turn>\n", "<start_of_turn>model\n", "<end_of_turn>\n", ""),
    "Llama 3": (
        "<|begin_of_text|>", "<|start_header_id|>user<|end_header_id|>\n\n", "<|eot_id|>",
        "<|start_header_id|>assistant<|end_header_id|>\n\n", "<|eot_id|>", "",
    ),
    "Llama 4": (
        "<|begin_of_text|>", "<|header_start|>user<|header_end|>\n\n", "<|eot|>",
        "<|header_start|>assistant<|header_end|>\n\n", "<|eot|>", "",
    ),
    "Zephyr": ("<|system|>\n</s>\n", "<|user|>\n", "</s>\n", "<|assistant|>\n", "</s>\n", ""),
    "StableLM": ("", "<|user|>\n", "<|endoftext|>\n", "<|assistant|>\n", "<|endoftext|>\n", ""),
    "Phi-3": ("<s>", "<|user|>\n", "<|end|>\n", "<|assistant|>\n", "<|end|>\n", ""),
    "GLM": ("[gMASK]<sop>", "<|user|>\n", "", "<|assistant|>\n", "", ""),
    "OpenAssistant": ("", "<|prompter|>", "<|endoftext|>", "<|assistant|>", "<|endoftext|>", ""),
    "DeepSeek": ("<｜begin▁of▁sentence｜>", "<｜User｜>", "", "<｜Assistant｜>", "<｜end▁of▁sentence｜>", ""),
    "Cohere": (
        "<BOS_TOKEN>", "<|START_OF_TURN_TOKEN|><|USER_TOKEN|>", "<|END_OF_TURN_TOKEN|>",
        "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>", "<|END_OF_TURN_TOKEN|>", "",
    ),
    "Granite": (
        "", "<|start_of_role|>user<|end_of_role|>", "<|end_of_text|>\n",
        "<|start_of_role|>assistant<|end_of_role|>", "<|end_of_text|>\n", "",
    ),
    "gpt-oss": (
        "", "<|start|>user<|message|>", "<|end|>", "<|start|>assistant<|channel|>final<|message|>", "<|end|>", "",
    ),
    "nanochat": ("<|bos|>", "<|user_start|>", "<|user_end|>", "<|assistant_start|>", "<|assistant_end|>", ""),
    "EXAONE": ("", "[|user|]", "\n", "[|assistant|]", "[|endofturn|]\n", ""),
    "OpenChatKit": ("", "<human>: ", "\n", "<bot>: ", "\n", ""),
    "Mistral": ("<s>", "[INST] ", " [/INST]", " ", "</s>", ""),
}  # fmt: skip


def spelled(name: str, n: int, talk: list[tuple[str, str]] = TALK) -> str:
    begin, ask, asked, answer, answered, end = TEMPLATES[name]
    sides = {"user": (ask, asked), "assistant": (answer, answered)}
    return begin + "".join(sides[who][0] + what.format(n=n) + sides[who][1] for who, what in talk) + end


def talks(count: int) -> list[list[tuple[str, str]]]:
    return [[(who, what.format(n=n)) for who, what in TALK] for n in range(count)]


def imported(folder: Path, name: str, content: str) -> tuple[list[list[tuple[str, str]]], str]:
    (folder / name).write_text(content, encoding="utf-8")
    events = list(write_corpus([folder / name], CorpusConfig(), folder / "out", stop=Stop()))
    said = " | ".join(str(event.message) for event in events if isinstance(event, Noted))
    records = Corpus(folder / "out").records("all")
    return [[(turn["who"], turn["what"]) for turn in record.get("turns", ())] for record in records], said


@pytest.mark.parametrize("name", TEMPLATES)
def test_that_a_column_in_a_template_holds_conversations(tmp_path: Path, name: str) -> None:
    rows = "".join(json.dumps({"text": spelled(name, n)}) + "\n" for n in range(6))
    assert imported(tmp_path, "a.jsonl", rows)[0] == talks(6)


@pytest.mark.parametrize("name", TEMPLATES)
def test_that_a_text_in_a_template_holds_conversations_with_a_blank_line_between_them(tmp_path: Path, name: str) -> None:
    found, said = imported(tmp_path, "a.txt", "\n\n".join(spelled(name, n) for n in range(6)) + "\n")
    assert found == talks(6)
    assert "conversations in a chat layout" in said


@pytest.mark.parametrize("name", ["Gemma", "DeepSeek", "Llama 3"])
def test_that_the_mark_of_a_texts_beginning_parts_conversations_that_stand_in_one_line(tmp_path: Path, name: str) -> None:
    assert imported(tmp_path, "a.txt", "".join(spelled(name, n) for n in range(6)))[0] == talks(6)


@pytest.mark.parametrize("name", ["gpt-oss", "Cohere", "OpenAssistant", "DeepSeek"])
def test_that_lines_with_a_whole_exchange_each_are_conversations(tmp_path: Path, name: str) -> None:
    asked = [("user", "Is boat {n} in?"), ("assistant", "Boat {n} is in.")]
    found, _ = imported(tmp_path, "a.txt", "\n".join(spelled(name, n, asked) for n in range(6)))
    assert found == [[(who, what.format(n=n)) for who, what in asked] for n in range(6)]


def test_that_a_system_prompt_between_the_texts_beginning_and_the_first_speaker_is_the_story() -> None:
    found = template_messages("<｜begin▁of▁sentence｜>Be kind.<｜User｜>Hi<｜Assistant｜>Hello<｜end▁of▁sentence｜>")
    assert [(m.role, m.what) for m in found] == [("story", "Be kind."), ("user", "Hi"), ("assistant", "Hello")]
    found = inst_messages("<s>[SYSTEM_PROMPT]Be kind.[/SYSTEM_PROMPT][INST]Hi[/INST]Hello</s>")
    assert [(m.role, m.what) for m in found] == [("story", "Be kind."), ("user", "Hi"), ("assistant", "Hello")]


def test_that_thinking_and_the_work_of_tools_are_left_out_and_counted() -> None:
    told = Told()
    text = (
        "<|start|>system<|message|>Be kind.<|end|><|start|>user<|message|>Rain?<|end|>"
        "<|start|>assistant<|channel|>analysis<|message|>Look it up.<|end|>"
        '<|start|>assistant<|channel|>commentary to=functions.sky <|constrain|>json<|message|>{"a":1}<|call|>'
        '<|start|>functions.sky to=assistant<|channel|>commentary<|message|>{"rain":0}<|end|>'
        "<|start|>assistant<|channel|>final<|message|>No.<|return|>"
    )
    found = template_messages(text, told)
    assert [(m.role, m.what) for m in found] == [("story", "Be kind."), ("user", "Rain?"), ("assistant", "No.")]
    counts = {said.template: said.values["n"] for said in told.sentences()}
    assert counts == {THOUGHTS.template: 1, TOOLS.template: 2}


@pytest.mark.parametrize("text", [
    "A turn begins with <|user|> and ends with <|end|>. The assistant's is <|assistant|>.",
    "<|title|>\nA day\n<|body|>\nIt rained.\n<|end|>",
    "<p>User</p><b>assistant</b>",
])  # fmt: skip
def test_that_prose_with_marks_is_no_conversation(text: str) -> None:
    assert not template_messages(text)
