from __future__ import annotations

import json
from pathlib import Path

import pymupdf
import pytest
from set_pages import SHARED, draw, drawn_width, source_of

from tasks.read.pdf import read_pdf
from tasks.records import Page

LINE = "제1조(목적) 이 약관은 회사와 계약자의 권리를 정합니다."
SENTENCE = "산후 1년이 지나지 아니한 여성 직원의 동의가 있는 경우"


def pages(path: Path) -> list[Page]:
    return read_pdf(path, source_of(path)).rows


def refused(path: Path) -> str:
    kept = read_pdf(path, source_of(path))
    assert not kept.rows
    (dropped,) = kept.dropped
    assert (dropped.step, dropped.type, dropped.id) == ("read", "Source", source_of(path).id)
    return dropped.reason


def test_a_line_comes_with_its_place(tmp_path):
    source = draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    (page,) = read_pdf(tmp_path / "a.pdf", source).rows
    assert (page.document, page.path, page.number, page.origin, page.engine) == (source.id, "a.pdf", 1, "text", "pymupdf")
    assert (page.width, page.height) == (595, 842)
    (block,) = page.blocks
    assert block.text == LINE
    assert block.box.x0 == 50
    assert block.box.x1 == pytest.approx(50 + drawn_width(LINE), abs=0.1)
    assert 85 < block.box.y0 < 100 < block.box.y1 < 105


def test_spaces_that_are_only_a_move_of_the_pen_come_back(tmp_path):
    """Hancom exports draw no space glyph, and MuPDF makes no space after a Hangul syllable."""
    x, words = 50.0, []
    for word in SENTENCE.split():
        words.append((x, 100.0, word))
        x += drawn_width(word) + 4
    draw(tmp_path / "a.pdf", [words])
    with pymupdf.open(tmp_path / "a.pdf") as document:
        assert " " not in document[0].get_text().strip()
    assert [b.text for b in pages(tmp_path / "a.pdf")[0].blocks] == [SENTENCE]


def test_a_gap_inside_a_word_is_no_space(tmp_path):
    draw(tmp_path / "a.pdf", [[(50, 100, "보험"), (50 + drawn_width("보험") + 1, 100, "금")]])
    assert pages(tmp_path / "a.pdf")[0].text == "보험금"


def test_columns_on_one_height_stay_apart(tmp_path):
    draw(tmp_path / "a.pdf", [[(50, 100, "왼쪽 칸"), (300, 100, "오른쪽 칸")]])
    assert pages(tmp_path / "a.pdf")[0].text == "왼쪽 칸\n오른쪽 칸"


def test_one_trailing_space_is_kept_because_it_tells_where_the_line_broke(tmp_path):
    draw(tmp_path / "a.pdf", [[(50, 100, "권리를  정하는   "), (50, 116, "약관")]])
    assert [b.text for b in pages(tmp_path / "a.pdf")[0].blocks] == ["권리를 정하는 ", "약관"]


def test_boxes_of_a_rotated_page_are_where_the_text_is_seen(tmp_path):
    draw(tmp_path / "a.pdf", [[(50, 100, LINE)]], rotate=90)
    (page,) = pages(tmp_path / "a.pdf")
    assert (page.width, page.height) == (842, 595)
    box = page.blocks[0].box
    assert box.y0 == pytest.approx(50, abs=0.1)
    assert box.y1 == pytest.approx(50 + drawn_width(LINE), abs=0.1)
    assert 842 - 105 < box.x0 < box.x1 < 842 - 85


def test_lost_spaces_come_back_on_a_page_set_sideways(tmp_path):
    with pymupdf.open() as document:
        page = document.new_page(width=595, height=842)
        y = 700.0
        for word in SENTENCE.split():
            page.insert_text((100, y), word, fontname="korea", fontsize=10, rotate=90)
            y -= drawn_width(word) + 4
        page.set_rotation(90)
        (tmp_path / "a.pdf").write_bytes(document.tobytes())
    assert pages(tmp_path / "a.pdf")[0].text == SENTENCE


def test_a_page_without_anything_is_blank(tmp_path):
    draw(tmp_path / "a.pdf", [[], [(50, 100, LINE)]])
    assert [(p.origin, p.reason) for p in pages(tmp_path / "a.pdf")] == [("blank", "no_text"), ("text", "text_layer")]


def test_a_page_that_is_a_picture_needs_ocr(tmp_path):
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_image(page.rect, pixmap=pymupdf.Pixmap(pymupdf.csGRAY, (0, 0, 50, 70), False))
        (tmp_path / "a.pdf").write_bytes(document.tobytes())
    (page,) = pages(tmp_path / "a.pdf")
    assert (page.origin, page.reason, page.blocks) == ("needs_ocr", "image_page", ())


