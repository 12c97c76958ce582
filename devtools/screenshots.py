"""The pictures of the documentation: the main job, played with the demo data."""

from .browser import PHONE, browser
from .environment import Environment
from .paths import ROOT
from .ui import say

FOLDER = ROOT / "lead_broadcast" / "static" / "description"
CUSTOMER = "Asha Traders"
TALL = {"width": 1280, "height": 1080}  # the form scrolls inside the page
WIDE = {"width": 1440, "height": 800}
ZONE = "Asia/Kolkata"


def main():
    with (
        Environment() as env,
        env.database(demo=True) as database,
        env.mail_sink() as sink,
        env.server(database, crons=1, smtp_port=sink.port) as server,
        browser(env, server.url) as chromium,
    ):
        _take_lead(chromium.user("exec", viewport=TALL, timezone_id=ZONE))
        _take_desk(chromium.user("supervisor", viewport=WIDE, timezone_id=ZONE))
        [mail] = sink.wait_for(lambda mail: "nimbus" in mail["To"])
        _take_mail(chromium.visitor(viewport={"width": 640, "height": 400}), mail)
        _take_portal(chromium.user("nimbus", viewport=PHONE, timezone_id=ZONE))
    say(f"Look at them: {FOLDER}")


def _take_lead(page):
    """What a support executive sees: the wizard, then the lead that is searching."""
    page.goto("/odoo/action-lead_broadcast.crm_lead_action_service")
    row = page.get_by_role("row").filter(has_text=CUSTOMER)
    row.filter(has_text="Not offered").get_by_role("cell").nth(1).click()
    page.get_by_role("button", name="Broadcast", exact=True).click()
    wizard = page.get_by_role("dialog")
    send = wizard.get_by_role("button", name="Send to")
    send.wait_for()
    _save(page, "wizard")
    send.click()
    wizard.wait_for(state="hidden")
    page.get_by_text("partners can still answer").wait_for()
    _save(page, "lead_form")


def _take_desk(page):
    """What a supervisor sees of the leads that nobody has yet."""
    page.goto("/odoo/desk")
    page.get_by_role("row").filter(has_text="too long").first.wait_for()
    _save(page, "desk")


def _take_mail(page, mail):
    page.set_content(mail.get_body(("html",)).get_content())
    _save(page, "mail", full_page=True)


def _take_portal(page):
    """What a service partner sees on the phone."""
    page.goto("/my/offers")
    _save(page, "portal_list")
    page.get_by_role("link").filter(has_text="Hauz Khas").first.click()
    page.get_by_role("button", name="Accept").wait_for()
    _save(page, "offer_page")


def _save(page, name: str, **options):
    page.wait_for_function("document.fonts.ready")
    page.wait_for_function("[...document.images].every(image => image.complete)")
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled", **options)


if __name__ == "__main__":
    main()
