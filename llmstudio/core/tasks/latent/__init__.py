"""Keeping a sentence in a few numbers.

- settings: what using a latent space costs, and when
- task: rows, loss and scores
- kl_schedule: how the price of a latent space comes in
- score: bounds on what a VAE's sentences cost
"""
