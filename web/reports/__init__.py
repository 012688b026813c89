"""The monthly assessment: as a page, as a table and on paper."""
