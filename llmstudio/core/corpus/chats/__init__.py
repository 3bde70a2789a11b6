"""Conversations as programs save them: each export is recognised by its own keys and becomes turns.

In reading order: `told` (what was left out or decided), `roles` (words for who speaks), `messages` (one message),
`speakers` (messages become turns), `order` (oldest first), a file for each export (`chatgpt`, `telegram`, `discord`,
`messenger`, `whatsapp`, `trees`), `marked` (chat layouts), `exports` (which of them a JSON object is), `streaming` (in a
document of any length) and `gathering` (files whose rows are single messages).
"""
