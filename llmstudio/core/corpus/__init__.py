"""Text in: files, archives and samples become cleaned, split records in shards on disk.

Read in this order: `records` (what a corpus is made of), `encoding_names`, `everyday_texts`,
`plausibility`, `file_kinds` and `encodings`, `plain_text`, `tables`, `json_records`, `web_pages`
(a family of files each), `columns` and `conversations` (what is what in a row), `archives` and `sources` (where files lie),
`file_reader` and `readers` (from a source to records), `steps` and `cleaning`, `duplicates`, `split`, `languages` and
`statistics`, `shards`, `building`, and `corpus`, which puts it all together.
"""
