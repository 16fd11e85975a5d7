"""Pictures that people send, drawn anew: what goes out is ours, whatever came in."""

from dataclasses import dataclass
from io import BytesIO
from typing import IO

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from lms.core.errors import InvalidInput

# A picture of a telephone has 12 to 50 million points; one that says it has more is not
# unpacked at all.
MOST_POINTS = 60_000_000
SMALLEST = 16
WIDTHS = (480, 960, 1600)
QUALITY = 82
MEDIA_TYPE = "image/webp"


@dataclass(frozen=True)
class DrawnPicture:
    """WebP, `width` × `height` points."""

    width: int
    height: int
    content: bytes


def redraw(
    file: IO[bytes], *, formats: tuple[str, ...] = ("PNG", "JPEG", "WEBP")
) -> list[DrawnPicture]:
    """The picture in each of our widths, the smallest first; none is larger than it came.
    What a camera or a program wrote into the file (place, name, a smaller copy of what was
    cut off) stays behind. Raises InvalidInput with the reason."""
    try:
        file.seek(0)
        with Image.open(file, formats=formats) as opened:
            if opened.width * opened.height > MOST_POINTS:
                raise Image.DecompressionBombError
            if min(opened.size) < SMALLEST:
                raise _refusal(_("This picture is too small to see anything on it."))
            turned = ImageOps.exif_transpose(opened)
            has_alpha = "A" in turned.getbands() or "transparency" in turned.info
            picture = turned.convert("RGBA" if has_alpha else "RGB")
    except InvalidInput:
        raise
    except Image.DecompressionBombError as error:
        raise _refusal(
            _("This picture has more than %(limit)d million points. Send a smaller one.")
            % {"limit": MOST_POINTS // 1_000_000}
        ) from error
    except Exception as error:
        # Whatever a broken file makes the decoder raise, the answer is the same.
        raise _refusal(
            _("This picture cannot be opened. Export it again, as JPEG or PNG.")
        ) from error
    widths = [width for width in WIDTHS if width < picture.width]
    widths.append(min(picture.width, WIDTHS[-1]))
    return [_drawn(picture, width) for width in dict.fromkeys(widths)]


def _drawn(picture: Image.Image, width: int) -> DrawnPicture:
    height = max(1, round(picture.height * width / picture.width))
    sized = picture.resize((width, height), Image.Resampling.LANCZOS)
    # A new picture of the bare points: nothing that hung on the old one comes along.
    bare = Image.frombytes(sized.mode, sized.size, sized.tobytes())
    written = BytesIO()
    bare.save(written, "WEBP", quality=QUALITY, method=4)
    return DrawnPicture(width=width, height=height, content=written.getvalue())


def _refusal(sentence: str) -> InvalidInput:
    return InvalidInput(sentence, errors={"file": [sentence]})
