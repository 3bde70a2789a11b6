"""The words of the small world, in English and simplified Chinese.

- people: names, family, work, feelings
- things: what one can hold, wear, eat, give
- nature: animals, plants, places, weather
- actions: what people do and how they say it
- lexicon: the words as the grammar takes them
"""
