import hashlib
import json
from typing import Any


def hash_of(content: Any) -> str:
    """SHA-256, in hex, of the canonical JSON of a value: equal values, equal hashes."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()
