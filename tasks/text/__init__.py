"""What Korean and English text means: normal forms, numbers, clause references. Written once, used by every step."""
