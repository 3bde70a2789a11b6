"""Other programs' formats.

- chat_layout: how a model is asked, as a template for other programs
- hugging_face: a folder that transformers opens without custom code
- gguf: a file that llama.cpp opens
"""
