"""ZIP files from outside: looked at before anything is unpacked, so that a small file cannot fill the disk."""

import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gis.errors import BadFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How large a file may be before it is refused; the defaults hold a province of cameras."""

    bytes: int = 2 * 1024**3
    unpacked_bytes: int = 4 * 1024**3
    # A worksheet of text shrinks 10- to 50-fold; only a bomb shrinks more than this.
    shrink: int = 400
    members: int = 2_000
    rows: int = 2_000_000
    cells: int = 50_000_000


def check_zip(path: Path, bounds: Bounds) -> list[zipfile.ZipInfo]:
    """Return the files in a ZIP; raise BadFile when it is damaged, encrypted or unpacks to too much."""
    try:
        with zipfile.ZipFile(path, metadata_encoding="gb18030") as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, OSError, UnicodeDecodeError, ValueError, NotImplementedError) as error:
        raise BadFile(f"{path.name} is damaged or no ZIP file ({error}). Pack it again.") from error
    unpacked = sum(member.file_size for member in members)
    if len(members) > bounds.members or unpacked > bounds.unpacked_bytes:
        raise BadFile(f"{path.name} unpacks to {len(members)} files and {unpacked:,} bytes, too many. Split it.")
    if unpacked > max(path.stat().st_size, 10_000) * bounds.shrink:
        raise BadFile(
            f"{path.name} unpacks to {unpacked:,} bytes, {bounds.shrink} times its size or more; refused as a bomb."
        )
    if any(member.flag_bits & 1 for member in members):
        raise BadFile(f"{path.name} is protected by a password. Save it without one.")
    return members


def unpack(path: Path, folder: Path, bounds: Bounds) -> list[Path]:
    """Unpack a ZIP flat into `folder` and return its files; no name in it can reach outside the folder."""
    check_zip(path, bounds)
    files: list[Path] = []
    with zipfile.ZipFile(path, metadata_encoding="gb18030") as archive:
        for member in archive.infolist():
            name = PurePosixPath(member.filename.replace("\\", "/")).name
            if member.is_dir() or name.startswith(".") or "__MACOSX" in member.filename:
                continue
            files.append(folder / name)
            _unpack_one(archive, member, files[-1])
    return files


def _unpack_one(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    if target.exists():
        raise BadFile(f"The ZIP holds two files called {target.name}. Pack them apart.")
    try:
        # Reading stops at the size the directory states, so a lying directory is caught by the checksum.
        target.write_bytes(archive.read(member))
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError) as error:
        raise BadFile(f"{member.filename} in the ZIP cannot be unpacked ({error}). Pack it again.") from error
