"""Models that speak: sampling, the one decoding loop, and the template of a chat."""
