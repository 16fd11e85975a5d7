"""What an autosave is told of what it sent."""

from collections.abc import Mapping
from typing import Any

from lms.core.rich_fields import TextFormat
from peer_exchange.enums import Part
from peer_exchange.models import CityExperience


def stored_otherwise(
    experience: CityExperience, sent: Mapping[str, Any], text_format: str
) -> dict[str, Any]:
    """Parts that were cleaned on their way in: whoever sent them goes on from what is
    stored. A plain text goes on as it was typed."""
    if text_format != TextFormat.HTML:
        return {}
    return {
        name: getattr(experience, name)
        for name, value in sent.items()
        if name in Part.values and getattr(experience, name) != value
    }
