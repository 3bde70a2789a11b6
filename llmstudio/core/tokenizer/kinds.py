"""How each kind of tokenizer is put together from the parts of Hugging Face `tokenizers`, and how it is learned.

In:  a `TokenizerConfig`. Out: an untrained backend, a trainer, and what the kind promises.

| kind      | a token is                                | unknowns | exact | white space                               |
| --------- | ----------------------------------------- | -------- | ----- | ----------------------------------------- |
| bpe       | bytes merged by frequency inside a word   | never    | yes   | part of the token                         |
| unigram   | bytes, the likeliest cut of a word        | never    | yes   | part of the token                         |
| byte      | one byte                                  | never    | yes   | a byte like any other                     |
| char      | one character                             | rare     | known | a character like any other                |
| word      | a word, number, sign or Han character     | rare     | known | one space before it, implied at line starts|
| wordpiece | a word, or its beginning and ##its ##rest | rare     | no    | dropped, and guessed when text is rebuilt |

Source: GPT-2's byte alphabet and split pattern (Radford et al. 2019), BPE (Sennrich et al. 2016, arXiv:1508.07909),
WordPiece (Devlin et al. 2019, arXiv:1810.04805), Unigram (Kudo 2018, arXiv:1804.10959).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers import Tokenizer as Backend

from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer.config import SPECIALS, UNKNOWN, TokenizerConfig

# Places where a long text may be cut so that the ids of the pieces, joined, are the ids of the whole: the splits below
# never join a sign and white space after it, and look ahead but never back. Python's \s contains the backend's \s.
_BEFORE_SPACE = re.compile(r"(?<=\S)(?=[ \n])")
_ANYWHERE = re.compile("")
# For words: a space that the next piece will imply (no Han character comes before U+2E80), or before a Han character.
_BETWEEN_WORDS = re.compile(r"(?<=\S) (?=[!-\u2e7f])(?=\S)|(?=[\u4e00-\u9fa5])")

_LETTER = r"[\p{L}\p{M}&&[^\p{Han}]]"
# A word ends after 48 letters at the latest: a line without spaces must not become one token.
_WORD, _NUMBER = f"{_LETTER}{{1,48}}(?:['’]{_LETTER}{{1,48}}){{0,3}}", r"\p{N}{1,48}"
LINE_START = r"\n(?=[^\s\p{Han}]| )"
"""A line end before a word; a word tokenizer puts a space there, which decoding takes away again."""
_WORDS = rf"\p{{Han}}| ?{_WORD}| ?{_NUMBER}| ?[^\s\p{{L}}\p{{M}}\p{{N}}]|\s|[\s\S]"
EARLIER_WORDS = rf" ?\p{{Han}}| ?{_LETTER}+(?:['’]{_LETTER}+)*| ?\p{{N}}+| ?[^\s\p{{L}}\p{{M}}\p{{N}}]|\s|[\s\S]"
"""How word tokenizers of the first version cut; theirs are still read."""
_LONGEST_WORD = 1000  # letters; the library's own limit of 100 makes a line of Thai, which has no spaces, unknown
_MAX_TOKEN_BYTES = 48  # 16 Han characters; without a bound a line of dashes becomes a token


@dataclass(frozen=True)
class Kind:
    """What a kind of tokenizer promises.

    Attributes:
        round_trips: Any text comes back exactly.
        has_unknowns: Text may hold what the vocabulary lacks.
        implies_space: A token carries the space before it; the first of a text gains one that decoding takes away again.
        cut: Where long texts may be cut; what the pattern matches is left out.
    """

    round_trips: bool
    has_unknowns: bool
    implies_space: bool
    cut: re.Pattern[str]


KINDS = {
    "bpe": Kind(True, False, False, _BEFORE_SPACE),
    "wordpiece": Kind(False, True, True, _BEFORE_SPACE),
    "unigram": Kind(True, False, False, _BEFORE_SPACE),
    "word": Kind(False, True, True, _BETWEEN_WORDS),
    "char": Kind(False, True, False, _ANYWHERE),
    "byte": Kind(True, False, False, _ANYWHERE),
}
ALPHABET = sorted(pre_tokenizers.ByteLevel.alphabet())  # 256 printable characters that stand for the bytes


def kind_of(state: Mapping[str, Any]) -> str:
    """Which kind the content of a `tokenizer.json` is. Raises StudioError for one that is none of ours."""
    model, splits = state["model"], str(state.get("pre_tokenizer"))
    match model["type"], "ByteLevel" in splits:
        case "BPE", True:
            # The byte kind does not split; a BPE whose text gave no merges does.
            return "bpe" if model["merges"] or "'use_regex': True" in splits else "byte"
        case "BPE", False if not model["merges"]:
            return "char"
        case "Unigram", True:
            return "unigram"
        case "WordLevel", True:
            return "word"
        case "WordPiece", False:
            return "wordpiece"
    raise StudioError("This tokenizer is of a kind ({kind}) that is not known here.", kind=model["type"])


def blank(config: TokenizerConfig) -> Backend:
    """A backend of the configured kind that has learned nothing yet; a `byte` one is ready for use."""
    unknown = SPECIALS[UNKNOWN]
    match config.kind:
        case "bpe":
            backend = Backend(models.BPE())
            backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
            backend.decoder = decoders.ByteLevel()
        case "unigram":
            backend = Backend(models.Unigram())
            backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
            backend.decoder = decoders.ByteLevel()
        case "byte":
            backend = Backend(models.BPE(vocab=_numbered(ALPHABET), merges=[]))
            backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
            backend.decoder = decoders.ByteLevel()
        case "char":
            backend = char_backend([])
        case "word":
            backend = Backend(models.WordLevel(unk_token=unknown))
            # Spelled in the byte alphabet, so that no sign has to be set aside to stand for the space.
            backend.pre_tokenizer = pre_tokenizers.Sequence(
                [
                    pre_tokenizers.Split(Regex(_WORDS), "isolated"),
                    pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
                ]
            )
            backend.decoder = decoders.Sequence(
                [decoders.ByteLevel(), decoders.Strip(" ", 1, 0), decoders.Replace("\n ", "\n")]
            )
        case "wordpiece":
            backend = Backend(models.WordPiece(unk_token=unknown, max_input_chars_per_word=_LONGEST_WORD))
            backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
            backend.decoder = decoders.WordPiece(cleanup=True)
        case _:
            raise StudioError("There is no kind of tokenizer named {kind}.", kind=config.kind)
    backend.normalizer = _normalizer(config)
    if config.kind == "byte":  # the others take them in while they learn
        backend.add_special_tokens(list(SPECIALS))
    return backend


def char_backend(characters: list[str], normalizer: normalizers.Normalizer | None = None) -> Backend:
    """A backend with one token a character: BPE that never merges, the fastest model for it."""
    backend = Backend(models.BPE(vocab=_numbered(characters), merges=[], unk_token=SPECIALS[UNKNOWN], fuse_unk=False))
    backend.decoder = decoders.Fuse()
    backend.normalizer = normalizer
    backend.add_special_tokens(list(SPECIALS))
    return backend


def trainer_for(config: TokenizerConfig, characters: Sequence[str] = ()) -> Any:
    """The native trainer of a kind that has one (bpe, unigram, word, wordpiece).

    Args:
        config: The settings.
        characters: For `wordpiece`: the tokens of one character to begin with, `a` and `##a`. Left to itself the trainer
            numbers them anew each time, and every run ends in another vocabulary.
    """
    facts: dict[str, Any] = {"vocab_size": config.vocab_size, "special_tokens": [*SPECIALS, *characters]}
    if config.kind != "unigram":
        facts["min_frequency"] = config.min_frequency
    kind: Any
    match config.kind:
        case "bpe":
            kind = trainers.BpeTrainer
            facts |= {"initial_alphabet": ALPHABET, "max_token_length": _MAX_TOKEN_BYTES}
        case "unigram":
            kind = trainers.UnigramTrainer
            facts |= {"initial_alphabet": ALPHABET, "unk_token": SPECIALS[UNKNOWN]}
            facts["vocab_size"] = max(config.vocab_size, len(SPECIALS) + len(ALPHABET))  # it gives up where BPE makes room
        case "word":
            kind = trainers.WordLevelTrainer
        case "wordpiece":
            kind = trainers.WordPieceTrainer
            facts |= {"limit_alphabet": 0}
        case _:
            raise AssertionError(f"{config.kind} is not trained natively")
    # From tokenizers 0.23: one JSON object a line on standard error.
    facts |= {"progress_format": "json"} if hasattr(kind, "progress_format") else {"show_progress": False}
    return kind(**facts)


def finished(trained: Backend, config: TokenizerConfig) -> Backend:
    """The tokenizer to keep of what was trained: without the traces of threads, so that one text gives one tokenizer."""
    state = json.loads(trained.to_str())["model"]
    model: Any
    match config.kind:
        case "wordpiece":
            model = models.WordPiece(
                vocab=state["vocab"], unk_token=SPECIALS[UNKNOWN], max_input_chars_per_word=_LONGEST_WORD
            )
        case "unigram":
            # Scores differ in their last digits from run to run, and bytes that never occurred stand at the bottom in any
            # order, 0.0001 apart.
            specials, pieces = state["vocab"][: len(SPECIALS)], state["vocab"][len(SPECIALS) :]
            floor = round(min(score for _, score in pieces), 4)
            scores = {
                piece: floor if len(piece) == 1 and score < floor + 0.03 else round(score, 6) for piece, score in pieces
            }
            ordered = sorted(scores.items(), key=lambda entry: (-entry[1], entry[0]))
            # When there is hardly room for more than the bytes, the trainer forgets to count.
            room = max(0, config.vocab_size - len(SPECIALS) - len(ALPHABET))
            longer = {piece for piece, _ in [entry for entry in ordered if len(entry[0]) > 1][:room]}
            kept = [entry for entry in ordered if len(entry[0]) == 1 or entry[0] in longer]
            model = models.Unigram([*map(tuple, specials), *kept], UNKNOWN, False)
        case _:
            return trained
    backend = blank(config)
    backend.model = model
    backend.add_special_tokens(list(SPECIALS))
    return backend


def _normalizer(config: TokenizerConfig) -> normalizers.Normalizer | None:
    if config.kind == "wordpiece":
        return normalizers.BertNormalizer(
            clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=config.lower_case
        )
    steps: list[Any] = [normalizers.Lowercase()] if config.lower_case else []
    if config.kind == "word":
        # The first word of a text and of a line is spelled like all others, so that a name that only begins lines is known
        # at the beginning of a text. What never has a space of its own, Han and line ends, gets none.
        steps += [
            normalizers.Prepend(" "),
            normalizers.Replace(Regex(r"\A (?=\p{Han}|[^\S ])"), ""),
            normalizers.Replace(Regex(LINE_START), "\n "),
        ]
    if not steps:
        return None
    return steps[0] if len(steps) == 1 else normalizers.Sequence(steps)


def _numbered(tokens: list[str]) -> dict[str, int]:
    return {token: number for number, token in enumerate([*SPECIALS, *tokens])}
