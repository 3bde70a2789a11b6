"""Text to numbers and back: building a tokenizer, using it, looking inside it.

- config: settings, and the special tokens every tokenizer begins with
- kinds: how each kind is put together
- training: the job that builds one and tells how far it is
- learning: learning one from a corpus, and measuring the outcome
- tokenizer: one in use: encode, decode, spans
- growing: one with more tokens, those of a text that it lacks
- cutting: long texts cut for every core, where it changes no token
- checking: whether a tokenizer's file is one of ours, before the library reads it
- streaming: bytes to whole characters while tokens arrive
- plain_words: what counts as a word where texts are compared
- word_starts: where words begin in a row of tokens
- fit: how much of a text is unknown to one, and what to take instead
- in_gguf: which llama.cpp knows
- inspection: merges replayed, tokens counted, two compared
"""
