"""Words of the pages. Source strings are English; translations lie in locale/<language>/<noun>.po, one file per noun.

The files are read once at the first use, so there is nothing to build and nothing to go stale.
"""

import json
from datetime import datetime
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, has_request_context, request
from markupsafe import Markup

from web import context, cookies
from web.catalog import catalog
from web.labels import LABELS

LANGUAGES = MappingProxyType({"zh_CN": "简体中文", "en": "English"})
DEFAULT = "zh_CN"


def mark(english: str) -> str:
    """Return a source string unchanged; marks it for translation where it is not shown yet."""
    return english


def _(english: str, /, **values: object) -> str:
    """Return a source string in the language of this request, with %(name)s filled in."""
    words = catalog(language()).get(english, english)
    return words % values if "%(" in words else words


def say(word: StrEnum | None) -> str:
    """Return what a word of a closed set is called, for example 离线 for Health.OFFLINE."""
    return "" if word is None else _(LABELS[type(word).__name__].get(str(word), str(word)))


def label(kind: str, value: str | None) -> str:
    """Return what `value` of the closed set named `kind` is called, as label("Health", "offline")."""
    return "" if value is None else _(LABELS[kind].get(value, value))


def language() -> str:
    """Return the language of this request: the account's, else the browser's choice, else Chinese."""
    if not has_request_context():
        return DEFAULT
    if "language" not in g:
        g.language = _choose()
    chosen: str = g.language
    return chosen


def _choose() -> str:
    account = context.current()
    if account and account.language in LANGUAGES:
        return account.language
    remembered = request.cookies.get(cookies.language_name(), "")
    return remembered if remembered in LANGUAGES else DEFAULT


@cache
def as_json(wanted: str) -> Markup:
    """Return the catalog and the labels of closed sets for the scripts of a page."""
    words = catalog(wanted)
    labels = {
        f"{kind}.{value}": words.get(english, english) for kind, of in LABELS.items() for value, english in of.items()
    }
    text = json.dumps(
        {"language": wanted.replace("_", "-"), "words": dict(words), "labels": labels}, ensure_ascii=False
    )
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704  "<" is the only character that could end the element


def clock(at: datetime | None, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """Return a time in the time zone of the pages, in ISO form; '' for none."""
    return at.astimezone(ZoneInfo(current_app.config["TIMEZONE"])).strftime(form) if at else ""


def age(seconds: float) -> str:
    """Return how long ago in one rounded-down unit: 18 分钟, 3 小时, 1 天."""
    for size, words in ((86_400, mark("%(n)s d")), (3_600, mark("%(n)s h")), (60, mark("%(n)s min"))):
        if seconds >= size:
            return _(words, n=int(seconds // size))
    return _("%(n)s s", n=max(0, int(seconds)))


def init(app: Flask) -> None:
    """Give templates the words."""
    app.jinja_env.globals.update(
        _=_, label=label, say=say, language=language, words_as_json=as_json, LANGUAGES=LANGUAGES
    )
    app.jinja_env.filters.update(clock=clock, age=age)
