from unittest.mock import patch

import psycopg2

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail.tests.common import MailCase

from ..models.lead_broadcast_notice_delivery import LeadBroadcastNotice
from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestNotice(BroadcastCase, MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("lead_broadcast.ir_cron_send_notices")
        cls.env["lead.broadcast.notice"].search([("state", "=", "pending")]).unlink()

    def _deliver(self):
        with self.enter_registry_test_mode():
            return self.cron.method_direct_trigger()

    def _leave_without_text(self, event):
        rules = self.env["lead.broadcast.notification.rule"]
        rules.search([("event", "=", event)]).template_ref = False

    def _mails(self, event):
        """Return the mails of an event's notices, by recipient."""
        notices = self._notices(event).filtered(lambda n: n.channel == "mail")
        return {notice.recipient_id: notice.mail_id for notice in notices}

    def test_offered(self):
        self._broadcast()
        self.assertFalse(any(self._mails("offered").values()), "not in the transaction")
        self.assertIs(self._deliver(), True)
        mails = self._mails("offered")
        self.assertEqual(
            set(mails), set(self.green_park + self.saket + self.lajpat_nagar)
        )
        for partner, mail in mails.items():
            self.assertEqual(mail.email_to, partner.email)
            self.assertEqual(mail.state, "outgoing")
        self.assertEqual(set(self._notices("offered").mapped("state")), {"sent"})

    def test_channels(self):
        self.lajpat_nagar.email = False
        self._create_portal_user(self.lajpat_nagar, "lajpat")
        self._broadcast()
        channels = {
            offer.partner_id: set(offer.notice_ids.mapped("channel"))
            for offer in self.lead.sudo().offer_ids
        }
        self.assertEqual(
            channels,
            {
                self.green_park: {"mail", "inbox"},
                self.saket: {"mail", "inbox"},
                self.lajpat_nagar: {"inbox"},
            },
        )

    def test_admin_address(self):
        self.green_park.broadcast_email = "offers@greenpark.example"
        self._broadcast()
        self._deliver()
        mail = self._mails("offered")[self.green_park]
        self.assertEqual(mail.email_to, "offers@greenpark.example")

    def test_what_is_no_longer_true_is_not_sent(self):
        self._broadcast()
        self._get_offer(self.saket)._accept("portal", self.saket)
        self._deliver()
        self.assertEqual(set(self._notices("offered").mapped("state")), {"skipped"})
        self.assertEqual(set(self._notices("won").mapped("state")), {"sent"})
        self.assertEqual(self._notices("won").recipient_id, self.saket)

    def test_not_after_validity(self):
        broadcast = self._broadcast()
        self._end_validity(broadcast)
        self._deliver()
        self.assertEqual(set(self._notices("offered").mapped("state")), {"skipped"})

    def test_sent_once(self):
        self._broadcast()
        self._deliver()
        mails = self.env["mail.mail"].search_count([])
        self._deliver()
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_database_guards_once(self):
        self._broadcast()
        notice = self._notices("offered")[0]
        with (
            self.assertRaises(psycopg2.errors.UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            notice.copy()

    @mute_logger("odoo.addons.lead_broadcast.models.lead_broadcast_notice_delivery")
    def test_bad_record_does_not_stop_the_rest(self):
        self._broadcast()
        bad = self._get_offer(self.saket)
        deliver = LeadBroadcastNotice._deliver_mail

        def _deliver_mail(notices, template):
            if bad in notices.offer_id:
                raise ValueError("a bad record")
            return deliver(notices, template)

        with patch.object(LeadBroadcastNotice, "_deliver_mail", _deliver_mail):
            self.assertIs(self._deliver(), True)
        mails = self._notices("offered").filtered(lambda n: n.channel == "mail")
        states = {notice.recipient_id: notice.state for notice in mails}
        self.assertEqual(
            states,
            {
                self.green_park: "sent",
                self.saket: "failed",
                self.lajpat_nagar: "sent",
            },
        )
        failed = mails.filtered(lambda notice: notice.state == "failed")
        self.assertEqual(failed.note, "a bad record")
        failed.with_user(self.user).action_retry()
        self._deliver()
        self.assertEqual(failed.state, "sent")

    def test_conflict_is_no_failure(self):
        """What another transaction is in the way of is tried once more."""
        self._broadcast()
        deliver, conflicts = LeadBroadcastNotice._deliver_mail, []

        def _deliver_mail(notices, template):
            if len(conflicts) < 2:  # the batch, and the first of it alone
                conflicts.append(notices)
                raise psycopg2.errors.SerializationFailure
            return deliver(notices, template)

        with patch.object(LeadBroadcastNotice, "_deliver_mail", _deliver_mail):
            self.assertIs(self._deliver(), True)
        self.assertEqual(list(map(len, conflicts)), [3, 1])
        self.assertEqual(set(self._notices("offered").mapped("state")), {"sent"})

    def test_deleted_template(self):
        """A missing text is reported, and keeps nothing else from being sent."""
        self._broadcast()
        self._get_offer(self.saket)._accept("portal", self.saket)
        self._leave_without_text("taken")
        self.env.ref("lead_broadcast.mail_template_taken").unlink()
        self.assertIs(self._deliver(), True)
        self.assertEqual(set(self._notices("taken").mapped("state")), {"skipped"})
        self.assertTrue(all(self._notices("taken").mapped("note")))
        self.assertEqual(set(self._notices("won").mapped("state")), {"sent"})

    def test_salesperson_in_odoo(self):
        self.user.notification_type = "inbox"
        self._broadcast()
        self._get_offer(self.saket)._accept("portal", self.saket)
        self._deliver()
        notification = self.env["mail.notification"].search(
            [
                ("res_partner_id", "=", self.user.partner_id.id),
                ("mail_message_id.model", "=", "crm.lead"),
                ("mail_message_id.res_id", "=", self.lead.id),
                ("notification_type", "=", "inbox"),
            ]
        )
        self.assertEqual(len(notification), 1)

    def test_lead_without_salesperson(self):
        """Whoever started the round is told."""
        broadcast = self._broadcast()
        self.lead.user_id = False
        self._end_validity(broadcast)
        broadcast._expire()
        self.assertEqual(self._notices("exhausted").recipient_id, self.user.partner_id)

    def test_offered_to_somebody_else(self):
        """An offer of a lead that is taken is not announced, even if it is open."""
        self._broadcast()
        notice = self._notices("offered")[0]
        self.assertEqual(notice._filter_true(), notice)
        self.lead.allocated_offer_id = self._get_offer(self.saket)
        self.assertFalse(notice._filter_true())

    def test_summary_on_the_offer(self):
        self._broadcast()
        offer = self._get_offer(self.lajpat_nagar)
        self.assertEqual(offer.notice_summary, "Email …")
        self._deliver()
        self.assertEqual(offer.notice_summary, "Email ✓")
