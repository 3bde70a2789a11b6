"""Text in: files, archives and samples become cleaned, split records in shards on disk."""
