from __future__ import annotations

import pytest
from set_pages import block, page

from tasks.read.ocr.choose import agree, choose, with_pictures
from tasks.read.wire import OcrFailed, OcrRead
from tasks.records import Block, Page

CLAUSE = "제1조(목적) 이 약관은 보험계약자와 회사 사이에 체결된 계약의 내용을 정하는 것을 목적으로 합니다."
OTHER = "제2조(정의) 피보험자란 보험사고의 대상이 되는 사람을 말하며 수익자는 보험금을 받는 사람을 말합니다."


def read(*texts: str, confidence: float = 0.9) -> OcrRead:
    blocks = tuple(block(text, 50, 100 + 20 * n).model_copy(update={"confidence": confidence}) for n, text in enumerate(texts))
    return OcrRead(blocks=blocks, engine="tesseract 5.3.0 kor", dpi=200, dropped=[])


def lines(*texts: str) -> list[Block]:
    return [block(text, 50, 100 + 20 * n) for n, text in enumerate(texts)]


def scan(*texts: str, reason: str = "image_page") -> Page:
    return page(1, lines(*texts), origin="needs_ocr", reason=reason)


def test_what_ocr_reads_on_a_picture_is_the_text_of_the_page():
    found = choose(scan(), read(CLAUSE, OTHER))
    assert (found.origin, found.engine, found.dpi, found.confidence) == ("ocr", "tesseract 5.3.0 kor", 200, 0.9)
    assert found.text == f"{CLAUSE}\n{OTHER}"
    assert found.reason == "image_page"


def test_a_page_on_which_ocr_failed_says_so_and_stays_as_it_was():
    found = choose(scan(), OcrFailed(detail="timeout: took longer than [ocr] seconds_per_page"))
    assert (found.origin, found.reason) == ("needs_ocr", "image_page")
    assert found.detail == "OCR: timeout: took longer than [ocr] seconds_per_page"


def test_a_picture_without_text_is_blank():
    found = choose(scan(), read())
    assert (found.origin, found.detail) == ("blank", "image_page: a picture without text")


@pytest.mark.parametrize(
    ("ocr", "why"),
    [
        (read("뷁쀍쒏뛣쮋" * 12), "implausible_hangul"),
        (read(CLAUSE, confidence=0.3), "not sure"),
    ],
)
def test_what_cannot_be_believed_is_not_invented(ocr, why):
    found = choose(scan(), ocr)
    assert found.origin == "needs_ocr"
    assert why in found.detail
    assert found.blocks == ()


def test_few_characters_of_a_layer_are_better_than_fewer_of_ocr():
    found = choose(scan("별솔손해보험 보통약관"), read("별솔"))
    assert (found.origin, found.text) == ("text", "별솔손해보험 보통약관")
    assert "found 2 characters, the text layer has 10" in found.detail


def test_a_failure_that_speaks_of_finding_does_not_make_a_layer_good():
    found = choose(scan("별솔손해보험 보통약관"), OcrFailed(detail="the model was not found"))
    assert (found.origin, found.detail) == ("needs_ocr", "OCR: the model was not found")


def test_a_false_layer_goes_even_if_ocr_finds_less():
    false = scan("".join(chr(0xE000 + n) for n in range(100)), reason="bad_text")
    assert choose(false, read(CLAUSE)).text == CLAUSE
    nearly_nothing = choose(false, read("제1조"))
    assert nearly_nothing.origin == "needs_ocr"


@pytest.mark.parametrize("reason", ["wrong_layer", "letters_missing"])
def test_a_layer_that_says_something_else_is_not_used_even_if_ocr_fails(reason):
    wrong = scan(CLAUSE, OTHER, CLAUSE, OTHER, reason=reason)
    assert choose(wrong, read(CLAUSE, OTHER)).text == f"{CLAUSE}\n{OTHER}"
    assert choose(wrong, read("제1조")).origin == "needs_ocr"


def test_a_good_layer_is_replaced_by_order_only_when_ocr_finds_as_much():
    good = page(1, lines(CLAUSE, OTHER))
    assert choose(good, read(CLAUSE)).text == good.text
    assert choose(good, read(CLAUSE, OTHER)).origin == "ocr"


def test_a_layer_below_a_picture_is_right_when_ocr_says_about_the_same():
    layer = page(1, lines(CLAUSE, OTHER), reason="ocr_layer")
    assert agree(layer, read(OTHER.replace("사람", "사랑"), CLAUSE))
    assert not agree(layer, read("lorem 0O1l| " * 12))


def test_what_a_picture_says_stands_where_the_picture_stands():
    partial = page(1, [block(CLAUSE, 50, 100), block(OTHER, 50, 400)], reason="partial")
    picture = OcrRead(blocks=tuple(lines("구분 금액", "사망 1,000만원")), engine="tesseract", dpi=200, dropped=[])
    moved = picture.model_copy(
        update={
            "blocks": tuple(
                b.model_copy(update={"confidence": 0.8, "box": b.box.model_copy(update={"y0": b.box.y0 + 100})})
                for b in picture.blocks
            )
        }
    )
    found = with_pictures(partial, moved)
    assert found.text.splitlines() == [CLAUSE, "구분 금액", "사망 1,000만원", OTHER]
    assert (found.origin, found.engine) == ("text", "pymupdf, pictures: tesseract")
    assert with_pictures(partial, OcrFailed(detail="timeout")).blocks == partial.blocks
