"""Every verb, in the order in which the help lists them."""

from __future__ import annotations

from llmstudio.app.verbs import (
    ask,
    chat,
    classify,
    compact,
    delete,
    doctor,
    evaluate,
    export,
    generate,
    heal,
    import_corpus,
    list,
    prune,
    quantize,
    race,
    remedies,
    rename,
    resume,
    sensitivity,
    show,
    summarize,
    sweep,
    tag,
    tokenizer,
    tour,
    train,
    translate,
    worth,
)
from llmstudio.app.verbs.verb import Verb

VERBS: dict[str, Verb] = {
    verb.name: verb
    for verb in (
        tour.VERB,
        import_corpus.VERB,
        tokenizer.VERB,
        train.VERB,
        race.VERB,
        resume.VERB,
        rename.VERB,
        delete.VERB,
        evaluate.VERB,
        prune.VERB,
        heal.VERB,
        sweep.VERB,
        sensitivity.VERB,
        compact.VERB,
        quantize.VERB,
        generate.VERB,
        chat.VERB,
        ask.VERB,
        classify.VERB,
        tag.VERB,
        worth.VERB,
        remedies.VERB,
        translate.VERB,
        summarize.VERB,
        export.VERB,
        list.VERB,
        show.VERB,
        doctor.VERB,
    )
}
