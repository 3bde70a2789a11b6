"""Names of columns that mean something, in the order of their strength, and how a name is compared."""

from __future__ import annotations

import re
from collections.abc import Iterable

TEXTS = (
    "text", "content", "contents", "body", "selftext", "sentence", "document", "story", "article", "review", "comment",
    "message", "tweet", "post", "paragraph", "passage", "abstract", "description", "poem", "lyrics", "verse", "paragraphs",
    "caption", "transcript", "recipe", "joke", "quote", "essay", "note", "code", "context", "phrase", "utterance",
    "文本", "内容", "正文", "句子", "评论", "文章", "诗句",
)  # fmt: skip
"""What a text is called: decides between columns that hold about as much prose."""
LABELS = (
    "label_text", "label_name", "label", "labels", "class", "class_name", "category", "sentiment", "topic", "tag", "intent",
    "emotion", "polarity", "verdict", "target", "classification",
    "is_duplicate", "class_label", "spam", "is_spam", "stars", "rating",
    "score", "overall", "标签", "类别", "分类", "情感",
)  # fmt: skip
UNLABELLING = frozenset((
    "source", "dataset", "subset", "split", "part", "fold", "lang", "locale", "author", "artist", "singer", "band", "poet",
    "speaker", "character", "player", "actor", "person", "name", "user", "username", "sender", "publisher", "year", "month",
    "day", "date", "time", "id", "index", "page", "chapter", "line", "verse", "season", "episode", "act", "scene", "file",
    "filename", "path", "url", "link", "domain", "license", "licence", "version", "model", "generator", "format", "country",
    "city", "place", "image", "img", "photo", "picture", "video", "clip", "audio", "作者", "来源", "年份", "朝代", "姓名",
))  # fmt: skip
"""Columns of few values that say where a text is from: labels only if somebody chooses them."""
SCORES = ("score", "similarity", "relatedness", "rating", "overall", "stars", "points", "target")
"""Labels only where they have few values: elsewhere they are counts."""
TITLES = ("title", "question_title", "headline", "subject", "标题", "题目")
BETTER = (
    "chosen", "chosen_response", "response_chosen", "response_j", "preferred", "accepted", "accept", "good",
    "positive_response",
)  # fmt: skip
"""The better of two answers."""
WORSE = (
    "rejected", "rejected_response", "response_rejected", "response_k", "dispreferred", "reject", "bad", "negative_response",
    "rejected_messages",
)  # fmt: skip
"""The worse of two answers: never learned from."""
ASKS = (
    "instruction", "instructions", "prompt", "question", "query", "ask", "problem", "question_text", "question_content",
    "question_body", "question_stem", "human", "user", "input", "inputs", "q", "questions", "问题", "指令", "提问", "问",
    "输入", "frage", "anweisung", "aufgabe", "pregunta", "instrucción", "pergunta", "domanda", "istruzione", "vraag",
    "вопрос", "запрос", "запитання", "pytanie", "otázka", "fråga", "spørgsmål", "kysymys", "kérdés", "soru", "سؤال",
    "السؤال", "प्रश्न", "質問", "問題", "質問文", "질문", "câu hỏi", "pertanyaan", "întrebare", "ερώτηση", "שאלה",
)  # fmt: skip
"""What is asked or told to do."""
BESIDE = (
    "system", "system_prompt", "history", "context", "passage", "article", "background", "knowledge", "evidence",
    "question_title", "input", "inputs", "support", "choices", "options", "choices.text", "schema", "背景", "输入",
    "上下文", "历史",
)  # fmt: skip
"""What an answer needs beside the question."""
BEFORE = frozenset(("system", "system_prompt", "history", "question_title", "历史"))
"""Of these, what stands before the question whatever it is called."""
ANSWERS = (
    "output", "outputs", "response", "completion", "answer", "answers", "best_answer", "answers.text", "reply", "target",
    "targets", "solution", "canonical_solution", "correct_answer", "human_answers",
    "assistant", "gpt", "bot", "a", "回答", "答案", "答", "输出", "回复",
    "antwort", "réponse", "reponse", "respuesta", "resposta", "risposta", "antwoord", "ответ", "відповідь", "odpowiedź",
    "odpověď", "svar", "vastaus", "válasz", "cevap", "yanıt", "جواب", "الجواب", "उत्तर", "返答", "답변", "답", "trả lời",
    "jawaban", "răspuns", "απάντηση", "תשובה",
)  # fmt: skip
PAIRS = (
    ("source", "target"), ("src", "tgt"), ("src", "trg"), ("src", "dst"), ("source_text", "target_text"), ("原文", "译文"),
    ("original", "translation"), ("sentence", "translation"), ("text", "translation"), ("source", "translation"),
    ("incorrect", "correct"), ("incorrect", "corrected"), ("wrong", "correct"), ("wrong", "right"),
    ("original", "corrected"),
    ("informal", "formal"), ("complex", "simple"), ("normal", "simple"), ("original", "paraphrase"), ("text", "paraphrase"),
    ("buggy", "fixed"), ("docstring", "code"), ("nl", "code"), ("question", "sql"), ("question", "query"),
    ("comment", "reply"), ("post", "reply"), ("post", "response"), ("context", "response"), ("article", "highlights"),
    ("text", "output"), ("text", "target"), ("text", "completion"), ("text", "response"), ("input_text", "target_text"),
    ("input_text", "output_text"), ("question_text", "answer_text"), ("prompt_text", "response_text"), ("query", "pos"),
    ("query", "positive"), ("word", "definition"), ("term", "definition"), ("diff", "msg"), ("diff", "message"),
)  # fmt: skip
EITHER_WAY = frozenset((("docstring", "code"), ("informal", "formal"), ("complex", "simple"), ("nl", "code")))
"""Of these, pairs that are asked for in both directions: the column that stands first is the source."""
SUMMARIES = tuple(
    (text, summary)
    for text in ("article", "document", "dialogue", "conversation", "text", "content", "passage", "report", "正文")
    for summary in ("summary", "highlights", "summaries", "tldr", "摘要")
)
"""A text and its short form; the same names stand in tables of reviews, where a label tells."""
TWINS = (
    ("premise", "hypothesis"), ("premise", "hypo"), ("premise", "conclusion"), ("anchor", "positive"),
    ("claim", "evidence"), ("evidence", "claim"), ("query", "document"), ("query", "passage"), ("question", "sentence"),
    ("question", "passage"),
)  # fmt: skip
"""Two texts that a label speaks of."""
NAMES = frozenset((
    "conversations", "messages", "turns", "dialog", *TEXTS, *LABELS, *TITLES, *BETTER, *WORSE, *ASKS, *BESIDE, *ANSWERS,
    *(name for pair in (*PAIRS, *SUMMARIES, *TWINS) for name in pair),
))  # fmt: skip
"""All of them; the header of a table is known by these. (Names of conversations are known where those are read.)"""
_LANGUAGE_NAMES = (
    "ar bg bn ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko lt lo lv mk "
    "ml mn mr ms mt my nb ne nl nn no pa pl ps pt ro ru si sk sl sq sr sv sw ta te th tl tr uk ur uz vi xh yo zh zu "
    "ara ben bul cat ces cmn cze dan deu dut ell eng est eus fas fin fra fre ger gre heb hin hrv hun ind ita jpn kor "
    "lat lav lit nld nob nor pes pol por ron rum rus slk slv spa srp swe tam tel tha tur ukr urd vie zho english "
    "german french spanish italian portuguese dutch russian chinese japanese korean arabic hindi turkish polish czech "
    "swedish danish norwegian finnish greek hebrew hungarian romanian ukrainian vietnamese thai indonesian latin "
    "persian deutsch français francais español espanol italiano português "
    "englisch französisch spanisch italienisch portugiesisch niederländisch russisch chinesisch "
    "japanisch koreanisch arabisch türkisch polnisch tschechisch schwedisch lateinisch ukrainisch hochdeutsch anglais "
    "allemand espagnol italien néerlandais russe chinois japonais inglés ingles alemán francés inglese tedesco francese "
    "inglês alemão engels duits frans nederlands английский русский немецкий французский українська polski čeština svenska "
    "dansk norsk suomi magyar türkçe tiếng العربية עברית हिन्दी 日本語 英語 ドイツ語 한국어 영어 "
    "中文 英文 英语 汉语 日文 日语 "
)
LANGUAGES = frozenset(_LANGUAGE_NAMES.split())
"""Names and codes of languages as columns bear them."""
_LAST_LANGUAGE = re.compile(r"(.*?)[._\- ]?([^\W\d_]{2,})(?:[-_](?:[A-Z][a-z]{3}|[A-Z]{2}|hans|hant|cn|us|br|gb|tw))?")
_BAD = frozenset(("negative", "negatives", "bad", "wrong", "incorrect", "rejected", "worse", "worst", "invalid"))
_PARTS = re.compile(r"[\s_.\-]+|(?<=[a-z])(?=[A-Z])")


