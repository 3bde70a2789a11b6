"""Settings of teaching: which weights of a model that has learned already learn on, and how fast."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.core.models.config import TOKENS
from llmstudio.core.settings import setting
from llmstudio.core.words import Words, words

MATRICES = ("attention", "feed_forward", "cells", "others")
EMBED, HEAD, ADDED = "embed", "head", ""
"""Parts that every model has, as `ModelConfig` names them, and what a change has added."""


@dataclass(frozen=True)
class TeachingConfig:
    """How a run treats the weights that it begins with. By itself all of them learn, all at one rate.

    Those of a new model may be word vectors, and any model may have a teacher; all else is for runs that begin with the
    weights of another model.
    """

    weights: str = setting(
        "all",
        label="What learns",
        help="Which weights of the model that the run begins from are changed; all others stay as they are. The fewer learn,"
        " the less is forgotten, and the less memory it takes. Zeros of a pruned model stay zeros, whatever learns.",
        choices={
            "all": "all weights",
            "last_layers": "the last layers",
            "all_but_embeddings": "all but the embeddings",
            "head_only": "the head only",
            "lora": "small matrices beside (LoRA)",
        },
        advanced=True,
        source="Howard and Ruder 2018, arXiv:1801.06146; Hu et al. 2021, arXiv:2106.09685",
    )
    last_layers: int = setting(
        1,
        label="Last layers",
        help="How many layers learn, counted from the top, with the norm and the head above them. Of a model of two halves"
        " so many in each.",
        ge=1,
        le=128,
        unit="layers",
        advanced=True,
    )
    layer_decay: float = setting(
        1.0,
        label="Rate by layer",
        help="Each layer learns at so much of the rate of the layer above it, and the embeddings at so much of the lowest"
        " layer's: what lies deep is general and needs little change. 1 for one rate everywhere.",
        ge=0.05,
        le=1.0,
        advanced=True,
        source="Howard and Ruder 2018, arXiv:1801.06146",
        symbol="1/2.6",
    )
    unfreeze_share: float = setting(
        0.0,
        label="Unfreezing",
        help="Share of the steps until another layer begins to learn: the topmost and the head begin, the embeddings come"
        " last. 0 if all begin together.",
        ge=0.0,
        le=1.0,
        advanced=True,
        source="Howard and Ruder 2018, arXiv:1801.06146",
    )

    lora_rank: int = setting(
        4,
        label="LoRA rank",
        help="Through so many numbers goes what is added to each matrix: the fewer, the less can be learned and the less"
        " memory it takes.",
        ge=1,
        le=1024,
        advanced=True,
        source="Hu et al. 2021, arXiv:2106.09685",
        symbol="r",
    )
    lora_alpha: float = setting(
        8.0,
        label="LoRA scale",
        help="How much what is added counts: so much over the rank. Another rank then needs no other learning rate.",
        ge=0.01,
        le=10_000.0,
        advanced=True,
        source="Hu et al. 2021, arXiv:2106.09685",
        symbol="α",
    )
    lora_matrices: str = setting(
        "everything",
        label="LoRA matrices",
        help="Beside what there are small matrices: all matrices (of recurrent layers those of their cells) and the table of"
        " tokens, which a small model that has read little needs most; all matrices, the table, or in Transformers those of"
        " attention or of the feed-forward part alone.",
        choices={
            "everything": "all and the table of tokens",
            "all": "all",
            "tokens": "the table of tokens",
            "attention": "attention",
            "feed_forward": "feed-forward",
        },
        advanced=True,
        source="Hu et al. 2021, arXiv:2106.09685; Dettmers et al. 2023, arXiv:2305.14314",
    )
    lora_dropout: float = setting(
        0.0,
        label="LoRA dropout",
        help="Share of what comes in that the small matrices do not see while they learn.",
        ge=0.0,
        le=0.9,
        advanced=True,
        source="Hu et al. 2021, arXiv:2106.09685",
    )

    lora_kept: str = setting(
        "merged",
        label="LoRA is kept",
        help="Merged: when the run has ended, what was learned is added to the weights, and these are kept whole. As a small"
        " adapter: only what was learned is kept, and everything else is read from the model that the run began from, which"
        " has to stay in the project.",
        choices={"merged": "merged into the weights", "adapter": "as a small adapter"},
        advanced=True,
        source="Hu et al. 2021, arXiv:2106.09685",
    )

    word_vectors: str = setting(
        "",
        label="Word vectors",
        help="A text file with a vector a word that others have learned (word2vec's text format, GloVe, fastText's .vec,"
        " also packed by gzip): the words of the vocabulary begin with these, all others at random. They are scaled to the"
        " size of the numbers that they replace. For new models whose width is that of the vectors. Or corpus: and the"
        " name of a corpus, such as corpus:News: vectors are counted from what stands beside what in its text.",
        advanced=True,
        is_file=True,
        source="Mikolov et al. 2013, arXiv:1310.4546; Pennington et al. 2014; Bojanowski et al. 2017, arXiv:1607.04606;"
        " Levy, Goldberg and Dagan 2015, doi:10.1162/tacl_a_00134 (counted)",
    )
    freeze_vectors: bool = setting(
        False,
        label="Keep the vectors",
        help="The table of tokens stays as it begins: what the vectors know of words that the text lacks is not lost, and"
        " words without a vector stay random.",
        advanced=True,
        source="Kim 2014, arXiv:1408.5882 (static)",
    )
    new_tokens: int = setting(
        0,
        label="New tokens",
        help="So many words or signs of the text, at most, that the model's tokenizer does not know become tokens, the most"
        " frequent first. The model gets a tokenizer of its own; all old tokens stay as they are. The rows of the new ones"
        " learn, whatever else does. 0 for none.",
        ge=0,
        le=1_000_000,
        unit="tokens",
        advanced=True,
        source="Hewitt 2021, Initializing new word embeddings for pretrained language models",
    )

    rehearsal_share: float = setting(
        0.0,
        label="Rehearsal",
        help="How much of what is learned in each step is the text that the model had learned from, so that it forgets less"
        " of it. The rows of a batch stay; those of that text come beside them.",
        ge=0.0,
        le=0.5,
        advanced=True,
        source="Robins 1995",
    )
    parent_loss: bool = setting(
        False,
        label="Watch forgetting",
        help="At every look the loss is also measured on what was held out of the text that the model had learned from, each"
        " time on the same tokens, as many as a check reads. Looks take twice as long. With rehearsal it is measured in any"
        " case.",
        advanced=True,
    )

    teacher: str = setting(
        "",
        label="Teacher",
        help="The name of a model of this project with the same tokenizer that has learned the same task: a larger one or,"
        " for a pruned model, the one that it was. The model learns from the right answers and from how likely the teacher"
        " finds each wrong one. The teacher itself learns nothing. Empty for none.",
        advanced=True,
        source="Hinton, Vinyals and Dean 2015, arXiv:1503.02531",
    )
    distil_share: float = setting(
        0.5,
        label="Learned from the teacher",
        help="How much of the loss is by the teacher's guesses; the rest is by the right answers.",
        ge=0.0,
        le=1.0,
        advanced=True,
        source="Hinton, Vinyals and Dean 2015, arXiv:1503.02531",
    )
    distil_temperature: float = setting(
        2.0,
        label="Distilling temperature",
        help="Above 1 the guesses of both models are made flatter before they are compared, so that more of what the teacher"
        " finds unlikely is learned.",
        ge=0.25,
        le=20.0,
        advanced=True,
        source="Hinton, Vinyals and Dean 2015, arXiv:1503.02531",
    )

    @property
    def distils(self) -> bool:
        """Whether a teacher's guesses count in the loss."""
        return bool(self.teacher) and self.distil_share > 0

    def idle(self) -> dict[str, Words]:
        """Settings that do nothing beside the others, each with the reason; what depends on the model is not among them."""
        idle: dict[str, Words] = {}
        if not self.teacher:
            idle |= dict.fromkeys(("distil_share", "distil_temperature"), words("there is no teacher"))
        if not self.adapts:
            own = ("lora_rank", "lora_alpha", "lora_matrices", "lora_dropout", "lora_kept")
            idle |= dict.fromkeys(own, words("no matrices are put beside those of the model"))
        return idle

    @property
    def reads_parent(self) -> bool:
        """Whether a run reads the text that the model which it begins from had learned from."""
        return bool(self.rehearsal_share) or self.parent_loss

    @property
    def adapts(self) -> bool:
        """Whether matrices stay as they are and small ones beside them learn."""
        return self.weights == "lora"

    @property
    def keeps_adapter(self) -> bool:
        """Whether only what was learned is kept, beside the weights of the model that the run begins from."""
        return self.adapts and self.lora_kept == "adapter"

    def kinds(self) -> tuple[str, ...]:
        """The kinds of matrices that are adapted, see `models.config.Matrices`, and `TOKENS`; none where nothing is."""
        if not self.adapts:
            return ()
        whole = {"everything": (*MATRICES, TOKENS), "all": MATRICES}
        return whole.get(self.lora_matrices, (self.lora_matrices,))

    @property
    def is_plain(self) -> bool:
        """Whether all weights learn alike."""
        return self == TeachingConfig()

    def learns(self, part: str, depth: int, *, head: str) -> bool:
        """Whether a part of a model, `depth` layers below the top, ever learns; what LoRA puts beside it always does.

        Args:
            part: Its name in `ModelConfig`; empty for what a change has added, such as a head for classes.
            depth: See `models.depth`.
            head: The part that gives the answers of the task.
        """
        if part == EMBED and self.word_vectors and self.freeze_vectors:
            return False
        match self.weights:
            case "last_layers":
                return part != EMBED and depth < self.last_layers
            case "all_but_embeddings":
                return part != EMBED
            case "head_only":
                return part == head
            case "lora":
                return part == head == ADDED
        return True

    def begins(self, depth: int, max_steps: int) -> float:
        """The step from which on what lies so deep learns."""
        return depth * self.unfreeze_share * max_steps

    def rate(self, depth: int) -> float:
        """At which share of the learning rate what lies so deep learns."""
        return float(self.layer_decay**depth)
