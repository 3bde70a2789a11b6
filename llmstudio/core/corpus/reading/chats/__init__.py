"""Conversations as programs save them: each is recognised by its own keys and becomes turns.

- told: what was left out of them or decided, counted
- roles: words for user, assistant and story in many languages
- pieces: its words: speech, without thinking and tools' work
- messages: one message, whatever its keys are called
- chat_rows: one conversation of any length, in parts of a bounded length
- speakers: who is user and who assistant; groups keep their names
- numbered: messages in the order of their numbers
- order: oldest first, and along the branch that is shown
- utterances: what was said in turn where nobody is named
- exports/: files that chat programs export
- texts/: conversations in text files
- below: conversations that lie deep in one object
- parting: which column parts the conversations
- gathering: rows that are single messages, joined
- conversations: chats in the field's formats, brought to turns
"""
