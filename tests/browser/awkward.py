"""Comments that strain a page's layout: long words, long names, long titles, replies, disguises; enough to furnish a site."""

from itertools import cycle

from service.domain.comment import Author, NewComment, Thread
from service.store.rows import CommentRow
from tests.browser.furnish import Say, edited
from tests.browser.stage import Stage, put_all_in_queue

STORY = Thread("https://news.example/" + "y" * 300, "https://news.example/" + "y" * 300)

SAID = (
    "kamu g0bl0k, dasar anjing! " + "panjangsekali" * 20,
    "Yang di atas.",
    "You are an idiot, sir, and so is " + "everybody" * 30,
    "Tolong jangan dihapus; saya hanya bertanya.\n\nSalam,\n" + "R" * 90,
    "beli followers murah di https://spam.example/" + "promo/" * 30,
    "\U0001f600" * 60,
    "\u05e2\u05d1\u05e8\u05d9\u05ea and \u0627\u0644\u0639\u0631\u0628\u064a\u0629 in one line",
    "Terima kasih atas beritanya, sangat membantu.",
    "dasar bodoh, tak tahu malu",
    "go back to where you came from",
)


def awkward(stage: Stage) -> list[CommentRow]:
    """Them in the queue, the first one edited, in reply to the second, by an author with a long name."""
    names = ("x" * 120, "Rahmat", "Ayu Lestari Kusumawardhani", "\U0001f600", "")
    comments = [
        NewComment(
            f"a{number}",
            text,
            Author(f"a{number % 6}", names[number % len(names)], f"{'m' * 60}@mail.example", "192.0.2.7"),
            STORY if number < 7 else Thread("short", None, "A story"),
            parent_id="a1" if number == 0 else None,
        )
        for number, text in enumerate(SAID)
    ]
    queued = put_all_in_queue(stage.services, stage.site.site_id, comments)
    return [edited(stage, queued[0], "kamu bodoh " + "dan panjang" * 30), *queued[1:]]


def saying() -> Say:
    """Remarks of ordinary and of awkward shape, in turn."""
    remarks = cycle(
        ("Sudah dua kali minggu ini.", "panjang" * 60, "He did the same last week, see the thread.", "z" * 90)
    )
    return lambda most: next(remarks)[:most]
