"""Who gets alerts by SMS: set on the portal, in a browser and by many at once."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from devtools.browser import PHONE, browser

from . import race
from .test_main_job import WORLD, broadcast_from_short_form

ALERT_WORLD = Path(__file__).with_name("alert_world.py")
RAVI, VIJAY = "+919899955501", "+919899955511"
CSRF_TOKEN = re.compile(r'name="csrf_token"\s+value="(\w+)"')
TEXTS = "SELECT body FROM sms_sms WHERE number = %s ORDER BY id DESC"
RECIPIENTS = """
SELECT message.number FROM sms_sms message
  JOIN lead_broadcast_offer offer
    ON strpos(message.body, offer.request_code) > 0
"""
OWNERS = """
SELECT count(*) FROM res_partner WHERE broadcast_role = 'owner' AND name ~ 'Nimbus'
"""


@pytest.fixture
def live(live_server):
    live = live_server(workers=4, crons=1, socket_timeout=2)
    live.run_script(WORLD.read_text() + ALERT_WORLD.read_text())
    return live


@pytest.fixture
def database(live):
    database = race.Database(live)
    yield database
    database.close()


def test_sms_goes_to_exactly_those(live, database):
    """The executive confirms the number, the owner allows it, the offer arrives."""
    with browser(live.env, live.url) as chromium:
        executive = chromium.user("ravi", viewport=PHONE)
        confirm_number(executive, database)
        expect(executive.locator("main")).to_contain_text("ask Nadia of Nimbus")
        expect(executive.locator("main")).not_to_contain_text("Farah")

        allow_sms(chromium.user("nimbus", viewport=PHONE))

        executive.reload()
        expect(executive.locator("main")).to_contain_text("You get SMS on")
        broadcast_from_short_form(chromium.user("exec"))
        recipients = {RAVI, VIJAY}
        race.wait_until(
            lambda: set(database.column(RECIPIENTS)) == recipients,
            "An SMS to each of them",
        )
        waiting = "SELECT count(*) FROM lead_broadcast_notice WHERE state = 'pending'"
        race.wait_until(lambda: database.column(waiting) == [0], "All are told")
        assert sorted(database.column(RECIPIENTS)) == sorted(recipients)
        assert not chromium.errors


def confirm_number(page, database):
    """As an executive: from the portal's home to a confirmed number."""
    page.goto("/my")
    page.get_by_role("link", name="Alerts").click()
    page.get_by_label("My mobile number").fill("98999 55501")
    page.get_by_role("button", name="Send me a code").click()
    field = page.get_by_label("Code we sent to +91 98999 55501")
    expect(field).to_be_focused()
    [text] = database.column(TEXTS, RAVI)
    field.fill(text[:6])
    page.get_by_role("button", name="Confirm").click()
    expect(page.locator("main")).to_contain_text("+91 98999 55501")
    expect(page.locator("main")).to_contain_text("confirmed")


def allow_sms(page):
    """As an owner: let the executive get SMS."""
    page.goto("/my/alerts")
    person = page.get_by_role("listitem").filter(has_text="Ravi of Nimbus")
    expect(person).to_contain_text("Not allowed")
    person.get_by_role("button", name="Allow SMS to Ravi").click()
    expect(person).to_contain_text("Gets SMS")
    expect(
        page.get_by_role("listitem").filter(has_text="Farah of Nimbus")
    ).to_contain_text("Not allowed")


class Person:
    """Somebody who is logged in on the portal and clicks many times at once."""

    def __init__(self, live, login: str):
        self.client = live.client(login)
        self.csrf_token = CSRF_TOKEN.search(self.client.get("/my/alerts").text)[1]

    def post(self, path: str, **form):
        """A function that sends a form of the page, once, on its own connection."""
        client = race.same_login(self.client)
        form["csrf_token"] = self.csrf_token
        return lambda: client.post(f"/my/alerts/{path}", form, allow_redirects=False)

    def contact(self, database) -> int:
        """The id of the person's contact."""
        query = "SELECT partner_id FROM res_users WHERE id = %s"
        return database.column(query, self.client.uid)[0]


def test_many_at_once(live, database):
    """Requests made at the same moment count as those made one after the other."""
    ravi, nadia = Person(live, "ravi"), Person(live, "nimbus")
    ask_for_codes(ravi, database)
    guess_codes(ravi, database)
    demote_each_other(nadia, ravi, database)
    race.check_log(live)


def ask_for_codes(person, database):
    requests = [person.post("number", number=RAVI) for _count in range(6)]
    with database.gate("res_partner", person.contact(database), expected=4):
        answers = race.at_once(requests)
    assert sorted(answer.status_code for answer in answers) == [303] * 3 + [400] * 3
    assert len(database.column(TEXTS, RAVI)) == 3


def guess_codes(person, database):
    """Six wrong guesses, and then the right one."""
    code = database.column(TEXTS, RAVI)[0][:6]
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    [pending] = database.column("SELECT max(id) FROM lead_broadcast_alert_confirmation")
    guesses = [person.post("confirm", code=wrong) for _count in range(6)]
    with database.gate("lead_broadcast_alert_confirmation", pending, expected=4):
        answers = race.at_once(guesses)
    assert {answer.status_code for answer in answers} == {400}
    attempts = "SELECT attempt_count FROM lead_broadcast_alert_confirmation WHERE id=%s"
    assert database.column(attempts, pending) == [5]
    assert person.post("confirm", code=code)().status_code == 400


def demote_each_other(one, other, database):
    """Two owners who name each other executive: one of them stays owner."""
    ids = [one.contact(database), other.contact(database)]
    assert one.post(f"{ids[1]}/role", role="owner")().status_code == 303
    assert database.column(OWNERS) == [2]
    with database.gate("res_partner", min(ids), expected=2):
        answers = race.at_once(
            [
                one.post(f"{ids[1]}/role", role="executive"),
                other.post(f"{ids[0]}/role", role="executive"),
            ]
        )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [303, 403]
    assert database.column(OWNERS) == [1]
