"""Whatever a page should not do: ask another host, open a dialog, break its content security policy, fail or leave its width."""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Page

REPORTER = """addEventListener("securitypolicyviolation", (event) => {
    console.error(`policy: ${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
}, true);"""
"""Makes a report of the content security policy an error in the console."""

STRANGE = """() => [...document.querySelectorAll("*")].flatMap((element) => {
    const LEADS = ["href", "src", "action", "formaction", "xlink:href", "data", "poster", "background", "ping"];
    const bad = ["iframe", "object", "embed", "base", "math", "img", "video", "audio", "frame", "applet", "style", "portal"];
    const found = bad.includes(element.localName) ? [element.localName] : [];
    if (element.localName === "script" && !(element.getAttribute("src") ?? "").startsWith("/desk/static/")) found.push("script");
    for (const { name, value } of element.attributes) {
        if (name.startsWith("on") || name === "style" || name === "srcdoc") found.push(name);
        const runs = /^[\\s\\x00-\\x20]*(javascript|data|vbscript|blob):/i.test(value);
        if (LEADS.includes(name) && runs) found.push(`${name}=${value}`);
        const asks = /^(data-)?hx-(get|post|put|delete|patch|ws|sse)$/.test(name);
        if (asks && !/^\\/(?!\\/)/.test(value)) found.push(`${name}=${value}`);
    }
    return found.map((what) => `${what}: ${element.outerHTML.slice(0, 200)}`);
}).concat(Object.prototype.polluted === undefined ? [] : ["polluted"])"""
"""Script for what no page of ours has: elements and attributes that load or run something."""


def watch(context: BrowserContext, home: str, complaints: list[str]) -> BrowserContext:
    """Note what the pages of a context complain of, or do without being asked. `home`: the only place that they may go to."""
    context.add_init_script(REPORTER)
    context.on("page", lambda page: _listen(page, complaints))
    context.on(
        "request",
        lambda request: None if request.url.startswith(f"{home}/") else complaints.append(f"left: {request.url[:300]}"),
    )
    return context


def _listen(page: Page, complaints: list[str]) -> None:
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("console", lambda said: complaints.append(f"{said.text} {_where(said)}") if _counts(said) else None)
    page.on("dialog", lambda dialog: (complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))


def _counts(said: ConsoleMessage) -> bool:
    """Whether it is an error; that the page itself was refused, or is not there, is for the test to judge.

    A stream of events is refused when there are too many: then the page asks.
    """
    refused = re.match(r"Failed to load resource: the server responded with a status of (4\d\d|503)", said.text)
    expected = said.page and _where(said) == said.page.url if refused and refused[1] != "503" else False
    return said.type == "error" and not expected and not (refused and _where(said).endswith("/desk/events"))


def _where(said: ConsoleMessage) -> str:
    return said.location["url"]


def strange(page: Page) -> list[str]:
    """What is on the page and is not of ours."""
    found: list[str] = page.evaluate(STRANGE)
    return found


def width(page: Page) -> int:
    """Of the whole document, in pixels."""
    wide: int = page.evaluate("document.documentElement.scrollWidth")
    return wide
