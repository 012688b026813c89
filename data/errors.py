"""What the data packages refuse: one tree, its sentences made for the person who asked."""


class Refusal(Exception):
    """Something asked for cannot be done; the sentence says why and what to do.

    `sentence` is a template in English and `values` fill it, so that pages can translate it.
    `field` names the input at fault, if one is.
    """

    def __init__(self, sentence: str, *, field: str | None = None, **values: object) -> None:
        filled = {"field": field} | values
        super().__init__(sentence % filled if "%(" in sentence else sentence)
        self.sentence = sentence
        self.field = field
        self.values: dict[str, object] = {"field": field} | values


class Missing(Refusal):
    """There is no such row, or it lies outside the areas of whoever asks; both look the same."""


class Taken(Refusal):
    """Another row has this name, login or code already."""


class TooOften(Refusal):
    """Asked too often; wait `wait_s` seconds."""

    def __init__(self, sentence: str, *, wait_s: int, **values: object) -> None:
        super().__init__(sentence, field=None, **values)
        self.wait_s = wait_s
