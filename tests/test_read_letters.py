from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest
from set_pages import draw, drawn_width, source_of

from tasks.read.letters import in_order, with_spaces
from tasks.read.pdf import read_pdf
from tasks.read.plausible import fault_of, mix_of
from tasks.records import Page

LINE = "제1조(목적) 이 약관은 회사와 계약자의 권리를 정합니다."
OTHER = "제2조(지급) 보험금은 3영업일 이내에 계약자에게 지급합니다."


def pages(path: Path) -> list[Page]:
    return read_pdf(path, source_of(path)).rows


def lines(path: Path) -> list[str]:
    return [block.text.strip() for page in pages(path) for block in page.blocks]


def in_a_font(path: Path, text: str, font: str, stream: str = "") -> Path:
    """A line set in a font that is described by hand; object 6 is the stream."""
    with pymupdf.open() as document:
        page = document.new_page()
        objects = [document.get_new_xref() for _ in range(3)]
        for xref, value in zip(objects, (font.replace("STREAM", f"{objects[2]} 0 R"), "<<>>", "<<>>"), strict=True):
            document.update_object(xref, value)
        document.update_stream(objects[1], f"BT /F 12 Tf 50 700 Td ({text}) Tj ET".encode("latin-1"))
        document.update_stream(objects[2], stream.encode())
        document.xref_set_key(page.xref, "Resources", f"<</Font<</F {objects[0]} 0 R>>>>")
        page.set_contents(objects[1])
        path.write_bytes(document.tobytes())
    return path


def mapped(path: Path, text: str, code: str, means: str) -> Path:
    """A line in which one letter means another text, by its font's own map."""
    bars = "".join(f"<{ord(c):02x}><{(means if c == code else c).encode('utf-16-be').hex()}>\n" for c in sorted(set(text)))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName/X def /CMapType 2 def\n"
        f"1 begincodespacerange <00><ff> endcodespacerange\n{len(set(text))} beginbfchar\n{bars}endbfchar\nendcmap end end"
    )
    return in_a_font(
        path, text, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding/ToUnicode STREAM>>", cmap
    )


@pytest.mark.parametrize(("dx", "dy"), [(0, 0), (0.3, 0), (0.8, 0), (1.2, 0), (0.4, 0.4), (1, 1)])
def test_what_is_drawn_twice_for_bold_or_shadow_is_said_once(tmp_path, dx, dy):
    copies = [(50 + k * dx, y + k * dy, text) for y, text in ((100, LINE), (116, OTHER)) for k in range(2)]
    draw(tmp_path / "a.pdf", [copies])
    assert lines(tmp_path / "a.pdf") == [LINE, OTHER]


def test_two_passes_over_a_page_are_said_once(tmp_path):
    draw(tmp_path / "a.pdf", [[(50 + dx, y, text) for dx in (0, 0.4) for y, text in ((100, LINE), (116, OTHER))]])
    assert lines(tmp_path / "a.pdf") == [LINE, OTHER]


@pytest.mark.parametrize("apart", [" ", ""])
def test_words_and_letters_drawn_twice_are_said_once(tmp_path, apart):
    texts, x = [], 50.0
    for piece in LINE.split() if apart else LINE:
        texts += [(x, 100.0, piece), (x + 0.4, 100.0, piece)]
        x += drawn_width(piece + apart)
    draw(tmp_path / "a.pdf", [texts])
    assert lines(tmp_path / "a.pdf") == [LINE]


def test_letters_that_stand_side_by_side_are_not_taken_for_copies(tmp_path):
    said = ["1111111 하하하 88,888 lllll ....", "1111111 하하하 88,888 lllll ...."]
    draw(tmp_path / "a.pdf", [[(50, 100 + 12 * n, text) for n, text in enumerate(said)] + [(50, 300, LINE), (50.3, 300, LINE)]])
    assert lines(tmp_path / "a.pdf") == [*said, LINE]


@pytest.mark.parametrize(
    ("text", "code", "means", "said"),
    [
        ("tel. 02x1234x5678", "x", "\u00ad", "tel. 02-1234-5678"),
        ("a bene\x7fcial of\x7fce", "\x7f", "\ufb01", "a beneficial office"),
        ("ben_efit", "_", "\u200b", "benefit"),
        ("the_benefit", "_", "\u3164", "the benefit"),
    ],
)
def test_signs_of_layout_are_put_in_order(tmp_path, text, code, means, said):
    assert lines(mapped(tmp_path / "a.pdf", text, code, means)) == [said]


def test_text_in_order_stays_the_same():
    assert in_order(LINE) is LINE
    assert in_order("①② ㎡ ㈜ Ⅳ 金") == "①② ㎡ ㈜ Ⅳ 金"


def test_each_font_has_a_space_code_of_its_own():
    spans = [{"font": "A", "text": "보험\x03계약"}, {"font": "B", "text": "\x01금"}, {"font": "C", "text": "\x01\x02"}]
    (line,) = with_spaces([{"spans": spans}])
    assert [span["text"] for span in line["spans"]] == ["보험 계약", " 금", "\x01\x02"]


def test_a_glyph_without_a_character_is_unknown_and_no_other_letter(tmp_path):
    font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Type/Encoding/Differences[65/nobodyknows]>>>>"
    assert lines(in_a_font(tmp_path / "a.pdf", "1,2A4 won", font)) == ["1,2\ufffd4 won"]


@pytest.mark.parametrize(("text", "said"), [("4", "✔"), ("8", "✘"), ("n", "■"), ("l", "●")])
def test_a_tick_of_a_form_is_no_digit(tmp_path, text, said):
    with pymupdf.open() as document:
        page = document.new_page()
        page.insert_text((50, 100), text, fontname="zadb", fontsize=12)
        page.insert_text((68, 100), "동의함", fontname="korea", fontsize=12)
        document.save(tmp_path / "a.pdf")
    assert lines(tmp_path / "a.pdf") == [f"{said} 동의함"]


def test_a_page_with_unknown_letters_inside_its_words_is_not_trusted():
    text = "제\ufffd조(지급) 회사는 보험금을 \ufffd\ufffd영업일 이내에 지급하고, 늦으면 이자를 더하여 지급합니다. "
    assert fault_of(mix_of(3 * text)) == "bad_text"
    assert fault_of(mix_of(3 * text.replace("\ufffd", "3"))) is None


def test_bullets_without_a_character_are_no_reason_for_mistrust():
    assert fault_of(mix_of("\n".join(f"\ue001 {LINE}" for _ in range(9)))) is None
    assert fault_of(mix_of("\n".join(f"\uf0a7 {LINE}" for _ in range(9)))) is None
