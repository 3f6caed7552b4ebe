"""Chunks to question and answer pairs."""
