"""Receipt numbers: RB-2025-7F3K9Q. Read over a telephone without mistakes.

31 signs (a prime; no I, L, O, U, and no zero) and a check sign: a wrong sign or two
swapped neighbours never give another valid number.
"""

import re
import secrets
from collections.abc import Callable

SIGNS = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 5
_FORM = re.compile(rf"RB-(\d{{4}})-([{SIGNS}]{{{LENGTH}}})([{SIGNS}])")


def new_receipt_number(year: int, choose: Callable[[str], str] = secrets.choice) -> str:
    """`year`: of the submission, on the programme's calendar."""
    body = "".join(choose(SIGNS) for _ in range(LENGTH))
    return f"RB-{year:04d}-{body}{_check_sign(year, body)}"


def is_receipt_number(text: str) -> bool:
    match = _FORM.fullmatch(text)
    return match is not None and _check_sign(int(match[1]), match[2]) == match[3]


def _check_sign(year: int, body: str) -> str:
    digits = [int(digit) for digit in f"{year:04d}"] + [SIGNS.index(sign) for sign in body]
    # Distinct weights below a prime modulus catch every single slip and every swap.
    return SIGNS[sum(weight * digit for weight, digit in enumerate(digits, start=2)) % len(SIGNS)]
