"""Where people decide: the only user of Argilla."""
