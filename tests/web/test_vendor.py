"""Front-end files are exactly those pinned, and every import in them leads to a file."""

import base64
import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from web import vendor

ROOT = Path(__file__).resolve().parents[2]


def pack(folder: Path, name: str, **files: str) -> str:
    """Write an archive as npm packs it, and return its integrity."""
    archive = folder / vendor.archive_name(name, "1.0.0")
    with tarfile.open(archive, "w:gz") as tar:
        for path, text in files.items():
            member = tarfile.TarInfo(path)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()


def lock(folder: Path, **integrity: str) -> Path:
    packages = {f"node_modules/{name}": {"version": "1.0.0", "integrity": sum_} for name, sum_ in integrity.items()}
    file = folder / "package-lock.json"
    file.write_text(json.dumps({"packages": {"": {}, **packages}}))
    return file


def test_packages_are_unpacked_without_climbing_out(tmp_path: Path) -> None:
    wanted = lock(tmp_path, leaf=pack(tmp_path, "leaf", **{"package/a/b.js": "1", "package/../../out.js": "2"}))
    vendor.unpack(tmp_path, tmp_path / "modules", wanted)
    found = [path.relative_to(tmp_path / "modules") for path in (tmp_path / "modules").rglob("*") if path.is_file()]
    assert found == [Path("leaf/a/b.js")]


def test_an_archive_that_is_not_the_pinned_one_is_refused_and_what_was_there_stays(tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "before").touch()
    integrity = pack(tmp_path, "leaf", **{"package/a.js": "1"})
    pack(tmp_path, "leaf", **{"package/a.js": "2"})
    with pytest.raises(vendor.VendorError, match="not the file"):
        vendor.unpack(tmp_path, tmp_path / "modules", lock(tmp_path, leaf=integrity))
    assert (tmp_path / "modules" / "before").exists()


def test_a_missing_archive_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(vendor.VendorError, match=r"leaf-1.0.0.tgz is not in .*run.sh download"):
        vendor.unpack(tmp_path, tmp_path / "modules", lock(tmp_path, leaf="sha512-x"))


@pytest.mark.parametrize(
    ("script", "missing"),
    [
        ("import L from 'leaflet';", []),
        ("import * as L from \"leaflet\"; export { a } from './b.js';", []),
        ("/** @import Pbf from 'pbf' */ // import x from 'y'\n", []),
        ("import Pbf from 'pbf';", ["a.js: pbf"]),
        ("import {\n  one,\n  two\n} from './none.js';", ["a.js: ./none.js"]),
        ("export * from 'other';", ["a.js: other"]),
        ("import 'side-effect';", ["a.js: side-effect"]),
    ],
)
def test_every_import_must_lead_somewhere(script: str, missing: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(script)
    (tmp_path / "b.js").write_text("export const a = 1;")
    assert vendor.unresolved(tmp_path, {"leaflet": "b.js"}) == missing


def test_the_scripts_that_are_installed_find_all_their_imports() -> None:
    if not vendor.VENDOR.is_dir():
        pytest.skip("the front-end files are not installed; run ./run.sh setup")
    assert vendor.unresolved(vendor.VENDOR, vendor.imports()) == []
    assert all((vendor.VENDOR / path).is_file() for path in vendor.imports().values())
    assert set(vendor.imports()) <= set(vendor.pinned(ROOT / "package-lock.json"))
