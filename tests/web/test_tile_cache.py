"""Tiles are cut once for all who ask together, kept within bounds, and dropped when told."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from web.tile_cache import Kept, Key, TileCache

KEY = Key(layer="roads", stamp="s", z=1, x=0, y=0)


def tile(body: bytes = b"x") -> Kept:
    return Kept(body=body, packed=False, truncated=False, etag="e")


def never() -> Kept:
    raise AssertionError("cut again")


def test_what_was_cut_is_given_again_under_the_same_key_only() -> None:
    cache = TileCache()
    first = cache.get(KEY, tile)
    assert cache.get(KEY, never) is first
    for other in (replace(KEY, stamp="t"), replace(KEY, layer="areas"), replace(KEY, z=2), replace(KEY, x=1)):
        assert cache.get(other, lambda: tile(b"other")).body == b"other"


def test_many_who_ask_at_once_wait_for_one_who_cuts() -> None:
    cache, begun, go_on, cuts = TileCache(), threading.Event(), threading.Event(), []

    def cut() -> Kept:
        cuts.append(1)
        begun.set()
        assert go_on.wait(10)
        return tile()

    with ThreadPoolExecutor(8) as crowd:
        asked = [crowd.submit(cache.get, KEY, cut) for _ in range(8)]
        assert begun.wait(10)
        go_on.set()
        assert len({id(one.result(10)) for one in asked}) == 1
    assert len(cuts) == 1


def test_what_went_wrong_is_told_to_all_and_not_kept() -> None:
    cache = TileCache()
    with pytest.raises(AssertionError):
        cache.get(KEY, never)
    assert cache.get(KEY, tile).body == b"x"


def test_an_old_tile_is_cut_anew_where_age_matters() -> None:
    cache = TileCache()
    cache.get(KEY, lambda: replace(tile(), cut_at=time.monotonic() - 5))
    assert cache.get(KEY, never, within_s=60).body == b"x"
    assert cache.get(KEY, lambda: tile(b"new"), within_s=2).body == b"new"
    assert cache.get(KEY, never).body == b"new"


def test_memory_is_bounded_and_what_was_used_last_stays() -> None:
    cache = TileCache(100_000)
    for n in range(50):
        cache.get(replace(KEY, x=n), lambda: tile(bytes(10_000)))
        cache.get(replace(KEY, x=0), lambda: tile(bytes(10_000)))
        assert cache.held_bytes <= 100_000
    cache.get(replace(KEY, x=0), never)
    cache.get(replace(KEY, x=49), never)
    # One that would push all others out is given and not kept.
    assert len(cache.get(replace(KEY, x=99), lambda: tile(bytes(90_000))).body) == 90_000
    cache.get(replace(KEY, x=49), never)


def test_a_layer_is_forgotten_alone() -> None:
    cache = TileCache()
    cache.get(KEY, tile)
    cache.get(replace(KEY, layer="areas"), tile)
    cache.forget("roads")
    assert cache.get(KEY, lambda: tile(b"new")).body == b"new"
    cache.get(replace(KEY, layer="areas"), never)
    cache.forget("areas")
    cache.forget("roads")
    assert cache.held_bytes == 0
