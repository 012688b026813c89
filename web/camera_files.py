"""Photos and documents on the page of a camera: brought by editors, shown inside one's areas, removed again."""

import io
import re
import struct
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.http import dump_options_header
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response as AnyResponse

from data import camera_files, persons
from data.camera_files import KINDS, PHOTO_KINDS, NewFile
from data.types import Role
from web import forms, permission
from web.answers import unchanged
from web.context import get_session
from web.permission import allowed, require_account
from web.problems import BadInput, NotFound
from web.words import mark

bp = Blueprint("camera_files", __name__)

MOST_BYTES = 20 * 2**20
REDUCED_WITHIN_S = 20
ACCEPTED = (".jpg", ".jpeg", ".png", ".webp", ".pdf", ".docx", ".xlsx")
_OFFICE = "application/vnd.openxmlformats-officedocument."
_OFFICE_TYPES = {"word/": (".docx", f"{_OFFICE}wordprocessingml.document"),
                 "xl/": (".xlsx", f"{_OFFICE}spreadsheetml.sheet")}  # fmt: skip
_REDUCE = Path(__file__).with_name("reduce_photo.py")


@bp.post("/cameras/<code>/files")
@allowed(Role.EDITOR, act="camera.add_file")
def on_adding(code: str) -> AnyResponse:
    """Keep the files of a form, each under what they show; pictures are made small and lose what they say."""
    kind = forms.choice(request.form.get("kind"), KINDS, field="kind")
    sent = [file for file in request.files.getlist("file") if file.filename]
    if not sent:
        raise BadInput(mark("Choose a file."), field="file")
    account = require_account().id
    for file in sent:
        number = camera_files.add(get_session(), code, _read(file, kind), at=datetime.now(UTC), account_id=account)
        permission.note(code, file=number, kind=kind)
    return redirect(f"{url_for('cameras.on_camera', code=code)}#files")


@bp.post("/camera-files/<int:file_id>/remove")
@allowed(Role.EDITOR, act="camera.remove_file")
def on_removing(file_id: int) -> AnyResponse:
    """Remove a file of a camera."""
    code = camera_files.remove(get_session(), file_id)
    permission.note(code, file=file_id)
    return redirect(f"{url_for('cameras.on_camera', code=code)}#files")


@bp.get("/camera-files/<int:file_id>/<any(whole, thumbnail):size>")
@allowed(Role.VIEWER)
def on_file(file_id: int, size: str) -> Response:
    """Return a photo to look at, or a document to save."""
    opened = camera_files.open_(get_session(), file_id, thumbnail=size == "thumbnail")
    if opened is None:
        raise NotFound(mark("There is no such file, or it was removed already."))
    etag = f"file-{file_id}-{size}"
    response = unchanged(etag) or Response(opened.content, content_type=opened.content_type)
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, max-age=604800, immutable"
    way = "inline" if opened.content_type == "image/jpeg" else "attachment"
    response.headers["Content-Disposition"] = dump_options_header(way, {"filename": opened.name})
    return response


def _read(file: FileStorage, kind: str) -> NewFile:
    """Return an upload as it is kept. Raises BadInput for what is too large, of another format, or about persons."""
    name = _checked_name(str(file.filename))
    content = file.stream.read(MOST_BYTES + 1)
    if not content or len(content) > MOST_BYTES:
        raise BadInput(mark("A file has at least one byte and at most %(most)s MB."), field="file", most=20)
    document = _document_type(content)
    if document and kind in PHOTO_KINDS:
        raise BadInput(mark("A photo is a JPEG, PNG or WebP picture. Choose another kind for documents."), field="kind")
    if document:
        suffix, content_type = document
        return NewFile(kind=kind, name=name, content_type=content_type, suffix=suffix, content=content)
    large, small = _reduced(content)
    name = f"{Path(name).stem}.jpg"
    return NewFile(kind=kind, name=name, content_type="image/jpeg", suffix=".jpg", content=large, thumbnail=small)


def _checked_name(written: str) -> str:
    """Return the name of an upload without any path; refuse formats nobody reads and what tells of persons."""
    name = re.sub(r"[\x00-\x1f\"<>|:*?]", "", re.split(r"[\\/]", written)[-1]).strip()[-120:]
    if not name.lower().endswith(ACCEPTED):
        raise BadInput(mark("This format is not kept. Use one of %(among)s."), field="file", among=", ".join(ACCEPTED))
    stem = name.rpartition(".")[0]
    if persons.personal_data_in(name) or persons.forbidden_column(stem):
        raise BadInput(mark("The name of the file tells of a person. Rename it; this system keeps none."), field="file")
    return name if stem.strip(". ") else secure_filename(f"file{name}")


def _document_type(content: bytes) -> tuple[str, str] | None:
    """Return suffix and type of a document by what its bytes are, or None for what may be a picture."""
    if content.startswith(b"%PDF-"):
        return ".pdf", "application/pdf"
    if not content.startswith(b"PK\x03\x04"):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        names = []
    found = next((known for folder, known in _OFFICE_TYPES.items() if any(n.startswith(folder) for n in names)), None)
    if found is None or any(n.lower().endswith("vbaproject.bin") for n in names):
        raise BadInput(mark("This document is damaged, or it runs programs. Save it as PDF."), field="file")
    return found


def _reduced(content: bytes) -> tuple[bytes, bytes]:
    """Return a picture and its thumbnail, made anew in a process that may be killed. Raises BadInput."""
    command = [sys.executable, "-I", str(_REDUCE)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=REDUCED_WITHIN_S, check=True)  # noqa: S603
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        sentence = mark("The picture cannot be read, or it has more than 64 million pixels. Save it again as JPEG.")
        raise BadInput(sentence, field="file") from error
    length = struct.unpack(">I", done.stdout[:4])[0]
    return done.stdout[4 : 4 + length], done.stdout[4 + length :]
