"""The pages of Inspect, each for what some models can do.

- page: what all its pages share
- question: one at a time, and what is said while its answer takes long
- sentence: what pages share that begin with one sentence
- classes: how likely the classes of a text are
- tags: a sentence, each word with its tag
- fill: blanks, and what else was thought of
- rewrite: a text rewritten, and versions that came close
- compare: held-out pairs and what is made of them, in a table that sorts by score
- latent: rebuild, sample, slide, walk on the map
- spot: the sentence of a place, and its neighbours
- latent_map: a map of sentences to press on
- trail: a way through the space, and the slider along it
- latent_figures: how much of the space is in use, and what a sentence costs
- unit_sliders: numbers of a latent place to turn
- recurrence: a text coloured by a unit or a gate
- reach: how far back, and a second model beside it
"""
