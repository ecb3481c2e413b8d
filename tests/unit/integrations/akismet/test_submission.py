"""What a submission is known by."""

import time

import pytest

from service.integrations.akismet.fields import Sent
from service.integrations.akismet.submission import Submission


def of(text: str) -> Submission:
    """A submission of nothing but a text."""
    return Submission(Sent({"comment_content": text.encode()}))


@pytest.mark.parametrize("alike", ["Halo Café", "halo  cafe\u0301 ", "HALO\nCAFÉ", "<b>Halo</b> Caf&eacute;"])
def test_forms_of_one_text_have_one_key(alike: str) -> None:
    assert of(alike).label_key == of("halo café").label_key


def test_another_text_has_another_key() -> None:
    assert len({of(text).label_key for text in ("a", "b", "a\u0301", "a\u0323\u0301")}) == 4


@pytest.mark.parametrize("marks", ["\u0301\u0323" * 9_000, "\u0301" * 9_000 + "\u0323" * 9_000])
def test_marks_heaped_on_a_letter_do_not_take_long(marks: str) -> None:
    began = time.process_time()
    assert of(f"a{marks}").site_comment_id
    assert time.process_time() - began < 0.5
