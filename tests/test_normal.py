import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tasks.text.normal import comparable, locate, stored

CLAUSE = "① 회사는 보험금을 지급합니다.\n② 다만, 「상법」 제3조에 따라 3영업일 이내에 지급할 수 있습니다."


def test_spacing_quotes_and_width_do_not_count():
    assert comparable("보험금을  지급 합니다") == comparable("보험금을 지급합니다")
    assert comparable("「상법」") == comparable("“상법”")
    assert comparable("３개월") == comparable("3개월")


def test_numbers_always_count():
    assert comparable("3개월") != comparable("6개월")


def test_a_circled_number_does_not_melt_into_digits():
    assert comparable("① 2년") != comparable("12년")
    assert comparable("제1항 ①") != comparable("제1항 1")


def test_decomposed_hangul_is_the_same_text():
    assert comparable(unicodedata.normalize("NFD", "보험금")) == comparable("보험금")


def test_stored_text_is_nfc_without_controls():
    assert stored("가\x00나\ud800\n") == "가나\n"


def test_a_quote_with_other_spacing_is_found_where_it_stands():
    start, end = locate("다만,「상법」제3조에 따라", CLAUSE)
    assert CLAUSE[start:end] == "다만, 「상법」 제3조에 따라"


def test_a_changed_number_is_not_found():
    assert locate("6영업일 이내에", CLAUSE) is None


def test_a_quote_does_not_begin_inside_a_character():
    assert locate("2", "00½2") == (3, 4)
    assert locate("1", "½") is None


def test_an_empty_quote_is_nowhere():
    assert locate("", CLAUSE) is None
    assert locate(" ·", CLAUSE) is None


@given(st.text(min_size=1), st.data())
def test_any_piece_of_a_text_is_found_in_it(text: str, data: st.DataObject):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    wanted = "".join(comparable(c) for c in quote)
    if comparable(quote) and comparable(quote) == wanted:
        found = locate(quote, text)
        assert found is not None
        assert "".join(comparable(c) for c in text[found[0] : found[1]]).startswith(wanted[:1])


@given(st.text(alphabet=st.characters(max_codepoint=0xFFFF)))
def test_controls_go_and_nothing_else(text: str):
    kept = "".join(c for c in text if c in "\t\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    assert stored(text) == unicodedata.normalize("NFC", kept)
