"""The files that chat programs export, each told by its own keys.

- chatgpt: a tree of messages along its current branch
- slack: names of people by their ids, and messages without marks
- telegram: one chat, or all of an account
- telegram_page: a chat of it as web pages
- discord: a channel with its people and bots
- messenger: newest first, in broken UTF-8; Instagram's too
- trees: prompts and replies: every way through is a conversation
- exports: which of these a JSON object is
- streaming: the same in a document of any length
"""
