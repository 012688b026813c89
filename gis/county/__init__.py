"""A seeded generator of demonstration counties: made-up places, equipment and events of any size.

land -> divisions -> ways -> houses -> places -> devices, incidents; make.py puts them together. Every name is
invented and every table says so by its codes (SF for 示范); no person appears in any of them.
"""
