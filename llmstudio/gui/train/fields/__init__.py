"""Fields that the settings of several modes have.

- family_list: which family of models
- size_slider: how large a model
- run_length: so many steps, or so much time
"""
