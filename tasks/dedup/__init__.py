"""Near-duplicates out, the best row of each group stays."""
