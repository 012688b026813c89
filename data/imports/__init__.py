"""How rows of a file become rows of tables: staged, placed, compared, then written all at once."""
