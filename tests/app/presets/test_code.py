"""Code completion as it stands: a folder of source code comes in unchanged, trains, and a piece of it is gone on with."""

from __future__ import annotations

import json
from pathlib import Path

from llmstudio.app.presets.by_name import choose
from llmstudio.app.verbs.generate import generate
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core import recipe, settings
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.events import Finished
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def test_that_a_folder_of_source_code_is_kept_sign_by_sign_learned_from_and_gone_on_with(tmp_path: Path) -> None:
    entry, project, stop = choose("decoder", "code"), Project(tmp_path / "project"), Stop()
    files = {path.name: path.read_text("utf-8") for path in Path(json.__file__).parent.glob("*.py")}
    files |= {"tabs.py": "if True:\n\tx  =  1   # spaces\n\n\n\n\tprint('<b>&amp;</b> https://a.b/c')\n"}
    (tmp_path / "code").mkdir()
    for name, text in files.items():
        (tmp_path / "code" / name).write_text(text, "utf-8", newline="")
    config = settings.change_all(CorpusConfig(), {"reading.format": "text"})
    list(import_corpus(project, [str(tmp_path / "code")], name="code", config=config, stop=stop))
    corpus = Corpus(project.path("corpus", "code"))
    kept = "".join(record["text"] for part in ("train", "val") for record in corpus.records(part))
    assert sorted(kept) == sorted("".join(files.values()))
    assert files["tabs.py"] in kept
    list(build_tokenizer(project, "code", name="tokens", config=entry.tokenizer, stop=stop))
    tokenizer = Tokenizer.load(project.path("tokenizer", "tokens"))
    for text in files.values():
        assert tokenizer.decode(tokenizer.encode(text)) == text
    small = {
        "training.max_steps": 3, "training.batch_size": 2, "training.threads": 1, "training.number_format": "fp32",
        "model.num_layers": 1, "model.embed_dim": 48,
    }  # fmt: skip
    wanted = recipe.change(entry.recipe, small)
    *_, end = train(project, corpus="code", tokenizer="tokens", name="m", recipe=wanted, stop=stop)
    assert isinstance(end, Finished)
    *_, end = generate(project, "m", prompt="def dumps(", config=GenerationConfig(max_new_tokens=8), stop=stop)
    assert isinstance(end, Finished)
    assert end.result["tokens"] > 0
