"""What each step does: plain typed functions that know nothing of Prefect."""
