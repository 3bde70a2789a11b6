"""Settings of a corpus: how sources are read, how text is cleaned, how it is split."""

from __future__ import annotations

from dataclasses import dataclass, field

from llmstudio.core.corpus.cleaning.uses import COUNT, DROP, PART, REPLACE
from llmstudio.core.corpus.reading.encodings.names import ENCODINGS, canonical
from llmstudio.core.settings import setting

SAMPLE = "sample:"
"""A source that begins so names a built-in sample."""
SPLITS = ("train", "val", "test")
"""The parts of a corpus and of a dataset: what is learned from, watched, and kept for the end."""


@dataclass(frozen=True)
class ReadingConfig:
    """How bytes become records. Empty names mean: find out."""

    encoding: str = setting(
        "",
        label="Encoding",
        help="How the bytes of the files spell letters. Leave it on automatic unless the preview looks wrong. Of several "
        "files it is for those that leave a doubt.",
        choices=ENCODINGS,
        spelled=canonical,
    )
    format: str = setting(
        "",
        label="Format",
        help="What kind of file it is. Automatic goes by the name's ending.",
        choices={
            "": "automatic",
            "text": "plain text",
            "html": "web page",
            "csv": "table with commas or semicolons",
            "tsv": "table with tabs",
            "json": "JSON",
            "jsonl": "JSON, one value a line",
            "marked": "conversations, speakers named",
            "lines": "a label and a text a line",
            "conll": "words with tags, a word a line",
        },
        advanced=True,
    )
    kind: str = setting(
        "",
        label="Kind of record",
        help="What to take where files of several kinds lie together. Automatic takes the kind that most of the bytes hold.",
        choices={
            "": "automatic",
            "text": "running text",
            "pairs": "pairs of texts",
            "labelled": "texts with labels",
            "tagged": "sentences with tagged words",
            "turns": "conversations",
        },
        advanced=True,
    )
    header: str = setting(
        "",
        label="First row names the columns",
        help="Whether a table's first row is a header. Without one, the columns are called 1, 2 and so on.",
        choices={"": "automatic", "yes": "yes", "no": "no"},
        advanced=True,
    )
    folders: str = setting(
        "",
        label="Folders",
        help="Whether the names of folders, such as pos and neg, are the labels of the texts in them.",
        choices={"": "automatic", "labels": "their names are labels", "text": "no labels"},
        advanced=True,
    )
    text_key: str = setting(
        "", label="Text column", help="Which column or key of a table holds the text; several are joined: title + text."
    )
    source_key: str = setting("", label="Source column", help="For pairs: the column with the sentence to start from.")
    target_key: str = setting("", label="Target column", help="For pairs: the column with the sentence to arrive at.")
    label_key: str = setting("", label="Label column", help="For labelled text: the column with the class.")
    label_capitals: str = setting(
        "",
        label="Capitals in labels",
        help="Whether Sport and sport are two classes. If not, all labels are written in small letters.",
        choices={"": "tell classes apart", "no": "do not matter"},
        advanced=True,
    )
    turns_key: str = setting("", label="Turns column", help="For conversations: the key with the list of messages.")
    tags: str = setting(
        "",
        label="Tags",
        help="For sentences with tagged words: the column with the tag, such as XPOS or 3; or “word boundaries”, which tags "
        "each character with whether a word begins there (B) or goes on (I).",
    )


@dataclass(frozen=True)
class CleaningConfig:
    """The cleaning steps, each a switch, in the order they run. The defaults leave clean UTF-8 text byte for byte."""

    unicode_form: str = setting(
        "none",
        label="Unicode form",
        help="One letter can be spelled in several ways; this brings them to one. NFKC also turns ① into 1.",
        choices={"none": "as it is", "NFC": "NFC", "NFKC": "NFKC"},
    )
    control_characters: bool = setting(
        True, label="Control characters", help="Removes invisible control signs and uneven line ends (never tab or newline)."
    )
    white_space: bool = setting(
        False, label="White space", help="Turns runs of spaces into one and more than two line ends into two."
    )
    markup: bool = setting(False, label="Markup", help="Removes HTML tags and Markdown signs, keeps their text.")
    urls: bool = setting(False, label="Web and e-mail addresses", help="Removes addresses of pages and mailboxes.")
    tagger: str = setting(
        "",
        label="Tagger",
        help="A model of this project that was taught to tag words, or to find them: the import counts its tags, and changes"
        " the texts as is set beside.",
    )
    tagging: str = setting(
        COUNT,
        label="Tagger's use",
        help="Count the tags alone; put spaces between the words that a model of word boundaries finds, as a tokenizer of"
        " words needs them for Chinese; or replace the names that are found by their types, or leave them out.",
        choices={
            COUNT: "count the tags",
            PART: "spaces between words",
            REPLACE: "types in place of names",
            DROP: "names left out",
        },
    )
    lower_case: bool = setting(False, label="Lower case", help="Writes everything in small letters.")
    punctuation: bool = setting(False, label="Punctuation", help="Removes punctuation signs of all scripts.")
    digits: bool = setting(False, label="Digits", help="Removes digits of all scripts.")
    stop_words: str = setting(
        "none",
        label="Stop words",
        help="Removes very frequent small words. Good for counting topics, bad for learning to write.",
        choices={"none": "keep them", "en": "English", "zh": "Chinese", "en+zh": "English and Chinese"},
    )
    replacements: tuple[tuple[str, str], ...] = setting(
        (), label="Word replacements", help="Pairs of words: each first one is replaced by its second."
    )
    min_characters: int = setting(0, label="Too short", help="Drops documents of fewer characters.", ge=0, le=1_000_000)
    max_characters: int = setting(
        0, label="Too long", help="Drops documents of more characters; 0 keeps all.", ge=0, le=1_000_000_000
    )
    exact_duplicates: bool = setting(True, label="Exact duplicates", help="Keeps only the first of equal documents.")


@dataclass(frozen=True)
class SplitConfig:
    """Which part is learned from, which is held out. A document's part follows from its content and the seed."""

    val_share: float = setting(0.05, label="Validation share", help="Share held out to watch progress.", ge=0.0, le=0.5)
    test_share: float = setting(0.05, label="Test share", help="Share held out for one last honest check.", ge=0.0, le=0.5)
    at: float = setting(
        0.9,
        label="Cut a single text at",
        help="If one document is more than a tenth of everything, the text is cut here: first training, then validation.",
        ge=0.5,
        le=0.99,
        advanced=True,
    )
    seed: int = setting(0, label="Seed", help="The same seed gives the same split.", ge=0, le=2**31, advanced=True)


@dataclass(frozen=True)
class CorpusConfig:
    """Everything that decides what a corpus holds."""

    reading: ReadingConfig = field(default_factory=ReadingConfig)
    cleaning: CleaningConfig = field(default_factory=CleaningConfig)
    split: SplitConfig = field(default_factory=SplitConfig)
    sample_count: int = setting(
        20_000, label="Sample documents", help="How many documents to write for a built-in sample.", ge=10, le=10_000_000
    )
    sample_seed: int = setting(
        0, label="Sample seed", help="Another seed tells other stories.", ge=0, le=2**31, advanced=True
    )
