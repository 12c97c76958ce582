"""The whole job, as people do it: in a browser, with real mails, on a real server."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from devtools.browser import PHONE, browser

WORLD = Path(__file__).with_name("world.py")
WINNER, LOSER = "Nimbus IT", "Verma & Sons"


@pytest.fixture
def live(live_server):
    live = live_server(workers=2, crons=1, socket_timeout=2)
    live.run_script(WORLD.read_text())
    return live


def offer_link(live, address):
    """The link behind Accept in the mail that came to an address."""
    [mail] = live.mails(lambda mail: mail["To"] == address)
    assert mail["Subject"] == "Service opportunity: Data Rectification in New Delhi"
    html = mail.get_body(("html",)).get_content()
    assert "cannot be accepted after its validity" in html
    assert "Asha" not in html
    return re.search(r'href="([^"]+)"[^>]*>\s*Accept', html)[1].replace("&amp;", "&")


def test_main_job(live):
    with browser(live.env, live.url) as chromium:
        executive = chromium.user("exec")
        broadcast_from_short_form(executive)
        loser_link = offer_link(live, "office@verma.example")
        offer_link(live, "office@nimbus.example")

        loser = chromium.visitor(viewport=PHONE)
        loser.goto(loser_link)
        expect(loser.get_by_role("button", name="Accept")).to_be_visible()
        expect(loser.locator("body")).not_to_contain_text("Asha")

        win_on_the_portal(chromium.user("nimbus", viewport=PHONE))

        loser.get_by_role("button", name="Accept").click()
        expect(loser.locator("main")).to_contain_text("This opportunity has been taken")
        expect(loser.locator("body")).not_to_contain_text(WINNER)

        see_the_winner(executive)
        [confirmation] = live.mails(
            lambda mail: (
                mail["To"] == "office@nimbus.example"
                and "Service opportunity" not in mail["Subject"]
            )
        )
        assert "Asha Traders" in confirmation.get_body(("html",)).get_content()
        live.mails(
            lambda mail: (
                mail["To"] == "office@verma.example"
                and "Service opportunity" not in mail["Subject"]
            )
        )
        assert not chromium.errors


def broadcast_from_short_form(page):
    """As support executive: from an issue to a broadcast."""
    page.goto("/odoo/action-lead_broadcast.crm_lead_action_service_new")
    form = page.get_by_role("dialog")
    for field, value in (
        ("partner_id", "Asha Traders"),
        ("service_id", "Data Rectification"),
    ):
        form.locator(f"[name={field}] input").fill(value)
        page.get_by_role("option", name=value).first.click()
    expect(form.locator("[name=service_place] input")).to_have_value("New Delhi")
    form.get_by_role("button", name="Save & Broadcast").click()
    wizard = page.get_by_role("dialog").filter(has_text="Search Radius")
    expect(wizard).to_contain_text(WINNER)
    expect(wizard).to_contain_text("Paused until")
    wizard.get_by_role("button", name=re.compile("Send to 2 partners")).click()
    expect(wizard).to_be_hidden()


def win_on_the_portal(page):
    """As a partner: from the portal's home to the customer's phone number."""
    page.goto("/my")
    page.get_by_role("link", name="Service opportunities").first.click()
    page.get_by_role("link", name=re.compile("Data Rectification")).click()
    expect(page.locator("body")).not_to_contain_text("Asha")
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("main")).to_contain_text("Asha Traders")
    expect(page.get_by_role("link", name="+91 98100 12345")).to_be_visible()
    page.get_by_role("button", name="Customer contacted").click()
    page.get_by_role("textbox").last.fill("We come tomorrow at ten.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("main")).to_contain_text("We come tomorrow at ten.")


def see_the_winner(page):
    """As support executive again: who has it, and the whole story."""
    page.goto("/odoo/action-lead_broadcast.crm_lead_action_service")
    page.get_by_role("cell", name="Data Rectification in New Delhi").first.click()
    expect(page.locator(".o_form_view")).to_contain_text(f"Allocated to {WINNER}")
    chatter = page.locator(".o-mail-Chatter")
    for line in (
        f"Round 1: offered to {WINNER}, {LOSER}",
        f"Allocated to {WINNER} (Portal).",
        "Customer contacted.",
        "We come tomorrow at ten.",
    ):
        expect(chatter).to_contain_text(line)
