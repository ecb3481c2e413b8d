"""Each route of the desk for each role: one table, walked. A route that is not in it fails the test.

A new route is one more line: its method and path, what nobody, viewer, moderator, lead, admin and another site's admin get
there, and the form that it needs. Names in braces become real ids of the first site, made for each request: see `Ids`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.bootstrap import Services
from service.domain.comment import Author, Thread
from service.domain.view import View
from service.moderation.ban import ban
from service.moderation.invite import invite
from service.moderation.sign_in import add_user, hash_of, sign_in
from service.moderation.sites import Credentials
from service.moderation.views import save_view, saved_views
from service.store.compat import PlatformSecrets
from service.store.deliveries import Deliveries
from service.store.engine import new_id
from service.store.members import Invitations
from service.store.rows import CommentRow
from service.store.sites import Sites
from service.store.users import Users
from tests.browser.stage import PASSWORD
from tests.integration.desk.conftest import Queued

ROLES = ("nobody", "viewer", "moderator", "lead", "admin", "elsewhere")
"""The columns; `elsewhere` is an admin of another site."""

OPEN = "ok ok ok ok ok ok"
LOGIN = "login login login login login login"
NO_PAGE = "missing missing missing missing missing missing"
OWN = "login ok ok ok ok ok"
"""What everybody may do for themselves."""
LOOK = OWN
LOOK_AT = "login ok ok ok ok missing"
"""The same for one thing of the site, by its id; and so on."""
DECIDE = "login refused ok ok ok ok"
DECIDE_ON = "login refused ok ok ok missing"
LEAD = "login refused refused ok ok ok"
LEAD_ON = "login refused refused ok ok missing"
ADMIN = "login refused refused refused ok ok"
ADMIN_ON = "login refused refused refused ok missing"


@dataclass(frozen=True)
class Line:
    """A route, what each role gets, and a form that is right; `ok` is whatever a person sees who is let in."""

    route: str
    gets: str
    form: dict[str, str] = field(default_factory=dict)
    script: bool = False
    """As the page's script sends it: a browser without it is led to another page first."""


