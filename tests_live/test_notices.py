"""The live counter of notifications: a page of a partner that is left open."""

from pathlib import Path

from playwright.sync_api import expect

from devtools.browser import PHONE, browser

from . import race

WORLD = Path(__file__).with_name("world.py")
BROADCAST = """
lead = env["crm.lead"].create(  # noqa: F821
    {
        "name": "Wrong figures",
        "partner_id": env["res.partner"].search([("name", "=", "Asha Traders")]).id,
        "service_id": env["lead.broadcast.service"].search([]).id,
    }
)
lead._broadcast(env["lead.broadcast.audience"]._find(lead))
env.cr.commit()
"""


def test_open_pages_are_told(live_server):
    """A lead is offered: the number appears on the pages that are open, without a
    reload, and goes when somebody of the company has read the list."""
    # one process: with several, websockets need a proxy in front
    live = live_server(workers=0, crons=1)
    live.run_script(WORLD.read_text())
    with browser(live.env, live.url) as chromium:
        home, rival = (
            chromium.user(login, viewport=PHONE) for login in ("nimbus", "verma")
        )
        home.goto("/my")
        count = home.locator("header .o_lead_notice_count")
        card = home.get_by_role("main").get_by_role("link", name="Notifications")
        rival.goto("/my/notices")
        news = rival.get_by_role("link", name="Data Rectification in New Delhi")
        expect(count).to_be_hidden()

        live.run_script(BROADCAST)

        expect(count).to_have_text("1")
        expect(count).to_be_visible()
        expect(card).to_contain_text("1 Notifications")
        expect(news).to_contain_text("Lead offered")

        tab = home.context.new_page()
        tab.goto("/my/notices")
        new = tab.get_by_role("main").get_by_text("New", exact=True)
        expect(new).to_be_visible()
        expect(count).to_be_hidden()
        tab.reload()
        expect(tab.get_by_role("link", name="Lead offered")).to_be_visible()
        expect(new).to_be_hidden()
        assert not chromium.errors
    race.check_log(live)
