from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCase

from .common import BroadcastCase

PARTNER_EVENTS = ("offered", "won", "taken", "withdrawn")


@tagged("post_install", "-at_install")
class TestMailTemplates(BroadcastCase, MailCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("lead_broadcast.ir_cron_send_notices")
        cls.user.notification_type = "inbox"
        cls.env["lead.broadcast.notice"].search([("state", "=", "pending")]).unlink()
        cls.lead.team_id = cls.env["crm.team"].create({"name": "Support Delhi"})

    def _template(self, event):
        return self.env.ref(f"lead_broadcast.mail_template_{event}")

    def _deliver(self):
        with self.enter_registry_test_mode():
            self.assertIs(self.cron.method_direct_trigger(), True)

    def _mail(self, event, partner):
        """Return the mail about an event that a partner was sent."""
        notice = self._notices(event).filtered(
            lambda notice: notice.recipient_id == partner and notice.channel == "mail"
        )
        self.assertEqual(len(notice.mail_id), 1, notice.note)
        return notice.mail_id

    def _send(self, event, partner):
        self._deliver()
        return self._mail(event, partner)

    # ------------------------------------------------------------
    # WHAT THE TEXTS SAY
    # ------------------------------------------------------------

    def test_offered(self):
        self.lead.closure_date = "2030-11-28"
        broadcast = self._broadcast()
        broadcast.valid_until = "2030-11-21 09:00:00"
        mail = self._send("offered", self.saket)
        self.assertEqual(
            mail.subject,
            "Service opportunity: Data Rectification in Hauz Khas, New Delhi",
        )
        for text in (
            "Dear Partner",
            "Data Rectification",
            "Hauz Khas, New Delhi",
            "about 3 km from you",
            "Thursday 28 November 2030",
            "Thursday 21 November, 14:30 (India Time)",
            "Correct the ledger of last year.",
            "An offer cannot be accepted after its validity has expired.",
            "Support Delhi",
            "You receive this email because Saket Services is a service partner",
        ):
            self.assertIn(text, mail.body_html)

    def test_links_lead_to_the_page(self):
        self._broadcast()
        mail = self._send("offered", self.saket)
        offer = self._get_offer(self.saket)
        page = f"{offer.get_base_url()}/my/offers/{offer.id}"
        page += f"?access_token={offer.access_token}"
        self.assertIn(f'href="{page}"', mail.body_html)
        self.assertIn(f'href="{page}#decline"', mail.body_html)
        self.assertNotIn(self._get_offer(self.green_park).access_token, mail.body_html)

    def test_validity_in_the_partners_zone(self):
        self.saket.tz = "America/Santiago"
        self._broadcast().valid_until = "2030-06-21 02:00:00"
        mail = self._send("offered", self.saket)
        self.assertIn("Thursday 20 June, 22:00 (Chile Time)", mail.body_html)

    def test_offered_without_particulars(self):
        """What is not known is left out, not printed as False."""
        self.saket.write({"lang": False, "tz": False})
        self.lead.write({"service_description": False, "service_place": False})
        self._broadcast()
        offer = self._get_offer(self.saket)
        offer.is_located = False
        mail = self._send("offered", self.saket)
        self.assertEqual(mail.subject, "Service opportunity: Data Rectification")
        self.assertNotIn("False", mail.body_html)
        self.assertNotIn("km from you", mail.body_html)

    def test_description_is_text(self):
        self.lead.service_description = "Bring <b>two</b> cables.\nRing twice."
        self._broadcast()
        mail = self._send("offered", self.saket)
        self.assertIn("&lt;b&gt;two&lt;/b&gt; cables.<br", mail.body_html)

    # ------------------------------------------------------------
    # WHO MAY KNOW THE CUSTOMER
    # ------------------------------------------------------------

    def _secrets(self):
        customer = self.customer
        return [
            customer.name,
            customer.email,
            customer.street,
            customer.phone,
            "98100 12345",
        ]

    def test_customer_is_not_named_before_winning(self):
        self.lead.service_description = (
            "Call Asha Traders on 98100 12345 or +91 98100 12345,"
            " mail asha@traders.example."
        )
        self._broadcast()
        self._deliver()
        self._get_offer(self.green_park)._accept("portal", self.green_park)
        self._deliver()
        self.lead._release()
        self._deliver()
        mails = (
            self._mail("offered", self.saket)
            + self._mail("taken", self.saket)
            + self._mail("withdrawn", self.green_park)
        )
        for mail in mails:
            for secret in self._secrets():
                self.assertNotIn(secret, mail.body_html)
                self.assertNotIn(secret, mail.subject)
        self.assertNotIn(
            self.green_park.name, self._mail("taken", self.saket).body_html
        )

    def test_won_names_the_customer(self):
        self.lead.closure_date = "2030-11-28"
        self._broadcast()
        self._get_offer(self.saket)._accept("portal", self.saket)
        mail = self._send("won", self.saket)
        for text in self._secrets() + ["110016", "Thursday 28 November 2030"]:
            self.assertIn(text, mail.body_html)
        self.assertIn('href="tel:+919810012345"', mail.body_html)
        self.assertIn(self._get_offer(self.saket).access_token, mail.body_html)

    def test_won_of_an_offer_that_did_not_win(self):
        """Sent by hand or seen in a preview, it still does not name the customer."""
        self._broadcast()
        offer = self._get_offer(self.saket)
        body = self._template("won")._render_field("body_html", offer.ids)[offer.id]
        for secret in self._secrets():
            self.assertNotIn(secret, body)

    # ------------------------------------------------------------
    # WHO GETS THEM, AND IN WHICH LANGUAGE
    # ------------------------------------------------------------

    def test_addresses(self):
        self.saket.broadcast_email = "offers@saket.example"
        self._broadcast()
        self._deliver()
        mail = self._mail("offered", self.saket)
        self.assertEqual(mail.email_to, "offers@saket.example")
        self.assertEqual(mail.reply_to, self.user.email_formatted)
        mail = self._mail("offered", self.green_park)
        self.assertEqual(mail.email_to, self.green_park.email)
        self.assertFalse(mail.recipient_ids)

    def test_languages(self):
        """Each partner reads its own language, within one batch."""
        self.env["res.lang"]._activate_lang("es_ES")
        template = self._template("offered")
        body = template.body_html
        template.with_context(lang="es_ES").write(
            {
                "subject": "Oportunidad: {{ object._get_title() }}",
                "body_html": body.replace("Dear Partner", "Estimado socio"),
            }
        )
        self.service.with_context(lang="es_ES").name = "Corrección de datos"
        self.saket.lang = "es_ES"
        self._broadcast()
        self._deliver()
        spanish = self._mail("offered", self.saket)
        self.assertTrue(spanish.subject.startswith("Oportunidad: Corrección de datos"))
        self.assertIn("Estimado socio", spanish.body_html)
        self.assertIn("Corrección de datos", spanish.body_html)
        english = self._mail("offered", self.green_park)
        self.assertTrue(english.subject.startswith("Service opportunity: Data Rect"))
        self.assertIn("Dear Partner", english.body_html)

    def test_shipped_translations(self):
        """The texts come translated as a whole, with all that is filled in."""
        partners = {
            "es_ES": (self.saket, "Estimado socio", "Aceptar"),
            "ru_RU": (self.green_park, "Уважаемый партнёр", "Принять"),
            "hi_IN": (self.lajpat_nagar, "प्रिय पार्टनर", "स्वीकार करें"),
        }
        for lang, (partner, *_texts) in partners.items():
            self.env["res.lang"]._activate_lang(lang)
            partner.lang = lang
        self.env["ir.module.module"]._load_module_terms(
            ["lead_broadcast"], list(partners)
        )
        self._broadcast()
        self._deliver()
        for partner, *texts in partners.values():
            mail = self._mail("offered", partner)
            offer = self._get_offer(partner)
            for text in texts + [offer.place, offer.access_token]:
                self.assertIn(text, mail.body_html)
            self.assertNotIn("Service opportunity", mail.subject)

    def test_texts_are_the_administrators(self):
        self._template("offered").with_user(self.administrator).write(
            {"subject": "New job: {{ object.display_name }}"}
        )
        self._broadcast()
        mail = self._send("offered", self.saket)
        self.assertEqual(
            mail.subject, "New job: Data Rectification in Hauz Khas, New Delhi"
        )

    def test_deleted_template(self):
        """What has no text is skipped with a note; the others are sent."""
        rules = self.env["lead.broadcast.notification.rule"]
        rules.search([("event", "=", "taken")]).template_ref = False
        self._template("taken").unlink()
        self._broadcast()
        self._get_offer(self.saket)._accept("portal", self.saket)
        self._deliver()
        taken = self._notices("taken")
        self.assertEqual(set(taken.mapped("state")), {"skipped"})
        self.assertEqual(set(taken.mapped("note")), {"The rule has no text"})
        self.assertEqual(self._mail("won", self.saket).state, "outgoing")

    def test_mails_are_kept(self):
        """The outbox links them, so they must not vanish after sending."""
        for event in PARTNER_EVENTS:
            self.assertFalse(self._template(event).auto_delete, event)

    # ------------------------------------------------------------
    # STAFF
    # ------------------------------------------------------------

    def _notification(self):
        return self.env["mail.message"].search(
            [
                ("model", "=", "crm.lead"),
                ("res_id", "=", self.lead.id),
                ("message_type", "=", "user_notification"),
            ],
            order="id desc",
            limit=1,
        )

    def test_allocated(self):
        self.lead.closure_date = "2030-11-28"
        self._broadcast()
        self._get_offer(self.saket)._accept("portal", self.saket)
        self._deliver()
        message = self._notification()
        self.assertEqual(message.subject, "Allocated: Wrong figures at Asha Traders")
        self.assertIn("Saket Services", message.body)
        self.assertIn("to be completed by Thursday 28 November 2030", message.body)

    def test_allocated_by_mail(self):
        """For those who want no messages in Odoo: with a link, and why they get it."""
        self.user.notification_type = "email"
        self._broadcast()
        self._get_offer(self.saket)._accept("portal", self.saket)
        mail = self._send("allocated", self.user.partner_id)
        self.assertEqual(mail.subject, "Allocated: Wrong figures at Asha Traders")
        self.assertEqual(mail.email_to, self.user.email_formatted)
        for text in (
            "Saket Services",
            "Data Rectification in Hauz Khas, New Delhi",
            f"model=crm.lead&amp;res_id={self.lead.id}",
            "You receive this email because you work on leads",
        ):
            self.assertIn(text, mail.body_html)

    def test_exhausted_says_why(self):
        self._broadcast()
        offers = self.lead.sudo().offer_ids
        for offer in offers:
            offer._decline("portal", offer.partner_id, self.other_reason, note="Rain")
        self._deliver()
        message = self._notification()
        self.assertEqual(
            message.subject, "Nobody took it: Wrong figures at Asha Traders"
        )
        self.assertEqual(message.body.count("Rain"), len(offers))
        self.assertIn("in round 1", message.body)

    def test_who_declined_is_for_staff(self):
        self._broadcast()
        offer = self.lead.sudo().offer_ids[0]
        offer._decline("portal", offer.partner_id, self.other_reason, note="Rain")
        values = {"event": "exhausted", "lead_id": self.lead.id, "channel": "mail"}
        for reader, is_staff in ((self.user.partner_id, True), (self.saket, False)):
            notice = self.env["lead.broadcast.notice"].create(
                {**values, "recipient_id": reader.id}
            )
            mail = self._template("exhausted").send_mail_batch(notice.ids)
            self.assertEqual("Rain" in mail.body_html, is_staff)
