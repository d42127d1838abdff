"""How a file of evidence leaves us: as a download that can do nothing to the browser."""

from io import BytesIO

from flask import Response, send_file

from ecs_training.foundation.uploads import StoredFile


def send_evidence(file: StoredFile) -> Response:
    """Answer with a file whose contents are loaded. No cache may keep it."""
    answer = send_file(
        BytesIO(file.content),
        mimetype=file.media_type,
        as_attachment=True,
        download_name=file.file_name,
    )
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    return answer
