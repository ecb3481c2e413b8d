"""What a submission is known by."""

import pytest

from service.integrations.akismet.fields import Sent
from service.integrations.akismet.submission import Submission
from tests.pace import LINEAR, growth


def of(text: str) -> Submission:
    """A submission of nothing but a text."""
    return Submission(Sent({"comment_content": text.encode()}))


@pytest.mark.parametrize("alike", ["Halo Café", "halo  cafe\u0301 ", "HALO\nCAFÉ", "<b>Halo</b> Caf&eacute;"])
def test_forms_of_one_text_have_one_key(alike: str) -> None:
    assert of(alike).label_key == of("halo café").label_key


def test_another_text_has_another_key() -> None:
    assert len({of(text).label_key for text in ("a", "b", "a\u0301", "a\u0323\u0301")}) == 4


@pytest.mark.parametrize("marks", [("\u0301\u0323", ""), ("\u0301", "\u0323")])
def test_marks_heaped_on_a_letter_do_not_take_long(marks: tuple[str, str]) -> None:
    first, second = marks
    assert growth(lambda text: of(text).site_comment_id, lambda size: f"a{first * size}{second * size}", 9_000) < LINEAR
