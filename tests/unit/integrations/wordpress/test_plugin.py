"""The WordPress plugin: by PHP itself where there is one, and by its text everywhere."""

import json
import re
import shutil
import subprocess
from pathlib import Path

PLUGIN = Path(__file__).parents[4] / "service/integrations/wordpress/saring.php"
DRIVE = Path(__file__).with_name("drive.php")

CODE = PLUGIN.read_text("utf-8")

TOKENS = re.compile(r"/\*.*?\*/|//[^\n]*|#[^\n]*|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|\?>.*?<\?php|.", re.DOTALL)
"""A comment, a text, what stands outside of PHP, or one character."""


def bare() -> str:
    """The plugin's PHP without comments, texts and HTML."""
    pieces = TOKENS.findall(CODE.removeprefix("<?php"))
    return "".join(piece if len(piece) == 1 else " " for piece in pieces)


def functions() -> dict[str, str]:
    """Each function's code, comments and texts included, by its name."""
    parts = re.split(r"^function (\w+)", CODE, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_it_says_what_it_is_and_under_which_licence() -> None:
    head = CODE[: CODE.index("*/")]
    for field in ("Plugin Name", "Version", "License", "Text Domain"):
        assert re.search(rf"^ \* {field}: +\S", head, re.MULTILINE)
    assert re.search(r"Requires PHP: +7\.4$", head, re.MULTILINE)
    assert "GPL-2.0-or-later" in head
    readme = PLUGIN.with_name("readme.txt").read_text("utf-8")
    version = re.search(r"Version: +(\S+)", head)
    assert version is not None
    assert f"Stable tag: {version[1]}\n" in readme
    assert "License: GPL-2.0-or-later\n" in readme
    assert "Requires PHP: 7.4\n" in readme


def test_nothing_is_sent_before_or_after_it_and_it_runs_in_wordpress_alone() -> None:
    assert CODE.startswith("<?php\n")
    assert CODE.rindex("?>") < CODE.rindex("<?php")
    statements = [line for line in bare().splitlines() if line.strip()]
    assert statements[0].startswith("defined(")
    assert "|| exit;" in statements[0]


def test_every_bracket_is_closed() -> None:
    closes = {")": "(", "]": "[", "}": "{"}
    open_ones: list[str] = []
    for sign in bare():
        if sign in closes.values():
            open_ones.append(sign)
        elif sign in closes:
            assert open_ones.pop() == closes[sign]
    assert open_ones == []


def test_every_name_is_its_own_and_every_hook_calls_one_that_is_there() -> None:
    assert all(name.startswith("saring_") for name in functions())
    hooked = re.findall(r"add_(?:filter|action)\( '\w+', '(\w+)'", CODE)
    hooked += re.findall(r"'sanitize_callback' => '(\w+)'", CODE) + re.findall(r"add_options_page\(.*'(\w+)' \);", CODE)
    assert len(hooked) == 9
    called = set(re.findall(r"\b(saring_\w+)\(", CODE))
    assert set(hooked) | called == set(functions())


def test_it_uses_nothing_newer_than_php_7_4() -> None:
    newer = r"\?->|\bmatch\s*\(|\bstr_(?:starts_with|ends_with|contains)\b|\benum\b|\breadonly\b|#\[|\bfn\b.*\bnever\b|\bmixed\b"
    assert re.findall(newer, bare()) == []


def test_all_that_is_shown_is_escaped() -> None:
    page = functions()["saring_page"]
    assert "manage_options" in page[: page.index("?>")]
    shown = re.findall(r"<\?php (.*?); \?>", page)
    assert shown
    escaped = r"echo esc_(?:html|attr)\( saring_\w+\(\) \)|esc_html_e\( '[^']*', 'saring' \)"
    wordpress = r"settings_fields\( 'saring' \)|submit_button\(\)"
    allowed = re.compile(f"{escaped}|{wordpress}")
    assert [one for one in shown if not allowed.fullmatch(one)] == []
    assert "echo" not in CODE.replace(page, "")


def test_it_asks_nobody_but_akismet_or_saring() -> None:
    assert set(re.findall(r"wp_remote_\w+|curl_\w+|file_get_contents|fsockopen", CODE)) == {
        "wp_remote_post",
        "wp_remote_request",
        "wp_remote_retrieve_body",
    }
    assert re.findall(r"eval\s*\(|unserialize|base64_decode|\$_(?:GET|POST|REQUEST|SERVER|COOKIE)", bare()) == []


def test_php_reads_it_and_it_does_what_it_should_where_there_is_php() -> None:
    # without PHP the tests above are what there is; nobody needs PHP to work on Saring
    if php := shutil.which("php"):
        for file in (PLUGIN, DRIVE):
            subprocess.run([php, "-l", str(file)], check=True, capture_output=True, timeout=60)
        ran = subprocess.run([php, str(DRIVE), str(PLUGIN)], capture_output=True, text=True, timeout=60, check=True)
        check_what_it_did(json.loads(ran.stdout))


def check_what_it_did(told: dict[str, object]) -> None:
    """Compare what drive.php saw with what it should have seen."""
    differing = {name: told.get(name) for name in EXPECTED if told.get(name) != EXPECTED[name]}
    assert differing == {}


KEY = "saring-abcdefghijklmnop"
BASE = "http://127.0.0.1:8080/moderation"
EXPECTED: dict[str, object] = {
    "untouched": [False, "abc", False, []],
    "keys": [KEY, True],
    "post": [
        {
            "url": f"{BASE}/1.1/comment-check",
            "args": {
                "method": "POST",
                "httpversion": "1.0",
                "headers": {"User-Agent": "x"},
                "body": f"api_key={KEY}&blog=b%26c&POST_api_key=z",
            },
            "answered": False,
        }
    ],
    "label": [
        {
            "url": f"{BASE}/1.1/submit-ham",
            "args": {"method": "POST", "body": {"api_key": KEY, "blog": "b"}},
            "answered": False,
        }
    ],
    "get": [{"url": f"{BASE}/1.2/usage-limit?x=1&api_key={KEY}", "args": {"method": "GET"}, "answered": False}],
    "others": [[False] * 5, [], "theirs"],
    "moves": {
        "spam<approved": ["submit-spam"],
        "spam<spam": [],
        "approved<spam": ["submit-ham"],
        "approved<unapproved": ["submit-ham"],
        "trash<approved": [],
        "unapproved<approved": [],
        "trash<spam": [],
        "approved<trash": [],
    },
    "moves_beside_akismet": {"spam<approved": [], "approved<spam": [], "approved<unapproved": ["submit-ham"]},
    "fields": {
        "api_key": KEY,
        "blog": "https://news.example",
        "user_ip": "192.0.2.1",
        "user_agent": "x",
        "permalink": "https://news.example/?p=3",
        "comment_type": "comment",
        "comment_author": "Sari",
        "comment_author_email": "s@x.example",
        "comment_author_url": "",
        "comment_content": "stored",
        "comment_date_gmt": "2026-01-02 03:04:05",
        "blog_lang": "id_ID",
        "blog_charset": "UTF-8",
    },
    "as_checked": [["submit-spam", "as checked"]],
    "machines": [[], [], []],
    "stranger": "",
    "cleaned": ["https://x.example", "", "", KEY, KEY, KEY, KEY, 1],
    "states": [
        "Saring answers and knows the key. What is asked of Akismet goes there.",
        "Saring answers, but does not know the key.",
        "Something answers at this address, but it is not Saring.",
        "Saring does not answer at this address.",
    ],
    "away": [[["submit-ham", "stored"]], []],
}


def test_what_drive_php_tells_is_all_looked_at() -> None:
    told = set(re.findall(r"\$told\['(\w+)'\]", DRIVE.read_text("utf-8")))
    assert told == EXPECTED.keys() | {"page"}
