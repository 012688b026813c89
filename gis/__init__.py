"""What the system knows about space: coordinates, codes, boundaries, coverage and density."""
