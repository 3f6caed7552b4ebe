"""Clients under test: one small driver each, every peer in an environment of its own. `environments` makes them."""