TABLE = (
    Line("GET /", OPEN),
    Line("GET /desk/static/desk.css", OPEN),
    Line("POST /language", OPEN, {"language": "en"}),
    Line("POST /theme", OPEN, {"theme": "auto"}),
    # in and out
    Line("GET /login", OPEN),
    Line(
        "POST /login", "refused refused refused refused refused refused", {"email": "x@news.example", "password": "?"}
    ),
    Line("GET /login/code", LOGIN),
    Line("POST /login/code", LOGIN, {"code": "123456"}),
    Line("GET /login/oidc", NO_PAGE),
    Line("GET /login/oidc/callback", NO_PAGE),
    Line("POST /logout", LOGIN),
    Line("GET /invitations/{invitation}", OPEN),
    Line("POST /invitations/{invitation}", LOGIN, {"email": "{address}", "name": "Baru", "password": PASSWORD}),
    # the queue
    Line("GET /desk", LOOK),
    Line("GET /desk?queue=appeals", LEAD),
    Line("GET /desk?queue=escalated", LEAD),
    Line("POST /desk/decisions", DECIDE_ON, {"action": "approve", "comment": "{seen}"}),
    # of another site's comment, nothing is put back
    Line("POST /desk/skip", DECIDE, {"comment": "{seen}"}),
    Line("POST /desk/undo", DECIDE),
    Line("POST /desk/claims", DECIDE, script=True),
    Line("POST /desk/claims?queue=appeals", LEAD, script=True),
    Line("POST /desk/claims?queue=escalated", LEAD, script=True),
    Line("POST /desk/decisions?queue=escalated", LEAD_ON, {"action": "approve", "comment": "{seen}"}),
    Line("POST /desk/leave", DECIDE, {"shown": "{comment}", "until": "2026-01-01T00:00:00+00:00"}),
    Line("GET /desk/search?q=a", LOOK),
    Line("POST /desk/escalate", DECIDE_ON, {"comment": "{seen}", "sure": "1"}),
    Line("POST /desk/notes", DECIDE_ON, {"comment": "{seen}", "text": "sudah ditanya"}, script=True),
    # of another site's author there is nothing to hide
    Line("POST /desk/hide", DECIDE, {"author": "{author}", "sure": "1"}, script=True),
    Line("POST /desk/ban", DECIDE_ON, {"author": "{author}", "days": "1", "sure": "1"}, script=True),
    Line("GET /desk/list?queue=decided", LOOK),
    Line("GET /desk/stories", LOOK),
    Line("GET /desk/views", LOOK),
    Line("POST /desk/views", LOOK, {"name": "spam"}),
    Line("POST /desk/views/{view}/delete", OWN),
    Line("GET /desk/bands", LEAD),
    Line(
        "POST /desk/bands", LEAD, {"action": "approve", "attribute": "insult", "low": "0.99", "sure": "1", "count": "0"}
    ),
    Line("GET /desk/events", LOOK),
    Line("GET /desk/pulse", LOOK),
    Line("GET /desk/today", LOOK),
    Line("GET /desk/second-looks", DECIDE),
    Line("POST /desk/second-looks", DECIDE, {"look": "{comment}", "action": "approve"}),
    # one thing
    Line("GET /desk/comments/{comment}", LOOK_AT),
    Line("GET /desk/comments/{comment}/marks", LOOK_AT),
    Line("POST /desk/comments/{comment}/notes", DECIDE_ON, {"text": "sudah ditanya"}),
    Line("GET /desk/authors/{author}", LOOK_AT),
    Line("POST /desk/authors/{author}/ban", DECIDE_ON, {"days": "1"}),
    Line("POST /desk/authors/{banned}/lift", DECIDE_ON),
    Line("GET /desk/authors/{author}/hide", DECIDE_ON),
    Line("POST /desk/authors/{author}/hide", DECIDE),
    Line("GET /desk/threads/{thread}", LOOK_AT),
    # what leads look after
    Line("GET /settings/policy", LEAD),
    Line("POST /settings/policy", LEAD),
    Line("GET /settings/reasons", LEAD),
    Line("POST /settings/reasons", LEAD, {"label.1": "SARA"}),
    Line("GET /insights", LEAD),
    Line("GET /insights/volume.csv", LEAD),
    Line("POST /insights/goal", LEAD, {"minutes": "60"}),
    Line("POST /insights/second-looks", LEAD, {"share": "5"}),
    Line("GET /desk/second-looks/disagreements", LEAD),
    Line("GET /settings/deliveries", LEAD),
    Line("POST /settings/deliveries/{delivery}/resend", LEAD_ON),
    Line("POST /settings/deliveries/resend", LEAD),
    Line("GET /settings/compat", LEAD),
    Line("POST /settings/compat", LEAD, {"budget_ms": "200"}),
    # what admins look after
    Line("POST /settings/compat/secrets", ADMIN, {"platform": "coral"}),
    Line("POST /settings/compat/secrets/{secret}/remove", ADMIN_ON),
    Line("GET /settings/people", ADMIN),
    Line("POST /settings/people/{member}/role", ADMIN_ON, {"role": "viewer"}),
    Line("POST /settings/people/{member}/remove", ADMIN_ON),
    Line("POST /settings/invitations", ADMIN, {"role": "viewer"}),
    Line("POST /settings/invitations/{invitation_id}/revoke", ADMIN_ON),
    # what people look after for themselves
    Line("POST /site", OWN, {"site": "{own_site}"}),
    Line("GET /settings/preferences", OWN),
    Line("POST /settings/preferences", OWN, {"blur": "all"}),
    Line("GET /settings/account", OWN),
    Line("POST /settings/account/password", OWN, {"old": PASSWORD, "new": PASSWORD}),
    Line("POST /settings/account/second-factor/confirm", OWN, {"code": "123456"}),
    Line("POST /settings/account/second-factor", OWN, {"password": PASSWORD}),
    Line("POST /settings/account/second-factor/off", OWN, {"password": PASSWORD}),
    Line("POST /settings/account/sessions/end", OWN, {"session": "{session}"}),
    Line("POST /settings/account/sessions/end-others", OWN),
    # the last line: from here on the other site's admin works for the first one too
    Line("POST /invitations/{invitation}/accept", OWN),
)