def folded(name: str) -> str:
    """A name as it is compared: "Label Text" and "labelText" are label_text."""
    return "_".join(part for part in _PARTS.split(name.strip()) if part).casefold()


def named(keys: Iterable[str], names: Iterable[str], *, by_ending: bool = False) -> str:
    """The first key that bears one of the names, the names in their order; a dotted key counts by its last part, too.

    With `by_ending`, the last word of a key is enough if no key bears a name as a whole: "airline_sentiment".
    """
    by_name: dict[str, str] = {}
    for key in keys:
        for name in (key.casefold().strip(), key.casefold().rsplit(".", 1)[-1].strip(), folded(key)):
            by_name.setdefault(name, key)
    if by_ending:
        for key in list(by_name.values()):
            by_name.setdefault(folded(key).rsplit("_", 1)[-1], key)
    return next((by_name[name] for name in names if name in by_name), "")


def lettered(keys: Iterable[str]) -> list[str]:
    """Columns that hold the choices of a question, in order: A, B, C or option_a, option_b or choice1, choice2."""
    found: dict[tuple[str, str], str] = {}
    for key in keys:
        place = re.fullmatch(r"(|opt?_?|options?_?|choices?_?|ending_?|sol|ans_?|answer_?)([a-j]|[0-9])", folded(key))
        if place and (place[1] or place[2].isalpha()):
            found[place[1], place[2]] = key
    for stem in dict.fromkeys(stem for stem, _ in found):
        for order in ("abcdefghij", "0123456789", "123456789"):
            own = [found[stem, sign] for sign in order if (stem, sign) in found]
            if len(own) > 1 and all((stem, sign) in found for sign in order[: len(own)]):
                return own
    return []


def names_worse(name: str) -> bool:
    """True for the name of a list of bad examples: "Negative Examples", "rejected"."""
    return bool(_BAD & set(folded(name).split("_")))


def twin_stem(name: str) -> tuple[str, str] | None:
    """What two columns such as question1 and question2, text_a and text_b share, and what tells them apart."""
    found = re.fullmatch(r"(.*[^\W\d_])_?([12])|(.+)_([ab])|#(?P<place>[12])[_ ](?P<stem>.+)", name.strip().casefold())
    return (found[1] or found[3] or found["stem"], found[2] or found[4] or found["place"]) if found else None


def language_of(name: str) -> tuple[str, str] | None:
    """The rest of a column's name and the language it ends in, as of translation.en or sentence_deu_Latn; else None."""
    found = _LAST_LANGUAGE.fullmatch(name.strip())
    return (found[1].casefold(), found[2].casefold()) if found and found[2].casefold() in LANGUAGES else None
