"""Settings of the tasks: one frozen dataclass each (no torch); those of the latent space stand in `latent`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from llmstudio.core.models.config import Look
from llmstudio.core.settings import setting


@dataclass(frozen=True)
class TaskSettings:
    """Settings of a task that has none."""

    @property
    def guessed_share(self) -> float:
        """Share of a row's tokens that are guessed in a step."""
        return 1.0

    @property
    def has_table(self) -> bool:
        """Whether a large table is learned beside the network, with a score of each class for every hashed feature."""
        return False

    def num_scores(self, num_classes: int) -> int:
        """How many numbers are learned for so many classes, each of which has a score."""
        return num_classes

    @property
    def look(self) -> Look:
        """What a look at the held-out text reads at once."""
        return Look(guessed_share=self.guessed_share)

    def without_phases(self) -> Self:
        """The same for a run that begins with a trained model, which has the phases of its training behind it."""
        return self


@dataclass(frozen=True)
class MarkedSettings(TaskSettings):
    """Settings of a task that learns the marks of rows, and not their tokens."""

    @property
    def guessed_share(self) -> float:
        """No token is guessed."""
        return 0.0

    @property
    def look(self) -> Look:
        """Without logits of tokens there is room for more of them."""
        return Look(tokens=4096, guessed_share=0.0)


@dataclass(frozen=True)
class MaskedSettings(TaskSettings):
    """How words are hidden.

    Source: Devlin et al. 2019, arXiv:1810.04805.
    """

    mask_rate: float = setting(
        0.15,
        label="Hidden share",
        help="Share of the words that are hidden in each row and have to be guessed. More teaches more a step, but leaves"
        " less to guess from.",
        ge=0.01,
        le=0.9,
        source="Devlin et al. 2019, arXiv:1810.04805; Wettig et al. 2023, arXiv:2202.08005",
    )
    whole_words: bool = setting(
        True,
        label="Whole words",
        help="Hide all tokens of a word together: a missing piece is too easily guessed from the rest of its word.",
        source="Cui et al. 2019, arXiv:1906.08101",
    )
    rare_words: float = setting(
        0.5,
        label="Rare words first",
        help="0 hides every word equally often; the higher, the rarer are small frequent words hidden, which teach little.",
        ge=0.0,
        le=1.0,
        source="Mikolov et al. 2013, arXiv:1310.4546",
    )

    @property
    def guessed_share(self) -> float:
        """The hidden ones."""
        return self.mask_rate

    @property
    def look(self) -> Look:
        """Looks hide as much for every model, whatever its training hid, so that they compare."""
        return Look(guessed_share=0.15)


@dataclass(frozen=True)
class PairsSettings(TaskSettings):
    """How targets are learned."""

    label_smoothing: float = setting(
        0.1,
        label="Label smoothing",
        help="Share of certainty that every target gives away to all other tokens, against being too sure.",
        ge=0.0,
        le=0.9,
        source="Szegedy et al. 2016, arXiv:1512.00567",
    )

    @property
    def look(self) -> Look:
        """The tokens of sources, which are not guessed, count too."""
        return Look(rows=128, tokens=4096)


def _replace_share(source: str) -> Any:
    return setting(
        0.0,
        label="Words replaced",
        help="Share of a text's words that are replaced by one of their five nearest neighbours in the table of tokens, anew"
        " each time it is learned from. It helps where there are few texts and the table knows words: begin with word"
        " vectors or with a model that has read.",
        ge=0.0,
        le=0.5,
        advanced=True,
        source=source,
    )


