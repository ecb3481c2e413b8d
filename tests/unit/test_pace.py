"""The measure of growth tells what is linear from what is not, or the tests that use it could not fail."""

from tests.pace import LINEAR, growth


def words(size: int) -> str:
    return "a" * size


def test_what_reads_each_sign_once_is_linear() -> None:
    assert growth(lambda text: [ord(sign) for sign in text], words, 400_000) < LINEAR


def test_what_reads_the_rest_for_each_sign_is_not() -> None:
    assert growth(lambda text: [text[at:].count("x") for at in range(0, len(text), 20)], words, 200_000) > LINEAR
