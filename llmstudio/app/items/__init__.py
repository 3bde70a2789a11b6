"""What is in a project: which item a name means, and what is done to items whatever their kind.

- locate: which item a name means
- changing: another name, or gone, in one step
- create: how an item lands in a project; datasets
- ancestry: what a model was made from
- abilities: what a model can do, by what it was trained for
- loaded: models kept ready to speak
- shelf: the loaded models that stay in memory, bounded by bytes
- locks: one writer a project
- chats: chats kept under a name, also by two programs at once
- corpus_words: the different words of a corpus, kept beside it
- tokenizer_fit: which tokenizers fit a corpus, best first
- model_fit: which models can read a corpus
- showing: what an item tells people: once each, in words
"""
