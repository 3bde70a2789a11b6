"""Questions over a folder, in a conversation.

- bar: which folder, how far it is read
- asking: the folder that is asked, chosen or let go on the tab
- sources: where an answer comes from, as links under it
- passage: one of them where it stands in its file
"""
