"""Imports and exports: files to rows and back, for the command line, the page and the jobs alike."""
