"""Every page of the desk: where it is and who may see it. What is true of all pages is tested on these."""

from collections.abc import Mapping
from dataclasses import dataclass

AYU, LEAD, ADMIN, VIEWER = (f"{name}@news.example" for name in ("ayu", "lead", "admin", "viewer"))

HALF_IN = "careful@news.example"
"""Somebody with a second factor, whose password was right and who has given no code yet."""

NOBODY_KNOWS = "01a20dd2-1159-735a-9cc6-514c279da40e"
"""An id that nothing has."""


@dataclass(frozen=True)
class Place:
    """A page. `path` names what `furnish` made in braces; `email` is who goes there, None for somebody not logged in."""

    name: str
    endpoint: str
    path: str
    email: str | None = LEAD
    status: int = 200

    def at(self, made: Mapping[str, str]) -> str:
        """Its path on a furnished site."""
        return self.path.format_map(made)


PLACES = (
    Place("queue", "desk.queue", "/desk", AYU),
    Place("looked-at", "desk.queue", "/desk", VIEWER),
    Place("filtered", "desk.queue", "/desk?order=oldest&attribute=insult&low=0.1&high=0.999&newer=720", AYU),
    Place("reported", "desk.queue", "/desk?queue=reported", AYU),
    Place("new-authors", "desk.queue", "/desk?queue=new_authors", AYU),
    Place("appeals", "desk.queue", "/desk?queue=appeals"),
    Place("escalated", "desk.queue", "/desk?queue=escalated"),
    Place("clear", "desk.queue", "/desk?language=xx", AYU),
    Place("pending", "desk.listed", "/desk/list?queue=pending"),
    Place("decided", "desk.listed", "/desk/list?queue=decided"),
    Place("stories", "desk.stories", "/desk/stories"),
    Place("bands", "desk.bands", "/desk/bands?attribute=insult"),
    Place("views", "desk.views", "/desk/views"),
    Place("search", "desk.find", "/desk/search?q=a"),
    Place("comment", "desk.comment", "/desk/comments/{comment}"),
    Place("comment-appealed", "desk.comment", "/desk/comments/{appealed}"),
    Place("comment-escalated", "desk.comment", "/desk/comments/{escalated}"),
    Place("author", "desk.author", "/desk/authors/{author}"),
    Place("author-banned", "desk.author", "/desk/authors/{banned}"),
    Place("hide-others", "desk.confirm_hiding", "/desk/authors/{author}/hide"),
    Place("thread", "desk.thread", "/desk/threads/{thread}"),
    Place("second-look", "desk.second_look", "/desk/second-looks"),
    Place("disagreements", "desk.second_look_disagreements", "/desk/second-looks/disagreements"),
    Place("insights", "desk.insights", "/insights"),
    Place("policy", "desk.policy", "/settings/policy"),
    Place("deliveries", "desk.deliveries", "/settings/deliveries"),
    Place("reasons", "desk.reasons", "/settings/reasons"),
    Place("connections", "desk.connections", "/settings/compat"),
    Place("connections-secrets", "desk.connections", "/settings/compat", ADMIN),
    Place("people", "desk.people", "/settings/people", ADMIN),
    Place("account", "desk.account", "/settings/account"),
    Place("preferences", "desk.preferences", "/settings/preferences"),
    Place("account-offered", "desk.account", "/settings/account", ADMIN),
    Place("login", "desk.login", "/login", None),
    Place("login-code", "desk.login_code", "/login/code", HALF_IN),
    Place("invitation", "desk.invitation", "/invitations/{token}", None),
    Place("invitation-joined", "desk.invitation", "/invitations/{token}", VIEWER),
    Place("not-found", "desk.comment", f"/desk/comments/{NOBODY_KNOWS}", status=404),
    Place("not-allowed", "desk.policy", "/settings/policy", AYU, status=403),
)

NO_PAGES = {
    "desk.static": "files",
    "desk.home": "leads to the desk",
    "desk.events": "a stream for the page's script",
    "desk.ask": "a word for the page's script",
    "desk.today": "a part of the page for its script",
    "desk.insights_csv": "files to be saved",
    "desk.marks": "a part of an opened card, asked for by it",
    "desk.login_oidc": "leads to the provider of single sign-on",
    "desk.login_oidc_callback": "leads from there to the desk",
}
"""GET routes of the desk that are no page, each with the reason."""
