"""Cleaned text, documents that have been there before, and the language of each.

- stop_words: frequent small words that say little
- steps: the steps themselves, a function each
- uses: what a model's tags may be used for
- tagging: a step by a model that tags words
- cleaning: the cleaning steps in order, and what each would change
- duplicates: documents seen before, in bounded memory
- languages: which language a text is in
- language_votes: which languages a corpus is in: each document votes
"""
