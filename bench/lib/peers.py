"""Peers that are no part of the product, each in an environment of its own below the temporary files."""

import subprocess
import tempfile
import venv
from pathlib import Path


def python_with(name: str, *packages: str) -> Path:
    """Return the Python of an environment with these packages, made when it is not there."""
    folder = Path(tempfile.gettempdir()) / "sharpeyes-peers" / name
    python = folder / "bin" / "python"
    if not (folder / "made").exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        (folder / "made").touch()
    return python
