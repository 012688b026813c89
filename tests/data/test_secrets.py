"""What is sealed opens only with its key and for its purpose."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as how
from hypothesis import strategies as st

from data import secrets

PURPOSE = "device password"


@given(text=st.text())
@how(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
def test_what_was_sealed_opens_again(text: str, tmp_path: Path) -> None:
    sealed = secrets.encrypt(text, purpose=PURPOSE, folder=tmp_path)
    assert secrets.decrypt(sealed, purpose=PURPOSE, folder=tmp_path) == text


def test_the_same_text_is_never_sealed_the_same_way(tmp_path: Path) -> None:
    first, second = (secrets.encrypt("12345", purpose=PURPOSE, folder=tmp_path) for _ in range(2))
    assert first != second
    assert b"12345" not in first


def test_a_secret_of_another_purpose_stays_closed(tmp_path: Path) -> None:
    sealed = secrets.encrypt("12345", purpose=PURPOSE, folder=tmp_path)
    with pytest.raises(secrets.SecretError, match="not a one-time code"):
        secrets.decrypt(sealed, purpose="one-time code", folder=tmp_path)


def test_every_changed_byte_is_noticed(tmp_path: Path) -> None:
    sealed = secrets.encrypt("12345", purpose=PURPOSE, folder=tmp_path)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(secrets.SecretError):
            secrets.decrypt(bytes(changed), purpose=PURPOSE, folder=tmp_path)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01abcd", b"not sealed at all"])
def test_what_was_never_sealed_is_refused(sealed: bytes, tmp_path: Path) -> None:
    with pytest.raises(secrets.SecretError):
        secrets.decrypt(sealed, purpose=PURPOSE, folder=tmp_path)


def test_another_key_file_opens_nothing(tmp_path: Path) -> None:
    sealed = secrets.encrypt("12345", purpose=PURPOSE, folder=tmp_path / "a")
    with pytest.raises(secrets.SecretError, match="another key file"):
        secrets.decrypt(sealed, purpose=PURPOSE, folder=tmp_path / "b")


def test_after_a_rotation_the_old_opens_and_is_known_as_old(tmp_path: Path) -> None:
    old = secrets.encrypt("12345", purpose=PURPOSE, folder=tmp_path)
    secrets.rotate(tmp_path)
    new = secrets.encrypt("12345", purpose=PURPOSE, folder=tmp_path)
    assert secrets.decrypt(old, purpose=PURPOSE, folder=tmp_path) == "12345"
    assert secrets.is_outdated(old, folder=tmp_path)
    assert not secrets.is_outdated(new, folder=tmp_path)


def test_key_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    secrets.encrypt("12345", purpose=PURPOSE, folder=keys)
    secrets.rotate(keys)
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (keys, *keys.iterdir())}
    assert modes == {"keys": "0o700", "secrets.key": "0o600"}


def test_processes_starting_at_once_share_one_key(tmp_path: Path) -> None:
    def seal(_: int) -> bytes:
        return secrets.encrypt("12345", purpose=PURPOSE, folder=tmp_path / "keys")

    with ThreadPoolExecutor(8) as pool:
        sealed = list(pool.map(seal, range(8)))
    assert {secrets.decrypt(each, purpose=PURPOSE, folder=tmp_path / "keys") for each in sealed} == {"12345"}


def test_a_damaged_key_file_is_not_replaced_silently(tmp_path: Path) -> None:
    (tmp_path / "secrets.key").write_text("what?\n")
    with pytest.raises(secrets.SecretError, match="Restore it from a backup"):
        secrets.encrypt("12345", purpose=PURPOSE, folder=tmp_path)
    assert (tmp_path / "secrets.key").read_text() == "what?\n"
