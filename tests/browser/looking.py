"""What is looked at on every screen: axe in both sizes and both themes, and nothing wider than a narrow phone."""

from collections.abc import Sequence

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESKTOP, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 720}

def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe finds, one line per kind with the elements at fault; only these rules when some are named."""
    only = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": TAGS}
    options = {"resultTypes": ["violations"], "runOnly": only}
    if not page.evaluate("'axe' in self"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options).then(({ violations }) => violations)", options)
    return [f"{one['id']}: {'; '.join(node['html'][:160] for node in one['nodes'][:4])}" for one in found]


def wider_than_the_screen(page: Page) -> list[str]:
    """The elements that make a page scroll sideways; none when it does not."""
    return [str(one) for one in page.evaluate("""() => {
        const room = document.documentElement.clientWidth;
        if (document.documentElement.scrollWidth <= room) return [];
        return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > room + 1)
            .slice(0, 5).map(e => `${e.localName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`);
    }""")]


def faults(page: Page) -> list[str]:
    """A screen as it is now, light on a desk and dark on a telephone: both themes and both sizes, each pair of colours in one of them."""
    found = []
    for size, name, scheme in ((DESKTOP, "desktop", "light"), (NARROW, "320 px", "dark")):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found += [f"{name} {scheme} {one}" for one in violations(page)]
        found += [f"{name} too wide: {one}" for one in wider_than_the_screen(page)]
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    page.emulate_media(color_scheme="light")
    return found
