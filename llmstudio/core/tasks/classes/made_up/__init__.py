"""Texts of rare classes that are made up, so that more of them can be learned. What was held out is left alone.

- texts: how many are made up of which class, which are kept, and the rows that they become
- sizes: how much work that is: shapes, steps, texts that are read and written
- learning: the small training loop of what makes them up
- language_model: a language model writes them, with the class before each text
- latent_gan: a GAN finds places for them in the latent space of a text VAE
- making: one of these at work, as a job
"""
