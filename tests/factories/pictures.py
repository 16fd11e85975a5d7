"""Pictures as a telephone sends them: with the place and the camera in them."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, PngImagePlugin

CAMERA = "Camera of somebody"


def photograph(
    name: str = "harbour.jpg", size: tuple[int, int] = (1800, 900)
) -> SimpleUploadedFile:
    """A JPEG that was held upright (orientation 6) and says where it was taken."""
    picture = Image.new("RGB", size, "#1d4a8a")
    written = BytesIO()
    notes = picture.getexif()
    notes[0x010F], notes[0x0112] = CAMERA, 6
    notes[0x8825] = {1: "N", 2: (41.0, 23.0, 9.0), 3: "E", 4: (2.0, 10.0, 0.0)}
    picture.save(written, "JPEG", exif=notes)
    return SimpleUploadedFile(name, written.getvalue(), content_type="image/jpeg")


def drawing(name: str = "plan.png", size: tuple[int, int] = (300, 200)) -> SimpleUploadedFile:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", CAMERA)
    written = BytesIO()
    Image.new("RGBA", size, (255, 0, 0, 100)).save(written, "PNG", pnginfo=notes)
    return SimpleUploadedFile(name, written.getvalue(), content_type="image/png")
