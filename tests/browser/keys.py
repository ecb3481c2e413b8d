"""Getting about on a page with nothing but a keyboard."""

from playwright.sync_api import Page

FARTHEST = 150
"""Presses of Tab after which whatever was looked for counts as out of reach."""

FOCUS = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const box = element.getBoundingClientRect();
    // the ring of a slider is around its knob, whose style no script can read
    const knob = element.type === "range" && element.matches(":focus-visible");
    const style = getComputedStyle(element);
    const told = `${element.localName}${element.id && "#" + element.id}${element.className && "." + element.className} ${
        (element.textContent || element.value || "").trim().slice(0, 40)}`;
    const hit = document.elementFromPoint(Math.max(box.x, 0) + Math.min(box.width, innerWidth) / 2, box.y + box.height / 2);
    return {
        told,
        ring: knob || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0),
        inSight: box.width * box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        free: hit === null || element.contains(hit) || hit.contains(element) || Boolean(hit.closest("label")?.contains(element)),
    };
}"""
"""Script that tells of what has the focus: what it is, whether that is shown, and whether something else lies over it."""


def focus(page: Page) -> dict[str, object] | None:
    """What has the focus; None when it is lost."""
    found: dict[str, object] | None = page.evaluate(FOCUS)
    return found


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus. Each stop on the way must be seen."""
    for _ in range(FARTHEST):
        page.keyboard.press("Tab")
        at = focus(page)
        assert at is None or at["ring"], at
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no key leads to {selector}")


def stops(page: Page) -> list[dict[str, object]]:
    """Every stop of Tab from the page's beginning to its end."""
    found: list[dict[str, object]] = []
    for _ in range(FARTHEST):
        page.keyboard.press("Tab")
        if (at := focus(page)) is None:
            break
        found.append(at)
    return found