def test_a_page_with_a_false_character_map_needs_ocr_and_keeps_what_was_found(tmp_path):
    shifted = "".join(chr(ord(c) + 7) if "가" <= c <= "힐" else c for c in LINE)
    draw(tmp_path / "a.pdf", [[(50, 100 + 16 * i, shifted) for i in range(4)]])
    (page,) = pages(tmp_path / "a.pdf")
    assert (page.origin, page.reason, len(page.blocks)) == ("needs_ocr", "implausible_hangul", 4)


@pytest.mark.parametrize(
    ("data", "detail"),
    [
        (b"<!DOCTYPE html><html>login</html>", "HTML"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"PK\x03\x04docx", "ZIP"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
        ("그냥 글".encode(), "no %PDF- header"),
        (b" " * 1024 + b"%PDF-1.7", "no %PDF- header"),
    ],
)
def test_what_is_no_pdf_is_named(tmp_path, data, detail):
    (tmp_path / "a.pdf").write_bytes(data)
    assert refused(tmp_path / "a.pdf") == "not_a_pdf"
    assert detail in read_pdf(tmp_path / "a.pdf", source_of(tmp_path / "a.pdf")).dropped[0].detail


def test_a_file_with_a_password_is_encrypted(tmp_path):
    with pymupdf.open() as document:
        document.new_page()
        document.save(tmp_path / "a.pdf", encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="열쇠", owner_pw="o")
    assert refused(tmp_path / "a.pdf") == "encrypted"


def test_a_cut_file_is_refused_and_not_taken_for_an_empty_one(tmp_path):
    draw(tmp_path / "a.pdf", [[(50, 100, LINE)]])
    data = (tmp_path / "a.pdf").read_bytes()
    (tmp_path / "a.pdf").write_bytes(data[: len(data) // 4])
    assert refused(tmp_path / "a.pdf") in ("broken", "no_pages")


def test_a_file_without_pages_is_refused(tmp_path):
    (tmp_path / "a.pdf").write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n"
        b"trailer<</Root 1 0 R>>\n"
    )
    assert refused(tmp_path / "a.pdf") == "no_pages"


def test_a_header_alone_is_refused(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n")
    assert refused(tmp_path / "a.pdf") in ("broken", "no_pages")


def test_a_file_that_has_gone_is_unreadable(tmp_path):
    source = draw(tmp_path / "a.pdf", [[]])
    (tmp_path / "a.pdf").unlink()
    assert read_pdf(tmp_path / "a.pdf", source).dropped[0].reason == "unreadable"


def test_one_page_that_fails_does_not_spoil_the_others(tmp_path):
    (tmp_path / "a.pdf").write_bytes(
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Count 2/Kids[3 0 R 2 0 R]>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n"
    )
    kept = read_pdf(tmp_path / "a.pdf", source_of(tmp_path / "a.pdf"))
    assert [p.number for p in kept.rows] == [1]
    assert [(d.reason, d.type, d.id[-3:]) for d in kept.dropped] == [("page_failed", "Page", "-p2")]


def test_whoever_asks_is_told_the_number_of_pages_first(tmp_path):
    source = draw(tmp_path / "a.pdf", [[], [], []])
    told: list[int] = []
    read_pdf(tmp_path / "a.pdf", source, told.append)
    assert told == [3]


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not there")
class TestOnKnownFiles:
    def lines(self, name: str) -> list[tuple[int, str]]:
        rows = (SHARED / "made" / f"{name}.gt" / "lines.jsonl").read_text("utf-8").splitlines()
        return [(row["page"], row["text"]) for row in map(json.loads, rows)]

    @pytest.mark.parametrize("name", ["terms_v1", "terms_v2"])
    def test_every_line_of_the_terms_is_found_exactly(self, name):
        found = [(p.number, b.text.strip()) for p in pages(SHARED / "made" / f"{name}.pdf") for b in p.blocks]
        assert found == self.lines(name)

    def test_terms_without_space_glyphs_read_as_those_with(self):
        found = [(p.number, b.text.strip()) for p in pages(SHARED / "made" / "terms_nospace_p10.pdf") for b in p.blocks]
        wanted = self.lines("terms_nospace_p10")
        assert sum(a == b for a, b in zip(found, wanted, strict=True)) >= 0.99 * len(wanted)

    def test_a_control_code_that_stands_for_the_space_is_one(self):
        found = [b.text.strip() for p in pages(SHARED / "made" / "terms_ctrlspace_p5.pdf") for b in p.blocks]
        assert found == [text for _, text in self.lines("terms_p5")]

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("terms_nomap_p5", "bad_text"),
            ("terms_pua_p5", "bad_text"),
            ("terms_shift_p5", "implausible_hangul"),
            ("terms_scan_p6", "image_page"),
        ],
    )
    def test_layers_that_cannot_be_trusted_need_ocr(self, name, reason):
        assert {(p.origin, p.reason) for p in pages(SHARED / "made" / f"{name}.pdf")} == {("needs_ocr", reason)}

    def test_good_statutes_need_none(self):
        for path in sorted((SHARED / "law").glob("*.pdf"))[:6]:
            assert {p.origin for p in pages(path)} == {"text"}
