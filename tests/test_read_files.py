from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from tasks.errors import InputError
from tasks.read.files import find_sources, locate
from tasks.records import bytes_id

PDF = b"%PDF-1.7\n"


def project(tmp_path: Path, **files: bytes) -> Path:
    for name, data in files.items():
        path = tmp_path / "pdf" / name.replace("__", "/").replace("_pdf", ".pdf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path


def reasons(tmp_path: Path) -> dict[str, str]:
    found = find_sources(tmp_path, "pdf")
    assert all(d.step == "sources" and d.type == "Source" for d in found.dropped)
    return {d.record.split('"path":"')[1].split('"')[0]: d.reason for d in found.dropped}


def test_pdfs_of_all_folders_come_sorted_with_the_id_of_their_bytes(tmp_path):
    project(tmp_path, b_pdf=PDF + b"b", a__c_pdf=PDF + b"c")
    rows = find_sources(tmp_path, "pdf").rows
    assert [s.path for s in rows] == ["pdf/a/c.pdf", "pdf/b.pdf"]
    assert rows[1].id == bytes_id(PDF + b"b")
    assert rows[1].size == len(PDF) + 1


def test_the_suffix_may_be_in_capitals(tmp_path):
    project(tmp_path)
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf" / "A.PDF").write_bytes(PDF)
    assert [s.path for s in find_sources(tmp_path, "pdf").rows] == ["pdf/A.PDF"]


def test_other_files_are_named_and_hidden_ones_are_not_looked_at(tmp_path):
    project(tmp_path, a_pdf=PDF)
    (tmp_path / "pdf" / "note.xlsx").write_text("note")
    (tmp_path / "pdf" / ".DS_Store").write_text("x")
    (tmp_path / "pdf" / ".trash").mkdir()
    (tmp_path / "pdf" / ".trash" / "b.pdf").write_bytes(PDF)
    assert reasons(tmp_path) == {"pdf/note.xlsx": "other_type"}


def test_the_same_bytes_are_read_once(tmp_path):
    project(tmp_path, a_pdf=PDF, b_pdf=PDF)
    assert [s.path for s in find_sources(tmp_path, "pdf").rows] == ["pdf/a.pdf"]
    assert reasons(tmp_path) == {"pdf/b.pdf": "same_bytes"}
    assert find_sources(tmp_path, "pdf").dropped[0].detail == "as pdf/a.pdf"


def test_a_file_without_bytes_is_empty(tmp_path):
    project(tmp_path, a_pdf=b"")
    assert reasons(tmp_path) == {"pdf/a.pdf": "empty"}


def test_a_link_to_nothing_is_unreadable(tmp_path):
    project(tmp_path, a_pdf=PDF)
    (tmp_path / "pdf" / "gone.pdf").symlink_to("nowhere.pdf")
    assert reasons(tmp_path) == {"pdf/gone.pdf": "unreadable"}


@pytest.mark.timeout(10)
def test_a_fifo_does_not_block(tmp_path):
    project(tmp_path, a_pdf=PDF)
    os.mkfifo(tmp_path / "pdf" / "pipe.pdf")
    assert reasons(tmp_path) == {"pdf/pipe.pdf": "unreadable"}


def test_a_folder_that_links_to_itself_is_entered_once(tmp_path):
    project(tmp_path, a_pdf=PDF)
    (tmp_path / "pdf" / "loop").symlink_to(tmp_path / "pdf")
    assert [s.path for s in find_sources(tmp_path, "pdf").rows] == ["pdf/a.pdf"]
    assert reasons(tmp_path) == {"pdf/loop": "unreadable"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_unreadable(tmp_path):
    project(tmp_path, a_pdf=PDF, b_pdf=PDF + b"b")
    (tmp_path / "pdf" / "b.pdf").chmod(0)
    assert reasons(tmp_path) == {"pdf/b.pdf": "unreadable"}


def test_a_name_that_is_not_utf8_is_named_and_left(tmp_path):
    project(tmp_path, a_pdf=PDF)
    Path(os.fsdecode(os.fsencode(tmp_path / "pdf") + b"/\xb0\xa1.pdf")).write_bytes(PDF + b"x")
    (dropped,) = find_sources(tmp_path, "pdf").dropped
    assert dropped.reason == "unreadable"
    assert "UTF-8" in dropped.detail
    dropped.model_dump_json().encode()


def test_names_in_jamo_are_stored_in_nfc_and_found_again(tmp_path):
    folder = tmp_path / "pdf"
    folder.mkdir()
    (folder / unicodedata.normalize("NFD", "약관.pdf")).write_bytes(PDF)
    (source,) = find_sources(tmp_path, "pdf").rows
    assert source.path == "pdf/약관.pdf"
    assert locate(tmp_path, source.path).read_bytes() == PDF


def test_two_forms_of_one_name_cannot_both_be_meant(tmp_path):
    folder = tmp_path / "pdf"
    folder.mkdir()
    (folder / unicodedata.normalize("NFD", "약관.pdf")).write_bytes(PDF + b"1")
    (folder / "약관.pdf").write_bytes(PDF + b"2")
    assert len(find_sources(tmp_path, "pdf").rows) == 1
    assert reasons(tmp_path) == {"pdf/약관.pdf": "unreadable"}


def test_a_folder_outside_the_project_works_too(tmp_path):
    (tmp_path / "project").mkdir()
    project(tmp_path, a_pdf=PDF)
    (source,) = find_sources(tmp_path / "project", str(tmp_path / "pdf")).rows
    assert source.path == "../pdf/a.pdf"
    assert locate(tmp_path / "project", source.path).read_bytes() == PDF


@pytest.mark.parametrize("what", ["missing", "file", "without"])
def test_a_folder_without_documents_is_an_error_that_names_it_and_the_cure(tmp_path, what):
    if what == "file":
        (tmp_path / "pdf").write_text("x")
    elif what == "without":
        (tmp_path / "pdf").mkdir()
        (tmp_path / "pdf" / "a.xlsx").write_text("x")
    with pytest.raises(InputError, match=r"pdf: .*\[sources\] folder"):
        find_sources(tmp_path, "pdf")
