"""What Tests/Live/tools.py checks, by subject."""
