import os
import shutil
from pathlib import Path

import pytest

from tasks.errors import StoreError
from tasks.records import Dropped, Kept, Source
from tasks.settings import ChunkSettings
from tasks.store import Current, Manifest, Store, stage_key, write_atomic

ROWS = [Source(id="a", path="pdf/a.pdf", size=1)]
LOST = [Dropped(id="b", step="sources", reason="empty", detail="pdf/b.pdf", type="Source", record="{}")]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def write(store: Store, key: str = "k") -> Manifest:
    return store.write("sources", 1, key, "label", ["in"], Kept(ROWS, LOST), Source)


def test_what_is_written_comes_back(store: Store):
    manifest = write(store)
    assert store.manifest("sources", "k") == manifest
    assert store.read(manifest, Source) == ROWS
    assert store.read_dropped(manifest) == LOST
    assert (manifest.kept, manifest.dropped, manifest.reasons[0].reason) == (1, 1, "empty")


def test_a_stage_without_manifest_is_not_there(store: Store):
    write(store)
    (store.folder("sources", "k") / "manifest.json").unlink()
    assert store.manifest("sources", "k") is None
    write(store)
    assert store.manifest("sources", "k") is not None


def test_a_stage_that_was_forgotten_is_made_anew(store: Store):
    store.forget(write(store))
    assert store.manifest("sources", "k") is None
    assert write(store).kept == 1


def test_writing_twice_is_harmless(store: Store):
    assert write(store) == write(store)
    assert [p.name for p in store.folder("sources", "k").parent.iterdir()] == ["k"]


def test_a_changed_byte_is_noticed(store: Store):
    manifest = write(store)
    path = store.folder("sources", "k") / "data.parquet"
    data = bytearray(path.read_bytes())
    data[20] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreError, match="was changed"):
        store.read(manifest, Source)


def test_a_broken_manifest_names_the_folder(store: Store):
    write(store)
    (store.folder("sources", "k") / "manifest.json").write_text("{")
    with pytest.raises(StoreError, match="delete the folder"):
        store.manifest("sources", "k")


def test_the_key_follows_everything_that_shapes_the_result():
    base = stage_key("chunk", 1, ["x"], ChunkSettings(), ["prompt"])
    assert base == stage_key("chunk", 1, ["x"], ChunkSettings(), ["prompt"])
    others = [
        stage_key("clean", 1, ["x"], ChunkSettings(), ["prompt"]),
        stage_key("chunk", 2, ["x"], ChunkSettings(), ["prompt"]),
        stage_key("chunk", 1, ["y"], ChunkSettings(), ["prompt"]),
        stage_key("chunk", 1, ["x"], ChunkSettings(max_tokens=500), ["prompt"]),
        stage_key("chunk", 1, ["x"], ChunkSettings(), ["other prompt"]),
    ]
    assert len({base, *others}) == 6


def test_the_newest_build_is_what_rows_look_at(store: Store):
    manifest = write(store)
    assert store.manifests("sources") == []
    store.set_current(Current(run="r", keys={"sources": ("k",)}))
    assert store.manifests("sources") == [manifest]


def test_a_stage_that_was_deleted_is_said(store: Store):
    write(store)
    store.set_current(Current(run="r", keys={"sources": ("k",)}))
    shutil.rmtree(store.folder("sources", "k"))
    with pytest.raises(StoreError, match="build again"):
        store.manifests("sources")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "current.json"
    write_atomic(path, b"old")
    opened = Path.open
    monkeypatch.setattr(Path, "open", lambda self, mode="r": opened(Path("/dev/full"), mode))
    with pytest.raises(OSError, match="No space"):
        write_atomic(path, b"new")
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["current.json"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written"):
        write(Store(tmp_path))
