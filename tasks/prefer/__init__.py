"""Pairs to preferences: a better and a worse answer."""
