"""Prompts are files that people can edit, and the loader that reads them."""
