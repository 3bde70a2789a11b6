"""Settings of sparsity that is fitted while a model trains: which weights are zero, from when on, and which come back."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.core.errors import StudioError
from llmstudio.core.settings import setting
from llmstudio.core.words import Words, words

RANDOM = frozenset({"static", "set", "rigl"})
"""Methods that are as sparse as asked from the first step on."""
NONZEROS_ALONE = RANDOM
"""Those of them that need nothing of what is gone."""
BY_STEPS = frozenset({"gradual", "movement"})
"""Methods that take weights away step by step."""
FITTED = BY_STEPS | RANDOM | {"proximal", "lottery"}
"""All methods."""
_CHANGING = BY_STEPS | {"set", "rigl"}
_READ_BY: dict[str, frozenset[str]] = {
    "method": FITTED | {"none"},
    "sparsity": FITTED - {"proximal"},
    "distribution": FITTED - {"proximal"},
    "storage": NONZEROS_ALONE,
    "begin_share": BY_STEPS,
    "end_share": _CHANGING | {"proximal"},
    "changes": _CHANGING,
    "drop_share": frozenset({"set", "rigl"}),
    "l1": frozenset({"proximal"}),
    "rounds": frozenset({"lottery"}),
    "rewind_share": frozenset({"lottery"}),
}
"""Which methods read a setting; all do where nothing stands here."""


@dataclass(frozen=True)
class SparseConfig:
    """How a run makes its model sparse. By itself it does not."""

    method: str = setting(
        "none",
        label="Sparse training",
        help="Weights become zero while the model learns, so that the others can make up for them. The smallest go"
        " gradually; or, in fine-tuning, those that training moves towards zero. L1 pulls all towards zero. A lottery ticket"
        " is what is left after a training, trained again from early on. The last three are sparse from the first step on:"
        " RigL lets the smallest give way to those with the largest gradients, SET to any, and a fixed mask stays as it is.",
        choices={
            "none": "no",
            "gradual": "gradually, the smallest",
            "movement": "gradually, by movement",
            "proximal": "L1, soft threshold",
            "lottery": "lottery ticket",
            "rigl": "RigL",
            "set": "SET",
            "static": "fixed mask",
        },
        advanced=True,
        source="Zhu and Gupta 2017, arXiv:1710.01878; Sanh et al. 2020, arXiv:2005.07683; Frankle and Carbin 2019,"
        " arXiv:1803.03635; Evci et al. 2020, arXiv:1911.11134; Mocanu et al. 2018, arXiv:1707.04780",
    )
    sparsity: float = setting(
        0.8,
        label="Sparsity reached",
        help="The share of the weights that may go which are zero at the end of the run, exactly.",
        ge=0.0,
        le=0.99,
        advanced=True,
    )
    distribution: str = setting(
        "uniform",
        label="Zeros shared out",
        help="The same share of every matrix; more of wide matrices and less of narrow ones (Erdős–Rényi); or whichever"
        " weights of the whole model matter least, though a little of every matrix is left.",
        choices={"uniform": "evenly", "erk": "by width (ERK)", "global": "over the whole model"},
        advanced=True,
        source="Mocanu et al. 2018, arXiv:1707.04780; Evci et al. 2020, arXiv:1911.11134",
    )
    keep_embeddings: bool = setting(
        True,
        label="Tables stay whole",
        help="Embeddings and head, the tables of tokens, keep all of their weights; they are small and matter much.",
        advanced=True,
    )
    storage: str = setting(
        "masked",
        label="Kept while training",
        help="All weights, of which those that are gone are masked: any method can do that, in the memory of a dense model."
        " Or the nonzeros alone: each takes 18 bytes with its place, gradient and moments, where a dense weight takes 16, so"
        " that at 90 % zeros these take a ninth of the memory. What passes through the model takes what it always does, and"
        " recurrent layers lay their matrices out for each pass.",
        choices={"masked": "all weights, masked", "nonzeros": "nonzeros alone"},
        advanced=True,
    )
    begin_share: float = setting(
        0.1,
        label="First zeros after",
        help="This share of the steps is taken before the first weight goes.",
        ge=0.0,
        le=1.0,
        advanced=True,
    )
    end_share: float = setting(
        0.7,
        label="Last change after",
        help="After this share of the steps nothing goes or comes back any more: what is left learns on as it is.",
        ge=0.0,
        le=1.0,
        advanced=True,
    )
    changes: int = setting(
        50,
        label="Changes",
        help="How often weights go or come back, evenly spread between the first and the last time; never more than once a"
        " step.",
        ge=1,
        le=100_000,
        advanced=True,
    )

    drop_share: float = setting(
        0.3,
        label="Exchanged at a change",
        help="So much of the weights that are there gives way to others at each change; with RigL ever less, down to none.",
        ge=0.0,
        le=0.9,
        advanced=True,
        source="Evci et al. 2020, arXiv:1911.11134",
        symbol="α",
    )
    l1: float = setting(
        0.2,
        label="L1 penalty",
        help="So much of the learning rate is how much nearer to zero each weight comes in a step. More makes more zeros;"
        " how many is seen as the model learns.",
        ge=0.0,
        le=100.0,
        advanced=True,
        source="Parikh and Boyd 2014, Proximal algorithms",
        symbol="λ",
    )
    rounds: int = setting(
        4,
        label="Lottery rounds",
        help="How often the smallest weights go after a training. The steps of the run are for all of these trainings"
        " together.",
        ge=1,
        le=30,
        advanced=True,
        source="Frankle and Carbin 2019, arXiv:1803.03635",
    )
    rewind_share: float = setting(
        0.05,
        label="Lottery goes back to",
        help="What is left goes back to what it was after this share of the first training. 0 for the very beginning.",
        ge=0.0,
        le=0.9,
        advanced=True,
        source="Frankle et al. 2020, arXiv:1912.05671",
    )

    def __post_init__(self) -> None:
        if self.begin_share > self.end_share and self.method in BY_STEPS:
            raise StudioError(
                "The last weights cannot go before the first ones.", paths=("sparse.begin_share", "sparse.end_share")
            )
        if self.storage == "nonzeros" and self.fits and self.method not in NONZEROS_ALONE:
            raise StudioError(
                "This way of becoming sparse looks at weights that are not there: all have to be kept, and those masked.",
                paths=("sparse.storage", "sparse.method"),
            )
        if self.distribution == "global" and self.method in RANDOM:
            raise StudioError(
                "This method shares its zeros out before it knows which weights matter: evenly, or by width.",
                paths=("sparse.distribution", "sparse.method"),
            )

    def idle(self) -> dict[str, Words]:
        """Settings that do nothing beside the others, each with the reason."""
        reason = words("this way of becoming sparse does not ask for it")
        if not self.fits:
            reason = words("the model stays dense while it trains")
        return {name: reason for name in vars(self) if self.method not in _READ_BY.get(name, FITTED)}

    @property
    def is_plain(self) -> bool:
        """Whether nothing is set."""
        return self == SparseConfig()

    @property
    def fits(self) -> bool:
        """Whether a run makes its model sparse."""
        return self.method != "none"

    @property
    def keeps_nonzeros(self) -> bool:
        """Whether a run keeps nothing of weights that are gone."""
        return self.fits and self.storage == "nonzeros"
