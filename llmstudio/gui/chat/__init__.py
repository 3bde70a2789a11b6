"""Chat: talking to a model.

- tab: talking to a model
- conversation: the chat in sight: opened, shown, saved, renamed, deleted
- answering: its newest message answered, written again, edited
- answer: one that is being written, and in which chat
- reading: what its model has read
- silent: in its place for a model that does not chat
- list: the saved chats
- page: the page a conversation happens on
- view: the shown branch, a widget a message
- message: one message of a chat
- facts: the small line under it
- following: the end of a conversation kept in sight
- folder/: questions over a folder
- welcome: an invitation and questions to press
- settings: how it is held
- context_meter: how full the context is
"""
