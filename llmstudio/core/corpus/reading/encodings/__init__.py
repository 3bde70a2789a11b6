"""How the bytes of a file spell letters.

- names: the encodings on offer, by every name they go by
- everyday_texts: a few sentences in forty languages, to count letters in
- plausibility: how likely bytes are as a text in an encoding and a language
- file_kinds: files that hold no plain text, and the way from them to text
- encodings: how a file's bytes spell letters
- twice_spelled: letters that were turned into UTF-8 twice are told
"""
