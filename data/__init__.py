"""What the system remembers: words, settings, tables and the questions asked of them."""
