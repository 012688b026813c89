"""Front-end packages: which are pinned, unpacking them without a network, and the table pages import them by.

package-lock.json pins versions and checksums; web/vendor.json is the one table of import specifier → file. Run as
a script by run.sh, so only the standard library is used.
"""

import base64
import hashlib
import json
import re
import shutil
import sys
import tarfile
from pathlib import Path, PurePosixPath
from typing import cast

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "web" / "vendor.json"
VENDOR = ROOT / "web" / "static" / "vendor"
_IMPORT = re.compile(r"""(?:^|;)\s*(?:import|export)\b[^;'"()]*?(?:\bfrom\s*)?['"]([^'"\n]+)['"]""", re.MULTILINE)


class VendorError(Exception):
    """The front-end files cannot be put in place; the message says which and why."""


def imports() -> dict[str, str]:
    """Return import specifier → path below static/vendor, for the import map of the pages."""
    return cast(dict[str, str], json.loads(TABLE.read_text())["imports"])


def pinned(lock: Path) -> dict[str, tuple[str, str]]:
    """Return package name → (version, integrity) as package-lock.json has them."""
    packages = json.loads(lock.read_text())["packages"]
    return {
        path.removeprefix("node_modules/"): (entry["version"], entry["integrity"])
        for path, entry in packages.items()
        if path
    }


def unpack(downloads: Path, modules: Path, lock: Path) -> None:
    """Fill the folder `modules` anew from the archives in `downloads`, each checked against the lock file."""
    wanted = pinned(lock)
    archives = {name: downloads / archive_name(name, version) for name, (version, _) in wanted.items()}
    for name, archive in archives.items():
        _check(archive, wanted[name][1])
    draft = modules.with_name(modules.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    for name, archive in archives.items():
        _extract(archive, draft / name)
    shutil.rmtree(modules, ignore_errors=True)
    draft.rename(modules)


def archive_name(name: str, version: str) -> str:
    """Return the file name under which npm packs a package."""
    return f"{name.removeprefix('@').replace('/', '-')}-{version}.tgz"


def copy(modules: Path, vendor: Path) -> None:
    """Copy the files of the table from `modules` into `vendor`, and check that every import in them is there."""
    table = json.loads(TABLE.read_text())
    draft = vendor.with_name(vendor.name + ".new")
    shutil.rmtree(draft, ignore_errors=True)
    for name in (*table["imports"].values(), *table["files"]):
        (draft / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(modules / name, draft / name)
    missing = unresolved(draft, table["imports"])
    if missing:
        raise VendorError("Add to web/vendor.json what these imports need: " + ", ".join(missing))
    shutil.rmtree(vendor, ignore_errors=True)
    draft.rename(vendor)


def unresolved(folder: Path, table: dict[str, str]) -> list[str]:
    """Return "file: specifier" for every import in the scripts of `folder` that leads nowhere."""
    return [
        f"{script.relative_to(folder)}: {specifier}"
        for script in sorted(folder.rglob("*.js"))
        for specifier in _IMPORT.findall(_without_comments(script.read_text()))
        if not _leads_somewhere(specifier, script, folder, table)
    ]


def _leads_somewhere(specifier: str, script: Path, folder: Path, table: dict[str, str]) -> bool:
    if specifier.startswith("."):
        return (script.parent / specifier).is_file()
    return specifier in table and (folder / table[specifier]).is_file()


def _without_comments(script: str) -> str:
    return re.sub(r"/\*.*?\*/|^\s*//[^\n]*", "", script, flags=re.DOTALL | re.MULTILINE)


def _check(archive: Path, integrity: str) -> None:
    algorithm, _, wanted = integrity.partition("-")
    if not archive.is_file():
        raise VendorError(f"{archive.name} is not in {archive.parent}. Run ./run.sh download.")
    found = base64.b64encode(hashlib.new(algorithm, archive.read_bytes()).digest()).decode()
    if found != wanted:
        raise VendorError(f"{archive} is not the file that package-lock.json names. Remove it and download it again.")


def _extract(archive: Path, folder: Path) -> None:
    """Unpack regular files only; the first folder of the archive is dropped, whatever it is called."""
    with tarfile.open(archive) as opened:
        for member in opened:
            inside = PurePosixPath(*PurePosixPath(member.name).parts[1:])
            source = opened.extractfile(member) if member.isfile() else None
            if source is None or ".." in inside.parts or inside.is_absolute():
                continue
            (folder / inside).parent.mkdir(parents=True, exist_ok=True)
            (folder / inside).write_bytes(source.read())


def main(words: list[str]) -> int:
    """List the pinned packages, or install them from a folder of archives; return the exit code."""
    lock, modules = ROOT / "package-lock.json", ROOT / "node_modules"
    try:
        if words == ["list"]:
            print("\n".join(f"{name}@{version}" for name, (version, _) in pinned(lock).items()))
        elif len(words) == 2 and words[0] == "install":
            unpack(Path(words[1]), modules, lock)
            copy(modules, VENDOR)
        else:
            print("usage: python web/vendor.py list | install FOLDER", file=sys.stderr)
            return 2
    except (VendorError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
