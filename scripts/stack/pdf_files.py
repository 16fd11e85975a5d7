"""PDF files of any size that are what they say."""

import io
import os
from pathlib import Path
from typing import BinaryIO

MEGABYTE = 1024 * 1024


def write_pdf(path: Path, size: int) -> None:
    """A PDF of about this size: an empty page, and a stream that nothing shows."""
    noise = os.urandom(min(size, MEGABYTE))
    with path.open("wb") as file:
        _write(file, noise, size // len(noise))


def small_pdf(noise: bytes) -> bytes:
    """The same with these bytes in its stream."""
    file = io.BytesIO()
    _write(file, noise, 1)
    return file.getvalue()


def _write(file: BinaryIO, noise: bytes, times: int) -> None:
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    ]
    places = []
    file.write(b"%PDF-1.7\n")
    for number, content in enumerate(objects, 1):
        places.append(file.tell())
        file.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    places.append(file.tell())
    file.write(b"4 0 obj\n<< /Length %d >>\nstream\n" % (len(noise) * times))
    file.writelines(noise for _ in range(times))
    file.write(b"\nendstream\nendobj\n")
    table = file.tell()
    file.write(b"xref\n0 5\n0000000000 65535 f \n")
    file.writelines(b"%010d 00000 n \n" % place for place in places)
    file.write(b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % table)
