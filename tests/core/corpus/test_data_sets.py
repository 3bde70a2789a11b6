"""The columns of data sets that people really use: which of them become the text, the pair, the label, the turns."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.columns.columns import KEYS, guess, kind_of_config, to_record

_WORDS = "the harbour mill river bridge lantern tulip ferry baker garden tram pier oak bell roof cart wool sings under old"
WORDS = _WORDS.split()
RNG = random.Random(3)


def said(n: int = 9) -> str:
    return " ".join(RNG.choices(WORDS, k=n)).capitalize() + "."


def title(n: int = 4) -> str:
    return " ".join(RNG.choices(WORDS, k=n)).title()


def talk() -> list[dict[str, str]]:
    return [{"content": said(), "role": "user"}, {"content": said(), "role": "assistant"}]


def one_of(n: int, *names: str) -> str:
    return names[n % len(names)]


SETS: dict[str, tuple[Callable[[int], dict[str, Any]], dict[str, str]]] = {
    "ag news": (
        lambda n: {"Class Index": str(n % 4 + 1), "Title": title(7), "Description": said(36)},
        {"text": "Description", "label": "Class Index"},
    ),
    "ag news without a header": (
        lambda n: {"1": str(n % 4 + 1), "2": title(7), "3": said(36)},
        {"text": "3", "label": "1"},
    ),
    "amazon": (
        lambda n: {"reviewerID": f"A{n}", "reviewerName": title(2), "reviewText": said(40), "overall": float(n % 5 + 1),
                   "summary": title(4), "unixReviewTime": 1252800000, "reviewTime": "09 13, 2009"},
        {"text": "reviewText", "label": "overall"},
    ),
    "fine food": (
        lambda n: {"Id": str(n), "ProfileName": title(2), "Score": str(n % 5 + 1), "Summary": title(4), "Text": said(50)},
        {"text": "Text", "label": "Score"},
    ),
    "yelp": (
        lambda n: {"review_id": f"xQ{n}_Y", "stars": float(n % 5 + 1), "useful": n % 3, "text": said(50),
                   "date": "2014-10-11 03:34:02"},
        {"text": "text", "label": "stars"},
    ),
    "sms spam": (
        lambda n: {"v1": one_of(n, "ham", "ham", "spam"), "v2": said(12), "Unnamed: 2": "", "Unnamed: 3": ""},
        {"text": "v2", "label": "v1"},
    ),
    "quora": (
        lambda n: {"id": str(n), "qid1": str(n), "question1": said(8), "question2": said(8),
                   "is_duplicate": str(n % 2)},
        {"text": "question1 + question2", "label": "is_duplicate"},
    ),
    "snli": (
        lambda n: {"gold_label": one_of(n, "neutral", "entailment", "contradiction"), "sentence1_parse": "(ROOT " + said(20),
                   "sentence2_parse": "(ROOT " + said(16), "sentence1": said(14), "sentence2": said(8), "label1": "neutral"},
        {"text": "sentence1 + sentence2", "label": "gold_label"},
    ),
    "xnli": (
        lambda n: {"premise": said(14), "hypo": said(8), "label": one_of(n, "neutral", "entailment", "contradictory")},
        {"text": "premise + hypo", "label": "label"},
    ),
    "lcqmc": (
        lambda n: {"1": f"今天的天气怎么样呢第{n}", "2": f"请问今天天气如何第{n}", "3": str(n % 2)},
        {"text": "1 + 2", "label": "3"},
    ),
    "tatoeba pairs": (
        lambda n: {"1": str(n), "2": said(6), "3": str(n + 900), "4": said(6)},
        {"source": "2", "target": "4"},
    ),
    "anki": (
        lambda n: {"1": said(4), "2": said(5), "3": f"CC-BY 2.0 (France) Attribution: tatoeba.org #{n} (a) & #{n} (b)"},
        {"source": "1", "target": "2"},
    ),
    "opus": (lambda n: {"en": said(), "de": said(), "score": f"0.{n + 11}"}, {"source": "en", "target": "de"}),
    "texts and where they are from": (
        lambda n: {"text": said(), "source": one_of(n, "wiki", "books")}, {"text": "text"}
    ),
    "songs and their singers": (lambda n: {"artist": one_of(n, "Ann", "Ben"), "lyrics": said(30)}, {"text": "lyrics"}),
    "claims": (
        lambda n: {"claim": said(), "evidence": said(20), "label": one_of(n, "SUPPORTS", "REFUTES")},
        {"text": "claim + evidence", "label": "label"},
    ),
    "sciq": (
        lambda n: {"question": said(), "distractor1": title(), "correct_answer": title(), "support": said(40)},
        {"source": "support + question", "target": "correct_answer"},
    ),
    "queries and what was found": (
        lambda n: {"query": said(), "pos": [said(20)], "neg": [said(30), said(30)]},
        {"source": "query", "target": "pos"},
    ),
    "dictionary": (lambda n: {"word": f"oak{n}", "definition": said()}, {"source": "word", "target": "definition"}),
    "few questions": (
        lambda n: {"source": one_of(n, "Say it.", "Ask it."), "target": said(8)},
        {"source": "source", "target": "target"},
    ),
    "flores": (
        lambda n: {"id": n, "sentence_eng_Latn": said(), "sentence_deu_Latn": said(), "topic": "x"},
        {"source": "sentence_eng_Latn", "target": "sentence_deu_Latn"},
    ),
    "alpaca": (
        lambda n: {"instruction": said(), "input": said() if n % 3 else "", "output": said(), "text": said(40)},
        {"source": "instruction + input", "target": "output"},
    ),
    "dolly": (
        lambda n: {"instruction": said(), "context": said(30), "response": said(), "category": "closed_qa"},
        {"source": "instruction + context", "target": "response"},
    ),
    "belle": (
        lambda n: {"instruction": said(), "input": "", "output": said(), "history": [[said(), said()]]},
        {"turns": "history + instruction + output"},
    ),
    "firefly": (
        lambda n: {"kind": one_of(n, "Couplet", "Summary"), "input": f"上联：春水绿如蓝{n}", "target": f"下联：秋山红{n}"},
        {"source": "input", "target": "target"},
    ),
    "orca": (
        lambda n: {"id": f"flan.{n}", "system_prompt": "You help.", "question": said(15), "response": said(40)},
        {"source": "system_prompt + question", "target": "response"},
    ),
    "squad as a table": (
        lambda n: {"id": f"5f{n}", "title": "Harbour", "context": said(50), "question": said(8),
                   "answers.text": ["1901"]},
        {"source": "context + question", "target": "answers.text"},
    ),
    "mmlu": (
        lambda n: {"question": said(12), "subject": "astronomy", "choices": [title(2), title(2)], "answer": n % 4},
        {"source": "question + choices", "target": "answer"},
    ),
    "sums": (lambda n: {"question": f"What is {n} plus {n}?", "answer": 2 * n}, {"source": "question", "target": "answer"}),
    "medical": (
        lambda n: {"department": "内科", "title": f"头痛怎么办{n}", "ask": f"我最近{n}天总是头痛，应该挂什么科？",
                   "answer": f"先休息，必要时到神经内科看看，编号{n}。"},
        {"source": "ask", "target": "answer"},
    ),
    "yahoo answers": (
        lambda n: {"topic": n % 10, "question_title": said(), "question_content": said(20), "best_answer": said(40)},
        {"source": "question_title + question_content", "target": "best_answer"},
    ),
    "eli5": (
        lambda n: {"title": said(), "selftext": "" if n % 2 else said(), "answers.text": [said(40), said(30)]},
        {"source": "title + selftext", "target": "answers.text"},
    ),
    "preferences": (
        lambda n: {"prompt": said(), "chosen": said(30), "rejected": said(60)},
        {"source": "prompt", "target": "chosen"},
    ),
    "hh with its prompt apart": (
        lambda n: {"prompt": f"\n\nHuman: {said()}\n\nAssistant:", "chosen": " " + said(), "rejected": " No."},
        {"turns": "prompt + chosen"},
    ),
    "sharegpt as a table": (
        lambda n: {"id": n, "conversations": str([{"from": "human", "value": said()}, {"from": "gpt", "value": "Yes"}])},
        {"turns": "conversations"},
    ),
    "preferences without a prompt": (lambda n: {"chosen": said(30), "rejected": said(60)}, {"text": "chosen"}),
    "hh": (
        lambda n: {"chosen": f"\n\nHuman: {said()}\n\nAssistant: {said()}",
                   "rejected": f"\n\nHuman: {said()}\n\nAssistant: No."},
        {"turns": "chosen"},
    ),
    "ultrafeedback": (
        lambda n: {"prompt": said(), "chosen": talk(), "rejected": talk(), "messages": talk(), "score_chosen": 9.0},
        {"turns": "messages"},
    ),
    "samsum": (
        lambda n: {"id": str(n), "dialogue": f"Ann: {said()}\nBen: {said()}", "summary": said(8)},
        {"source": "dialogue", "target": "summary"},
    ),
    "arxiv": (
        lambda n: {"id": f"0704.{n:04d}", "authors": title(14), "title": title(9), "doi": "10.1103/PhysRevD.76.013009",
                   "comments": "37 pages, 15 figures; published version", "abstract": said(100)},
        {"text": "abstract"},
    ),
    "news": (
        lambda n: {"link": f"https://news.example/{n}", "headline": title(9), "category": one_of(n, "CRIME", "ARTS"),
                   "short_description": said(22), "authors": title(2), "date": "2018-05-26"},
        {"text": "short_description", "label": "category"},
    ),
    "tweets without a header": (
        lambda n: {"1": one_of(n, "0", "4"), "2": str(1467810369 + n), "3": "Mon Apr 06 22:19:45 PDT 2009", "4": "NO_QUERY",
                   "5": f"user_{n}", "6": said(14) + f" #tulip http://t.co/x{n}"},
        {"text": "6", "label": "1"},
    ),
    "airline": (
        lambda n: {"tweet_id": str(5 * 10**17 + n), "airline_sentiment": one_of(n, "neutral", "negative"),
                   "negativereason": one_of(n, "", "Late Flight"), "name": f"n{n}", "text": said(15),
                   "tweet_created": "2015-02-24 11:35:52 -0800", "user_timezone": "Eastern Time (US & Canada)"},
        {"text": "text", "label": "airline_sentiment"},
    ),
    "poems": (
        lambda n: {"author": "无名", "title": f"夜渡其{n}", "paragraphs": ["江上无风月自明，", "渔灯一点到三更。"], "id": n},
        {"text": "paragraphs"},
    ),
    "songs": (
        lambda n: {"artist": one_of(n, "ABBA", "Adele"), "song": title(), "link": f"/a/b_{n}.html", "lyrics": said(80)},
        {"text": "lyrics"},
    ),
    "recipes": (
        lambda n: {"title": title(), "ingredients": ["1 c. brown sugar"], "directions": [said(), said()], "NER": ["sugar"]},
        {"text": "directions"},
    ),
    "code": (
        lambda n: {"repo_name": f"a/b{n}", "path": f"src/x/{n}.py", "content": f"def f_{n}(x):\n    return x\n" * 5},
        {"text": "content"},
    ),
    "issues": (
        lambda n: {"url": f"https://api.example/{n}", "title": title(7), "labels": [{"name": "bug"}], "body": said(50)},
        {"text": "body"},
    ),
    "licences": (
        lambda n: {"text": said(5),
                   "licence": f"Licensed under the Creative Commons Attribution Share Alike licence by {n}"},
        {"text": "text"},
    ),
    "a page and its text": (
        lambda n: {"html": f"<div class='x y z'><a href='https://x/{n}'>{said(30)}</a></div>", "text": said(28)},
        {"text": "text"},
    ),
    "sequences": (lambda n: {"id": f"s{n}", "seq": "".join(RNG.choices("ACGT", k=200)), "len": 200}, {"text": "seq"}),
    "named entities": (
        lambda n: {"id": str(n), "tokens": said().split(), "ner_tags": [0] * 9},
        {"text": "tokens"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SETS)
def test_that_the_columns_of_a_known_data_set_are_found(name: str) -> None:
    row, wanted = SETS[name]
    rows = [row(n) for n in range(40)]
    config = guess(rows, ReadingConfig(), name)
    assert {key.removesuffix("_key"): value for key in KEYS if (value := getattr(config, key))} == wanted
    records = [to_record(row, config) for row in rows]
    assert all(records), "a row gave nothing"
    assert kind_of_config(config) != "labelled" or all(record and "label" in record for record in records)


def test_that_parts_of_a_question_are_lines_and_empty_ones_leave_no_trace() -> None:
    rows = [
        {"instruction": "Sum up.", "input": "It rained.", "output": "Rain."},
        {"instruction": "Hi", "input": "", "output": "Ho"},
    ]
    config = guess(rows, ReadingConfig(), "a.json")
    assert [to_record(row, config) for row in rows] == [
        {"source": "Sum up.\nIt rained.", "target": "Rain."},
        {"source": "Hi", "target": "Ho"},
    ]


def test_that_of_several_right_answers_the_first_is_taken() -> None:
    row = {"context": said(40), "question": said(), "answers.text": ["in 1901", "1901"]}
    record = to_record(row, guess([row], ReadingConfig(), "a.json"))
    assert record == {"source": row["context"] + "\n" + row["question"], "target": "in 1901"}


def test_that_words_given_one_by_one_become_a_sentence() -> None:
    row = {"tokens": ["Ann", "lives", "in", "Graz", "."], "tags": [1, 0, 0, 2, 0]}
    record = to_record(row, guess([row], ReadingConfig(), "a.json"))
    assert record == {"words": row["tokens"], "tags": list("10020"), "spaces": [True, True, True, False, True]}
    untagged = {"tokens": row["tokens"], "id": 7}
    assert to_record(untagged, guess([untagged], ReadingConfig(), "a.json")) == {"text": "Ann lives in Graz ."}
