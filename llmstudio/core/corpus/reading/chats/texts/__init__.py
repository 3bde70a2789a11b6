"""Conversations in text files: marks of a layout, speakers at the beginning of lines.

- templates: turns spelled with the marks of a model's chat template
- spoken_lines: speakers as headings, in bold, numbered, or below a time
- marked: a text file of conversations in a chat layout (ChatML, [INST])
- whatsapp: a chat as a text with a message a line
- stamps: dates and times of many countries
- stamped: chats of LINE, KakaoTalk, QQ, Discord and others, each in its layout
- irc: a log of a channel with a name in <> a line
- transcripts: subtitles that name who speaks
"""
