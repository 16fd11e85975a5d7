"""Numbers as they come in from forms and addresses."""


def whole_number(text: object, *, digits: int = 9) -> int | None:
    """A version, an id or a number of a page, of at most `digits` digits (18 fit into
    every database's largest integer); None for anything else."""
    sent = text if isinstance(text, str) else ""
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) <= digits else None


def whole_numbers(text: str, *, digits: int = 18) -> list[int]:
    """Ids with commas between; what is none is left out."""
    sent = (whole_number(part, digits=digits) for part in text.split(","))
    return [number for number in sent if number]
