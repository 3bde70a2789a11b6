"""What is written of the small world: a file for each kind of text.

- stories: tales: a plot, a cast, a sentence for every step
- forms_scenes: the sentences scenes are told and asked in
- scenes: scenes: people, facts on them, an event that changes one
- questions: a question, its answer, and what else the passage offers
- small_talk: greetings, thanks, what everybody knows
- dialogue: conversations about a tale or a scene
- pairs: one sentence in English and in Chinese
- reviews: short reviews with a label, one of them rare
- tour: the slice the guided journey learns from
"""
