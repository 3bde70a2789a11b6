"""The journey: home, corpus, tokenizer, train, prune, chat. Tabs talk to the session, never to each other."""
