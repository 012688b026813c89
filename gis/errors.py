"""What gis/ refuses from outside. Every message is a sentence: what is wrong, and what to do.

Refused
├── BadCrs          the name of a coordinate system is not known or cannot be used
├── BadCoordinate   a number is no place on Earth
├── BadCode         a division, cell or device code breaks its rule
└── BadFile         a file cannot be read or written
"""


class Refused(Exception):
    """Something given from outside cannot be used; the message is for the person who gave it."""


class BadCrs(Refused):
    """A coordinate system is not known or does not fit."""


class BadCoordinate(Refused):
    """A coordinate is not a number or lies nowhere on Earth."""


class BadCode(Refused):
    """A code breaks its rule."""


class BadFile(Refused):
    """A file cannot be read or written as asked."""