@dataclass(frozen=True)
class ClassifySettings(MarkedSettings):
    """How classes are learned."""

    label_share: float = setting(
        1.0,
        label="Share of the labels",
        help="So many of the texts of each class are learned from, the others are left out: to see how many it takes.",
        ge=0.0001,
        le=1.0,
        advanced=True,
    )
    pooling: str = setting(
        "mean",
        label="Read from",
        help="From what of a text the classes are predicted: from all tokens alike, from the last or the first one, from"
        " those that a learned weighing picks, or from phrases of up to four tokens that filters look for, wherever they"
        " stand.",
        choices={
            "mean": "all tokens",
            "last": "the last token",
            "first": "the first token",
            "attention": "picked tokens",
            "phrases": "phrases",
        },
        source="Kim 2014, arXiv:1408.5882 (phrases)",
    )
    wording: bool = setting(
        False,
        label="Words and phrases",
        help="Learn beside the network what each word, each phrase of up to three and each part of a word says of the class,"
        " wherever it stands. With a few thousand texts this is worth more than the network alone finds.",
        source="Joulin et al. 2017, arXiv:1607.01759; Cheng et al. 2016, arXiv:1606.07792 (wide and deep)",
    )
    wording_dropout: float = setting(
        0.3,
        label="Dropout of words and phrases",
        help="Share of them that is silenced while learning, so that no single one is relied on.",
        ge=0.0,
        le=0.9,
        advanced=True,
        source="Srivastava et al. 2014",
    )
    word_dropout: float = setting(
        0.0,
        label="Hidden while learning",
        help="Share of a text's tokens that are hidden in every step, so that no single word is relied on.",
        ge=0.0,
        le=0.9,
        source="Iyyer et al. 2015 (deep averaging networks)",
    )
    head_dropout: float = setting(
        0.2,
        label="Dropout before the classes",
        help="Share of what was read that is silenced while learning, so that no single hint is relied on.",
        ge=0.0,
        le=0.9,
        source="Srivastava et al. 2014",
    )
    label_smoothing: float = setting(
        0.0,
        label="Label smoothing",
        help="Share of certainty that the true class gives away to all others, against being too sure. Held-out texts are"
        " measured without it.",
        ge=0.0,
        le=0.9,
        source="Szegedy et al. 2016, arXiv:1512.00567",
    )

    delete_share: float = setting(
        0.0,
        label="Words left out",
        help="Share of a text's words that are left out, others each time it is learned from: few texts become many.",
        ge=0.0,
        le=0.5,
        advanced=True,
        source="Wei and Zou 2019, arXiv:1901.11196",
        symbol="α",
    )
    swap_share: float = setting(
        0.0,
        label="Words swapped",
        help="Share of a text's words that change places with another one, others each time it is learned from.",
        ge=0.0,
        le=0.5,
        advanced=True,
        source="Wei and Zou 2019, arXiv:1901.11196",
        symbol="α",
    )
    replace_share: float = _replace_share("Wei and Zou 2019, arXiv:1901.11196; Wang and Yang 2015")
    translate_there: str = setting(
        "",
        label="Translated by",
        help="A model of this project that translates: before the run it and the next one bring every text to learn from"
        " back in other words, as one more text with the same label.",
        advanced=True,
        source="Sennrich et al. 2016, arXiv:1511.06709; Yu et al. 2018, arXiv:1804.09541",
    )
    translate_back: str = setting(
        "",
        label="and back by",
        help="A model of this project that translates what the other one has written back into the language of the texts.",
        advanced=True,
    )
    imbalance: str = setting(
        "none",
        label="Rare classes",
        help="What is done for classes with few texts: their texts count more in the loss, what is known already counts less"
        " (focal loss), the model learns against what is frequent anyway (logit adjustment), rare texts are shown more"
        " often, or frequent ones left out; probabilities are moved before a class is predicted, so that macro-F1 is best on"
        " the validation texts; or a small language model, or a GAN in the latent space of a text VAE, learns from the texts"
        " first and makes up more of rare classes. Held-out texts are measured by plain cross-entropy with every remedy.",
        choices={
            "none": "nothing",
            "inverse": "weights, inverse",
            "square_root": "weights, square root",
            "effective_number": "weights, effective number",
            "focal": "focal loss",
            "logit_adjustment": "logit adjustment",
            "oversampling": "shown more often",
            "undersampling": "frequent left out",
            "threshold": "moved threshold",
            "language_model": "texts of a language model",
            "latent_gan": "texts of a GAN",
        },
        source="Cui et al. 2019, arXiv:1901.05555; Lin et al. 2017, arXiv:1708.02002; Menon et al. 2021, arXiv:2007.07314;"
        " Anaby-Tavor et al. 2020, arXiv:1911.03118; Donahue and Rumshisky 2018, arXiv:1810.06640",
    )
    made_up_times: int = setting(
        5,
        label="Made-up texts",
        help="For each text of a rare class at most so many are made up, up to half of what an even share of the texts would"
        " be, and 1,000 in all. One core works on it before the first step, as the forecast says, with some 250 MB.",
        ge=1,
        le=100,
        advanced=True,
    )

    @property
    def has_table(self) -> bool:
        """That of words and phrases."""
        return self.wording


