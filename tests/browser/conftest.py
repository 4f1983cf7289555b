"""One practice per process, served for real; Dr Claire MOREAU at its first post, entered with the code that `init` printed."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright

from tests.browser import gestures, screens
from tests.browser.cabinet import Cabinet
from tests.browser.chromium import CERTUTIL, CHROMIUM, Person, Post, Visitor, chromium, home_that_trusts, new_post

expect.set_options(timeout=20_000)  # a condition on a busy machine, never a measure
MISSING = [str(path) for path in (CHROMIUM, CERTUTIL) if not path.exists()]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)
            if MISSING:
                item.add_marker(pytest.mark.skip(reason=f"{', '.join(MISSING)} not installed: see scripts/system_packages.sh"))


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Cabinet:
    """A practice as `permanence init` leaves it; copied by who needs one of their own."""
    return Cabinet.found(tmp_path_factory.mktemp("init") / "cabinet")


@pytest.fixture(scope="package")
def cabinet(founded: Cabinet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cabinet]:
    """The practice of most journeys: served, unlocked with the sheet."""
    made = founded.copy(tmp_path_factory.mktemp("served") / "cabinet")
    try:
        yield made.serve().unlock()
    finally:
        made.stop()


@pytest.fixture
def own_cabinet(founded: Cabinet, tmp_path: Path) -> Iterator[Cabinet]:
    """A practice for one journey: to be stopped, killed, sealed."""
    made = founded.copy(tmp_path / "cabinet")
    try:
        yield made.serve().unlock()
    finally:
        made.stop()


@pytest.fixture(scope="package")
def playwright_here() -> Iterator[Playwright]:
    """For this folder's tests only: its loop runs in this thread, so Django takes whoever comes meanwhile for a coroutine."""
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "yes")
        yield playwright


@pytest.fixture(scope="package")
def trusted_browser(playwright_here: Playwright, founded: Cabinet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Chromium whose store holds the practice's authority."""
    home = home_that_trusts(tmp_path_factory.mktemp("home"), founded.authority)
    with chromium(playwright_here, home) as browser:
        yield browser


@pytest.fixture
def fresh_post(trusted_browser: Browser) -> Iterator[Callable[..., Post]]:
    """`fresh_post(cabinet)`: another browser profile, closed at the end."""
    made: list[Post] = []

    def make(cabinet: Cabinet, **more: object) -> Post:
        made.append(new_post(trusted_browser, cabinet, **more))
        return made[-1]

    yield make
    for post in made:
        post.context.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A journey that fails says where each of its pages stood."""
    report = yield
    if report.failed:
        pages = [page for value in getattr(item, "funcargs", {}).values() if isinstance(value, Browser)
                 for context in value.contexts for page in context.pages]
        report.sections.append(("pages", "\n\n".join(map(_told, pages))))
    return report


def _told(page: Page) -> str:
    try:
        return f"{page.url}\n{page.locator('body').inner_text(timeout=1000)[:1500]}"
    except Error as gone:
        return f"{page.url}\n{gone}"


def first_titulaire(post: Post) -> Visitor:
    """What the sheet of `init` tells the first titulaire to do: a key, then this browser as a post, then enter."""
    visitor = post.sit(Person("Claire Moreau"))
    gestures.create_first_key(visitor, post.cabinet.first_key)
    gestures.enrol_post(visitor, post.cabinet.first_post)
    gestures.enter(visitor)
    return visitor


@pytest.fixture(scope="package")
def office(trusted_browser: Browser, cabinet: Cabinet) -> Iterator[Visitor]:
    """The first post, Dr Moreau in front of it: its context stays open for all journeys of this process."""
    post = new_post(trusted_browser, cabinet)
    visitor = first_titulaire(post)
    visitor.keep_key()
    # Another tab, of a page without scripts: the worker and its process outlive each journey's own page, and start once.
    visitor.page.goto(f"{cabinet.origin}/static/css/permanence.css")
    yield visitor
    post.context.close()


@pytest.fixture
def moreau(office: Visitor) -> Iterator[Visitor]:
    """Dr Moreau in front of a fresh page of the first post, in session."""
    visitor = office.post.sit(office.person)
    page = visitor.goto("/")
    if page.get_by_role("button", name="Entrer avec ma clé").is_visible():
        gestures.enter(visitor)
    page.evaluate("passkey.confirm().then(() => true)")  # verified now: no journey but those about it meets a step-up
    yield visitor
    visitor.keep_key()
    visitor.page.close()
    assert visitor.problems == []


@pytest.fixture(scope="package")
def written(cabinet: Cabinet) -> list[screens.Screens]:
    """The whole file of this practice, once somebody needed it."""
    return []


@pytest.fixture
def whole(moreau: Visitor, written: list[screens.Screens]) -> screens.Screens:
    """A whole file to look at, written once: nobody changes it."""
    if not written:
        written.append(screens.fill(moreau))
    return written[0]
