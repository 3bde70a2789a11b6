"""Look inside a model, or play with one that does not chat: what the pages of Inspect ask, a file a page.

In:  a project, a model's name, what the person typed. Out: frozen dataclasses of numbers and text, never a tensor. Nothing
here saves anything. `subject` does without torch; everything else loads the engine first, if it is not there yet, and ends
in a StudioError as soon as its `stop` is requested.

- subject: what a model is, which pages suit it, and a text to begin with
- ready: the model in memory, or why it does not suit the page
- classes: which classes a model gives a text
- tags: which tag it gives each word
- fill: what stands in the blanks of a text
- rewrite: what a model of pairs makes of a text
- recurrence: what each unit held while a text was read
- reach: how far back a guess depends on what was read
- latent_space: the map of a VAE's space, and the sentence at any place
- latent_rival: a language model beside a VAE, on the same sentences
"""
