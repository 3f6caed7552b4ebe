"""Verified rows to a release folder that trainers load."""