@dataclass(frozen=True)
class TagSettings(MarkedSettings):
    """How tags of words are learned."""

    label_share: float = setting(
        1.0,
        label="Share of the labels",
        help="So many of the sentences are learned from, the others are left out: to see how many it takes.",
        ge=0.0001,
        le=1.0,
        advanced=True,
    )
    pieces: str = setting(
        "mean",
        label="Read from",
        help="From which of a word's tokens its tag is predicted. What reads forwards knows the whole word only at its last"
        " one.",
        choices={"first": "its first token", "last": "its last token", "mean": "all its tokens"},
    )
    window: int = setting(
        0,
        label="Words beside",
        help="The head reads the vectors of a word and of so many words on each side of it together, through a hidden layer:"
        " what stands close by is learned from few sentences, even where the model below has no layers. 0 for each word's"
        " own vector.",
        ge=0,
        le=10,
        advanced=True,
        source="Collobert et al. 2011, arXiv:1103.0398",
    )
    crf: bool = setting(
        False,
        label="Whole rows of tags",
        help="Learn which tag follows which, and choose the best row of tags instead of the best tag for each word.",
        source="Lafferty, McCallum and Pereira 2001; Lample et al. 2016, arXiv:1603.01360",
    )
    ends: bool = setting(
        True,
        label="Learn where words end",
        help="Where words of Chinese are sought, whether a character ends a word is learned too; told is only where words"
        " begin. From 330 sentences 2 of 100 words more are found so.",
        source="Xue 2003; Peng, Feng and McCallum 2004",
        advanced=True,
    )
    spelling: bool = setting(
        False,
        label="Read the spelling",
        help="Learn beside the network what a word's letters, endings, capitals and neighbours say of its tag. With few"
        " sentences to learn from this is worth more than the network alone finds.",
        source="Ratnaparkhi 1996; Weinberger et al. 2009, arXiv:0902.2206",
    )
    spelling_least: int = setting(
        2,
        label="Spelling seen at least",
        help="So often must a hint of the spelling stand in the text to be learned from: what was seen once is learned by"
        " heart. Of very few sentences, 1.",
        ge=1,
        le=1000,
        advanced=True,
    )
    spelling_dropout: float = setting(
        0.3,
        label="Dropout of spelling",
        help="Share of what the spelling says that is silenced while learning, so that rare words rely on their endings.",
        ge=0.0,
        le=0.9,
        advanced=True,
        source="Srivastava et al. 2014",
    )
    replace_share: float = _replace_share("Dai and Adel 2020, arXiv:2010.11683")
    head_dropout: float = setting(
        0.2,
        label="Dropout before the tags",
        help="Share of what was read that is silenced while learning, so that no single hint is relied on.",
        ge=0.0,
        le=0.9,
        source="Srivastava et al. 2014",
    )

    @property
    def has_table(self) -> bool:
        """That of spellings."""
        return self.spelling

    def num_scores(self, num_classes: int) -> int:
        """Two more where words are sought, if their ends are learned; two tags are taken for those of words."""
        return 4 if self.ends and num_classes == 2 else num_classes
