"""Pairs are checked without trusting the model that wrote them."""