class Ids:
    """Makes what a line names, for the person who asks; everything belongs to the first site but `own_site` and `session`."""

    def __init__(self, services: Services, queued: Queued, admin: str, other_site: Credentials) -> None:
        self.services, self.queued, self.admin, self.other_site = services, queued, admin, other_site
        self.made = 0
        self.role = "nobody"

    def fill(self, text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda named: getattr(self, named[1])(), text)

    def comment(self) -> str:
        return self._comment().id

    def seen(self) -> str:
        comment = self._comment()
        return f"{comment.id}:{comment.revision}:{comment.status.value}"

    def author(self) -> str:
        return self._comment().author.id

    def banned(self) -> str:
        author_id = self.author()
        ban(self.services.store, self.queued.site_id, self.admin, author_id, 1, None)
        return author_id

    def thread(self) -> str:
        thread = self._comment().thread
        assert thread is not None
        return thread.id

    def view(self) -> str:
        with self.services.store.read() as tx:
            users = Users(tx)
            person = users.by_email(f"{self.role}@news.example")
        if person is None:
            return new_id()
        site_id = self.own_site()
        save_view(self.services.store, site_id, person.id, "spam", View())
        return saved_views(self.services.store, site_id, person.id)[0].id

    def delivery(self) -> str:
        self._comment()
        with self.services.store.begin() as tx:
            Deliveries(tx, self.queued.site_id).stop("410 Gone")
        with self.services.store.read() as tx:
            return Deliveries(tx, self.queued.site_id).page("dead")[0].id

    def address(self) -> str:
        self.made += 1
        return f"new{self.made}@news.example"

    def member(self) -> str:
        return add_user(self.services.store, self.address(), "Baru", PASSWORD, self.queued.site_id, "moderator")

    def invitation(self) -> str:
        return invite(self.services.store, self.queued.site_id, self.admin, "viewer").token

    def invitation_id(self) -> str:
        self.invitation()
        with self.services.store.read() as tx:
            return Invitations(tx, self.queued.site_id).open()[0].id

    def secret(self) -> str:
        with self.services.store.begin() as tx:
            return PlatformSecrets(tx, self.queued.site_id).add("coral", "rahasia rahasia")

    def own_site(self) -> str:
        return self.other_site.site_id if self.role == "elsewhere" else self.queued.site_id

    def session(self) -> str:
        return "" if self.role == "nobody" else hash_of(self.log_in())

    def log_in(self) -> str:
        token = sign_in(self.services.store, f"{self.role}@news.example", PASSWORD)
        assert isinstance(token, str)
        return token

    def _comment(self) -> CommentRow:
        self.made += 1
        return self.queued(text=f"komentar {self.made}", author=Author(f"u{self.made}", "Sari"))


@pytest.fixture
def ids(services: Services, queued: Queued, other_site: Credentials) -> Ids:
    people = {}
    for role in ROLES[1:]:
        site_id = other_site.site_id if role == "elsewhere" else queued.site_id
        may = "admin" if role == "elsewhere" else role
        people[role] = add_user(services.store, f"{role}@news.example", role.title(), PASSWORD, site_id, may)
    with services.store.begin() as tx:
        Sites(tx).change(queued.site_id, callback_url="http://127.0.0.1:9/hook")
    return Ids(services, queued, people["admin"], other_site)


Visit = Callable[[Line, str], tuple[str, str]]


@pytest.fixture
def visit(app: APIFlask, ids: Ids) -> Visit:
    """Asks for a line's route as a role, from a browser of its own: the outcome in the table's words, and the text."""
    # each form has a token, which another test looks at
    app.config["WTF_CSRF_METHODS"] = set()

    def ask(line: Line, role: str) -> tuple[str, str]:
        ids.role = role
        client: FlaskClient = app.test_client()
        if role != "nobody":
            client.set_cookie("saring", ids.log_in())
        method, path = line.route.split(" ")
        form = {name: ids.fill(text) for name, text in line.form.items()}
        headers = {"HX-Request": "true"} if line.script else {}
        answer = client.open(ids.fill(path), method=method, data=form if method == "POST" else None, headers=headers)
        # a stream of events has no end to wait for
        text = "" if answer.mimetype == "text/event-stream" else answer.text
        answer.close()
        return got(answer), text

    return ask


