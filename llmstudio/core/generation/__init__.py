"""Models that speak: sampling, the one decoding loop, and the template of a chat.

- config: settings: how the next token is chosen, when to end
- prompt: a chat as the ids a model reads, cut to its context
- sampling: temperature, top-k, top-p, min-p
- constraints: what may not come next: tokens that are no text, and what was said too often
- stop_strings: texts that end the text
- generate: the one decoding loop
- backends/: ways to get the next token out of a model, each with what it can run
- greedy: many texts side by side, each by the likeliest token
- beam: beam search with a length penalty
- fill: blanks of a text, filled from both sides
- classes: which classes a model gives a text
- spelling: what the spelling of words and their neighbours tells, as features
- tags: which tag a model gives each word
- latent: play in a text VAE's latent space
- retell: what a text VAE makes of a prompt
- chat: a chat as a tree of messages
- counting/: what counting the words of the training text gives, to compare with
"""
