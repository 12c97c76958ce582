from odoo.tests import HttpCase, tagged

from .common import BroadcastCase

# Looks at the countdown, then lets four hours pass in the browser.
WATCH = """
    const until = async (what, condition) => {
        const end = Date.now() + 15000;
        while (!condition()) {
            if (Date.now() > end) {
                throw new Error(`${what}: ${shown()}`);
            }
            await new Promise((resolve) => setTimeout(resolve, 100));
        }
    };
    const shown = () => document.querySelector(
        "[name=broadcast_valid_until] .o_lead_broadcast_countdown"
    )?.textContent ?? "";
    const since = () => document.querySelector(
        "[name=searching_since] .o_lead_broadcast_countdown"
    )?.textContent ?? "";
    (async () => {
        await until("counts down", () => shown().startsWith("valid for 3 hr"));
        await until("counts up", () => /^for \\d+ sec/.test(since()));
        const now = luxon.Settings.now;
        luxon.Settings.now = () => Date.now() + 4 * 3600 * 1000;
        await until("ends", () => shown() === "time is over");
        await until("goes on", () => since() === "for 4 hr");
        luxon.Settings.now = now;
        console.log("test successful");
    })();
"""


@tagged("post_install", "-at_install")
class TestCountdown(BroadcastCase, HttpCase):
    def test_countdown_on_lead_form(self):
        self._broadcast()
        self.browser_js(
            f"/odoo/action-lead_broadcast.crm_lead_action_service/{self.lead.id}",
            WATCH,
            ready="document.querySelector('.o_form_view') !== null",
            login="executive",
        )
        self.assertEqual(self.lead.broadcast_state, "searching")
