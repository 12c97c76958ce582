"""Chromium, driven: for tests and pictures of what people see."""

import contextlib

from playwright.sync_api import expect, sync_playwright

from .processes import PATIENCE

DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}

# No sandbox: Chromium refuses to run as root with one. The rest keeps it from
# calling home.
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


class Browser:
    """A browser whose visitors do not know each other."""

    def __init__(self, chromium, url: str):
        self._chromium, self.url = chromium, url
        self.errors = []  # what pages wrote to their console as errors

    def visitor(self, *, viewport=DESKTOP, **options):
        """A new private window: a Playwright page."""
        context = self._chromium.new_context(
            base_url=self.url, viewport=viewport, **options
        )
        context.set_default_timeout(PATIENCE * 1000)
        page = context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda message: (
                message.type == "error"
                and self.errors.append(f"{page.url}: {message.text}")
            ),
        )
        return page

    def user(self, login: str, **options):
        """A private window in which somebody has logged in; password as login."""
        page = self.visitor(**options)
        page.goto("/web/login")
        page.get_by_label("Email", exact=True).fill(login)
        page.get_by_label("Password", exact=True).fill(login)
        page.get_by_role("button", name="Log in", exact=True).click()
        page.wait_for_url(lambda url: "/web/login" not in url)
        return page


@contextlib.contextmanager
def browser(env, url: str):
    """A Browser for the Odoo at ``url``."""
    path = env.need_browser()
    expect.set_options(timeout=PATIENCE * 1000)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(path), args=_ARGUMENTS
        )
        try:
            yield Browser(chromium, url)
        finally:
            chromium.close()