def got(answer: TestResponse) -> str:
    """An outcome in the table's words."""
    if answer.status_code >= 500:
        return f"fails with {answer.status_code}"
    if (answer.location or answer.headers.get("HX-Redirect", "")).split("?")[0] == "/login":
        return "login"
    return {401: "refused", 403: "refused", 404: "missing"}.get(answer.status_code, "ok")


def routes(app: APIFlask) -> set[tuple[str, str]]:
    """Every method and rule of the desk."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("desk.")]
    return {(method, rule.rule) for rule in rules for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}


def rule_of(app: APIFlask, line: Line) -> tuple[str, str]:
    """The route that a line is about."""
    method, path = line.route.split(" ")
    tried = path.split("?")[0].replace("{invitation}", "a" * 43)
    tried = re.sub(r"\{\w+\}", "01a20dd2-1159-735a-9cc6-514c279da40e", tried)
    rule, _ = app.url_map.bind("").match(tried, method=method, return_rule=True)
    return method, rule.rule


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_of_the_desk_is_in_the_table_once(app: APIFlask) -> None:
    # but for queues that others may see than the desk
    listed = [rule_of(app, line) for line in TABLE if not re.search("queue=(appeals|escalated)", line.route)]
    assert routes(app) - set(listed) == set()
    assert len(listed) == len(set(listed))


def test_each_role_gets_what_the_table_says(visit: Visit) -> None:
    wrong = []
    for line in TABLE:
        for role, wanted in zip(ROLES, line.gets.split(), strict=True):
            found, _ = visit(line, role)
            if found != wanted:
                wrong.append(f"{line.route} as {role}: {found}, not {wanted}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_form_of_the_desk_does_without_its_token(app: APIFlask, ids: Ids) -> None:
    ids.role = "admin"
    open_to_others = []
    for line in TABLE:
        method, path = line.route.split(" ")
        client = app.test_client()
        client.set_cookie("saring", ids.log_in())
        if method == "POST" and client.post(ids.fill(path), data={}).status_code != 400:
            open_to_others.append(line.route)
    assert open_to_others == []


def test_nobody_reads_a_word_of_another_site(visit: Visit, services: Services, elsewhere: Queued) -> None:
    """Neither in lists, search and queue, nor on any page: what only the other site has is nowhere."""
    store, site_id = services.store, elsewhere.site_id
    with store.begin() as tx:
        Sites(tx).change(site_id, callback_url="https://sebelah.example/hook")
    for number in range(3):
        elsewhere(
            text=f"rahasia sebelah {number}",
            author=Author(f"sebelah{number}", "Orang Sebelah"),
            thread=Thread("sebelah", "https://sebelah.example/a", "Judul Sebelah"),
            risk=9.0 - number,
        )
    boss = add_user(store, "bos@sebelah.example", "Bos Sebelah", PASSWORD, site_id, "admin")
    invite(store, site_id, boss, "lead", "tamu@sebelah.example")
    with store.begin() as tx:
        Deliveries(tx, site_id).stop("410 sebelah")
    pages = [*(line for line in TABLE if line.route.startswith("GET ")), Line("GET /desk/search?q=rahasia", LOOK)]
    leaks = [
        f"{line.route} as {role}"
        for line in pages
        for role in ("viewer", "moderator", "lead", "admin")
        # the words that somebody looks for are theirs
        if "sebelah" in visit(line, role)[1].lower()
    ]
    assert leaks == []
    # and they are there to be seen
    seen = "".join(visit(line, "elsewhere")[1].lower() for line in pages if line.gets in (LOOK, LEAD, ADMIN))
    for word in ("rahasia sebelah", "orang sebelah", "judul sebelah", "bos@sebelah", "tamu@sebelah", "410 sebelah"):
        assert word in seen
