"""Everything that the desk says is said in Indonesian too."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DESK = Path(__file__).parents[3] / "service" / "desk"
PO = DESK / "translations" / "id" / "LC_MESSAGES" / "messages.po"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    with PO.open("rb") as file:
        return read_po(file)


def said() -> set[str]:
    """The messages in the code and the templates."""
    found = extract_from_dir(str(DESK), METHODS)
    return {
        message[0] if isinstance(message, tuple) else message for _file, _line, message, _comments, _context in found
    }


def first(message: Message) -> str:
    return message.id[0] if isinstance(message.id, tuple) else message.id


def strings(message: Message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple) else (message.string,)


def test_every_message_is_translated_and_nothing_else_is(catalog: Catalog) -> None:
    translated = {first(message) for message in catalog if message.id and all(strings(message)) and not message.fuzzy}
    assert translated == said()


def test_a_translation_fills_in_what_the_message_does(catalog: Catalog) -> None:
    for message in catalog:
        for string in strings(message) if message.id else ():
            wanted = message.id[-1] if isinstance(message.id, tuple) else message.id
            assert set(re.findall(r"%\(\w+\)s", string)) == set(re.findall(r"%\(\w+\)s", wanted)), string


def test_indonesian_has_one_plural(catalog: Catalog) -> None:
    assert catalog.num_plurals == 1


def test_the_compiled_file_is_of_the_source(catalog: Catalog) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalog)
    assert PO.with_suffix(".mo").read_bytes() == compiled.getvalue()
