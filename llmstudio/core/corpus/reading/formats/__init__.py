"""Formats that hold running text: what a person wrote is taken out of them.

- plain_text: running text in pieces a reader would cut
- separators: marks that part the documents in one file
- frames: what the lines of a text share beside their words: tags, times, marks
- learned_signs: signs that are no words: pictures, tags, names of recordings, quotes
- labelled_lines: a label and a text in each line
- line_texts: lines that begin with a label, and what only looks like a table
- gutenberg: the frame around Project Gutenberg's books is told
- front_matter: title, tags and layout above a text in Markdown
- wiki_documents: articles between <doc> and </doc>
- web_pages: what a reader sees of an HTML page
- rich_text: the words of formatted text (RTF)
- mail: subject and text of messages
- subtitles: what is said in subtitles and sung in lyrics
- foreign_texts: texts inside formatted text, notebooks, subtitles, wiki dumps and mail
- translations: memories and files of translators (TMX, XLIFF): pairs
"""
