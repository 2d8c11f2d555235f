"""What words.py checks, one subject a file."""
