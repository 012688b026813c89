"""What is said of pictures is shown in words, and thresholds are changed for one camera or for all."""

import re

import pytest

from data.thresholds import NAMES, sentence
from video.picture_checks import HUES, REASONS
from web.catalog import catalog
from web.diagnosis import in_words


def test_every_reason_and_every_threshold_is_said_in_chinese() -> None:
    words = catalog("zh_CN")
    said = (*REASONS, *HUES, *map(sentence, NAMES))
    assert [one for one in said if one not in words] == []


@pytest.mark.parametrize("source", REASONS)
def test_a_reason_with_numbers_is_found_by_its_words(source: str) -> None:
    filled = source % dict.fromkeys(re.findall(r"%\((\w+)\)s", source), "12%")
    assert in_words(filled) != filled
    assert ("12%" in in_words(filled)) == ("%(" in source)


def test_a_reason_of_an_older_version_is_shown_as_it_was_written() -> None:
    assert in_words("blur 0.62 of 1") == "blur 0.62 of 1"
