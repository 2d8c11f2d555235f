"""What metrics.py plays and compares."""
