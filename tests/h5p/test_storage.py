import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h5p.storage import FolderStorage, MemoryStorage, Storage


@pytest.fixture(params=["memory", "folder"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    return MemoryStorage() if request.param == "memory" else FolderStorage(tmp_path)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=100))
def test_storage_gives_back_what_was_put(storage: Storage, data: bytes) -> None:
    sha256 = storage.put(data)

    assert sha256 == hashlib.sha256(data).hexdigest()
    assert storage.put(data) == sha256
    assert storage.has(sha256)
    assert storage.read(sha256) == data
    assert storage.size(sha256) == len(data)
    with storage.open(sha256) as stream:
        assert stream.read() == data


@pytest.mark.parametrize("name", ["0" * 64, "../../etc/passwd", "", "A" * 64])
def test_storage_has_nothing_else(storage: Storage, name: str) -> None:
    try:
        assert not storage.has(name)
    except KeyError:
        pytest.fail("has() answers")
    for look in (storage.read, storage.size, storage.open):
        with pytest.raises(KeyError):
            look(name)


def test_folder_storage_survives_unfinished_and_damaged_files(tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    sha256 = storage.put(b"whole")
    (tmp_path / sha256[:2] / sha256[2:]).write_bytes(b"who")
    (tmp_path / ".unfinished" / "left").write_bytes(b"x")

    again = FolderStorage(tmp_path)
    again.put(b"whole")

    assert again.read(sha256) == b"whole"
    assert again.sweep() == 1
