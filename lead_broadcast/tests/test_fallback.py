from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .mail_common import UNKNOWN, MailServerCase


@tagged("post_install", "-at_install")
class TestFallback(MailServerCase):
    """Who is told in which other way, and who learns that nobody was."""

    def _fail_mail(self, partner, event="offered"):
        """Have the mail server refuse what is for a partner."""
        self._refuse(partner._get_broadcast_email(), UNKNOWN)
        self._deliver()
        self._run_queue()
        notice = self._get_mail_notice(partner, event)
        self.assertEqual(notice.mail_state, "exception")
        return notice

    def _fail_sms(self, contact):
        self.gateway.answers[contact.broadcast_alert_number] = "wrong_number_format"
        self._deliver()
        notice = self._get_sms_notice(contact)
        self.assertEqual(notice.sms_state, "error")
        return notice

    def _get_warnings(self, lead=None):
        return self._notices("undeliverable", lead)

    # ------------------------------------------------------------
    # THE NEXT CHANNEL
    # ------------------------------------------------------------

    def test_from_sms_by_mail_to_the_portal(self):
        """A person has three channels: each fails in turn."""
        self.owner.email = "owner@greenpark.example"
        self._broadcast()
        by_sms = self._fail_sms(self.owner)
        self.assertEqual(self._get_fallbacks(by_sms), [(self.owner, "mail")])
        by_mail = self._fail_mail(self.owner)
        self.assertEqual(by_mail.fallback_of_id, by_sms)
        self.assertEqual(self._get_fallbacks(by_mail), [(self.owner, "inbox")])
        self._deliver()
        self.assertEqual(by_mail.fallback_ids.state, "sent")
        self.assertFalse((by_sms | by_mail).filtered("is_unreachable"))
        self.assertFalse(self.lead.has_delivery_problem)

    def test_bounce(self):
        self.owner.email = "owner@greenpark.example"
        self._broadcast()
        self._fail_sms(self.owner)
        self._deliver()
        self._run_queue()
        by_mail = self._get_mail_notice(self.owner)
        self.assertEqual(by_mail.mail_state, "sent")
        self._return_mail(by_mail)
        self.assertEqual(self._get_fallbacks(by_mail), [(self.owner, "inbox")])

    def test_company_is_told_in_the_app_already(self):
        self._broadcast()
        notice = self._fail_mail(self.saket)
        self.assertFalse(notice.fallback_ids)
        self.assertFalse(notice.is_unreachable)
        self.assertFalse(self._get_warnings())

    def test_company_is_told_by_sms_already(self):
        contact = self._create_contact(self.lajpat_nagar, "+919810000007")
        self._broadcast()
        notice = self._fail_mail(self.lajpat_nagar)
        self.assertEqual(len(self._sent_to(contact)), 1)
        self.assertFalse(notice.fallback_ids)
        self.assertFalse(notice.is_unreachable)

    def test_from_mail_to_the_app(self):
        """No rule tells partners of it in the app."""
        self._broadcast()
        self._deliver()
        self._get_rules("taken", "inbox").active = False
        self._get_offer(self.lajpat_nagar)._accept("portal", self.lajpat_nagar)
        notice = self._fail_mail(self.saket, "taken")
        self.assertEqual(self._get_fallbacks(notice), [(self.saket, "inbox")])
        self._deliver()
        self.assertEqual(notice.fallback_ids.state, "sent")

    def test_from_mail_to_sms(self):
        """No rule tells partners of it by SMS; all who get SMS are told."""
        contacts = self._create_contact(self.lajpat_nagar, "+919810000007")
        contacts |= self._create_contact(self.lajpat_nagar, "+919810000008")
        self._get_rules("offered", "sms").active = False
        self._broadcast()
        notice = self._fail_mail(self.lajpat_nagar)
        self.assertEqual(notice.fallback_ids.recipient_id, contacts)
        self.assertEqual(set(notice.fallback_ids.mapped("channel")), {"sms"})
        self._deliver()
        for contact in contacts:
            self.assertEqual(len(self._sent_to(contact)), 1)

    def test_not_to_a_mailbox_that_failed(self):
        """The person's address is the company's."""
        self.executive.email = self.green_park.email.upper()
        self._broadcast()
        self._fail_mail(self.green_park)
        notice = self._get_sms_notice(self.executive)
        notice._update_sms_state("error", "sms_not_delivered")
        self.assertFalse(notice.fallback_ids)
        self.assertTrue(notice.is_unreachable)

    def test_mailbox_that_works_is_enough(self):
        self.executive.email = self.green_park.email.upper()
        self._broadcast()
        notice = self._fail_sms(self.executive)
        self.assertFalse(notice.fallback_ids)
        self.assertFalse(notice.is_unreachable)

    def test_not_without_text(self):
        contact = self._create_contact(self.lajpat_nagar, "+919810000007")
        self._get_rules("offered", "sms").write(
            {"active": False, "template_ref": False}
        )
        self.env.ref("lead_broadcast.sms_template_offered").unlink()
        self._broadcast()
        notice = self._fail_mail(self.lajpat_nagar)
        self.assertFalse(notice.fallback_ids)
        self.assertTrue(notice.is_unreachable)
        self.assertFalse(self._sent_to(contact))

    def test_not_after_the_validity(self):
        broadcast = self._broadcast()
        self._deliver()
        self._run_queue()
        notice = self._get_mail_notice(self.lajpat_nagar)
        self._end_validity(broadcast)
        self._return_mail(notice)
        self.assertEqual(notice.mail_state, "bounce")
        self.assertFalse(notice.is_unreachable)
        self.assertFalse(self._get_warnings())

    def test_queries_do_not_grow_with_failures(self):
        self._broadcast(self._create_leads(7))
        self._deliver()
        notices = self._get_mail_notice(self.lajpat_nagar)
        self.assertEqual(len(notices), 7)
        one = self._count_queries(lambda: notices[:1]._fall_back())
        six = self._count_queries(lambda: notices[1:]._fall_back())
        self.assertTrue(all(notices.mapped("is_unreachable")))
        self.assertLessEqual(six, one)

    # ------------------------------------------------------------
    # NO CHANNEL LEFT
    # ------------------------------------------------------------

    def test_salesperson_is_warned(self):
        self.user.notification_type = "inbox"
        self._broadcast()
        self._fail_mail(self.lajpat_nagar)
        warning = self._get_warnings()
        self.assertEqual(warning.recipient_id, self.user.partner_id)
        self._deliver()
        self.assertEqual(warning.state, "sent")
        message = self.env["mail.message"].search(
            [
                ("model", "=", "crm.lead"),
                ("res_id", "=", self.lead.id),
                ("notified_partner_ids", "in", self.user.partner_id.ids),
            ]
        )
        self.assertIn("arrive at Lajpat Nagar Services", html2plaintext(message.body))

    def test_warned_once_of_each(self):
        (self.saket | self.green_park).child_ids.user_ids.active = False
        for contact in (self.owner, self.executive, self.rival):
            contact.broadcast_alert_authorized = False
        self._broadcast()
        self._fail_mail(self.lajpat_nagar)._retry()
        self._fail_mail(self.lajpat_nagar)
        self.assertEqual(len(self._get_warnings()), 1)
        self._return_mail(self._get_mail_notice(self.saket))
        self.assertEqual(len(self._get_warnings()), 2)

    def test_banner_and_filter(self):
        self._broadcast()
        lead = self.lead.with_user(self.user)
        self.assertFalse(lead.has_delivery_problem)
        self.assertFalse(lead.delivery_problems)
        self._fail_mail(self.lajpat_nagar)
        self.assertTrue(lead.has_delivery_problem)
        self.assertIn(
            f' href="/odoo/res.partner/{self.lajpat_nagar.id}">Lajpat Nagar Services'
            "</a> could not be told: Mailbox unknown (550 5.1.1 no such user).",
            lead.delivery_problems,
        )
        self.assertEqual(self._search_problems(), self.lead)
        other = self._create_lead()
        no_problem = [("has_delivery_problem", "=", False), ("id", "in", other.ids)]
        self.assertEqual(self.env["crm.lead"].search(no_problem), other)

    def _search_problems(self):
        leads = self.env["crm.lead"].with_user(self.supervisor)
        return leads.search([("has_delivery_problem", "=", True)])

    def test_banner_while_it_matters(self):
        self._broadcast()
        self._fail_mail(self.lajpat_nagar)
        self._get_offer(self.saket)._accept("portal", self.saket)
        self.assertFalse(self.lead.has_delivery_problem)
        self.assertFalse(self._search_problems())

    def test_banner_of_closed_leads(self):
        self._broadcast()
        self._fail_mail(self.lajpat_nagar)
        self.lead.action_set_lost()
        self.assertFalse(self.lead.has_delivery_problem)
        self.assertFalse(self._search_problems())

    def test_retry_from_the_banner(self):
        self._broadcast()
        notice = self._fail_mail(self.lajpat_nagar)
        self.lajpat_nagar.email = "right@lajpat.example"
        with self.assertRaises(AccessError):
            self.lead.with_user(self.other_user).action_retry_notices()
        self.lead.with_user(self.user).action_retry_notices()
        self.assertFalse(self.lead.has_delivery_problem)
        self._deliver()
        self._run_queue()
        self.assertEqual(self.sent[-1][0], "right@lajpat.example")
        self.assertEqual(notice.mail_state, "sent")
        self.assertFalse(self.lead.has_delivery_problem)

    # ------------------------------------------------------------
    # REMINDERS
    # ------------------------------------------------------------

    def _write_digest(self, partner, hour=9, channel="mail"):
        rule = self._get_rules("allocated", "mail").filtered("is_digest")[:1]
        notice = self.env["lead.broadcast.notice"].create(
            {
                "event": "digest",
                "rule_id": rule.id,
                "company_id": self.company.id,
                "recipient_id": partner.id,
                "channel": channel,
                "slot": f"2027-01-01 {hour:02}:00",
                "line_ids": [
                    Command.create(
                        {
                            "rule_id": rule.id,
                            "lead_id": self.lead.id,
                            "offer_id": self.lead.allocated_offer_id.id,
                        }
                    )
                ],
            }
        )
        self._deliver()
        return notice

    def _allocate(self, partner):
        self.lead.with_user(self.user)._allocate(partner)
        self._deliver()
        self._run_queue()

    def test_reminder_that_the_next_one_has_replaced(self):
        self._allocate(self.lajpat_nagar)
        morning = self._write_digest(self.lajpat_nagar, 9)
        noon = self._write_digest(self.lajpat_nagar, 13)
        self._run_queue()
        self.assertEqual(morning.mail_state, "cancel")
        self.assertEqual(noon.mail_state, "sent")

    def test_sms_that_the_next_one_has_replaced(self):
        self._give_alerts(self.lajpat_nagar, "+919810000009")
        self._allocate(self.lajpat_nagar)
        self.gateway.sent.clear()
        self.gateway.answers[None] = "server_error"
        morning = self._write_digest(self.lajpat_nagar, 9, "sms")
        self.assertEqual(morning.sms_state, "outgoing")
        self.gateway.answers.clear()
        noon = self._write_digest(self.lajpat_nagar, 13, "sms")
        with freeze_time(fields.Datetime.now() + timedelta(minutes=2)):
            self.env["sms.sms"]._cron_retry()
            self._send_queue()
        self.assertEqual(morning.sms_state, "canceled")
        self.assertEqual(noon.sms_state, "pending")
        self.assertEqual(len(self._sent_to(self.lajpat_nagar)), 1)

    def test_reminder_by_the_next_channel(self):
        """It is about the same leads."""
        self._allocate(self.green_park)
        digest = self._write_digest(self.green_park)
        self._refuse(self.green_park.email, UNKNOWN)
        self._run_queue()
        self.assertEqual(self._get_fallbacks(digest), [(self.green_park, "inbox")])
        self.assertEqual(digest.fallback_ids.line_ids.lead_id, self.lead)
        self._deliver()
        self.assertEqual(digest.fallback_ids.state, "sent")

    def test_reminder_that_reaches_nobody(self):
        """It matters until the next one is due."""
        self._allocate(self.lajpat_nagar)
        digest = self._write_digest(self.lajpat_nagar)
        self._refuse(self.lajpat_nagar.email, UNKNOWN)
        self._run_queue()
        self.assertTrue(digest.is_unreachable)
        self.assertTrue(self.lead.has_delivery_problem)
        self.assertEqual(self._search_problems(), self.lead)
        self.assertEqual(len(self._get_warnings()), 1)
        self.lead.invalidate_recordset()
        with freeze_time(fields.Datetime.now() + timedelta(days=1, minutes=1)):
            self.assertFalse(self.lead.has_delivery_problem)

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _create_contact(self, company, number):
        contact = self.env["res.partner"].create(
            {"name": f"Contact {number}", "parent_id": company.id}
        )
        self._give_alerts(contact, number)
        return contact

    def _get_rules(self, event, channel):
        return self.env["lead.broadcast.notification.rule"].search(
            [("event", "=", event), ("channel", "=", channel)]
        )
