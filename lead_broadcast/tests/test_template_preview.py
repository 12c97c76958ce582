from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..tools import measure_sms
from .notification_common import NotificationCase


@tagged("post_install", "-at_install")
class TestTemplatePreview(NotificationCase):
    """What is previewed is what is sent."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.Rule.with_context(active_test=False).search([])

    def _get_rule(self, event, role, channel, tier=None):
        return self.rules.filtered(
            lambda rule: (
                (rule.event, rule.role, rule.channel) == (event, role, channel)
                and (not tier or rule.tier_id == self.tiers[tier])
            )
        )

    def _open(self, action_of, user=None, **values):
        """Open the preview of a rule or a template, and choose in it."""
        action_of = action_of.with_user(user or self.administrator)
        if action_of._name == "lead.broadcast.notification.rule":
            action = action_of.action_preview()
        else:
            action = action_of.action_preview_notification()
        model = action_of.env[action["res_model"]].with_context(**action["context"])
        form = Form(model)
        for name, value in values.items():
            form[name] = value
        return form

    def _get_mail(self, partner, event):
        notice = self.Notice.search(
            [
                ("recipient_id", "=", partner.id),
                ("event", "=", event),
                ("channel", "=", "mail"),
            ],
            limit=1,
        )
        return notice.mail_id

    def assertPreviewsMail(self, preview, mail):
        self.assertFalse(preview.error)
        self.assertFalse(preview.warning)
        for name in ("subject", "email_from", "email_to", "reply_to", "body_html"):
            self.assertEqual(preview[name] or "", mail[name] or "", name)

    # ------------------------------------------------------------
    # AS IT IS SENT
    # ------------------------------------------------------------

    def test_mail_about_an_offer(self):
        self._broadcast()
        rule = self._get_rule("offered", "partner_admin", "mail")
        preview = self._open(rule, lead_id=self.lead, recipient_id=self.saket)
        self._deliver()
        self.assertPreviewsMail(preview, self._get_mail(self.saket, "offered"))

    def test_mail_about_a_notice(self):
        """With the layout, to somebody other than the partner."""
        team = self._create_team("TTT", self.other_user)
        team.user_id = self.supervisor
        lead = self._give(self.green_park, self._at(0, 10))
        lead.team_id = team
        rule = self._get_rule("escalated", "supervisor", "mail")
        lead.response_level = 1  # as if nobody had answered in time
        preview = self._open(rule, lead_id=lead)
        self.assertEqual(preview.recipient_id, self.supervisor.partner_id)
        self.Rule._notify("escalated", lead)
        self._deliver()
        mail = self._get_mail(self.supervisor.partner_id, "escalated")
        self.assertPreviewsMail(preview, mail)

    def test_digest(self):
        """With all leads that the recipient would be reminded of now."""
        first, second = (self._give(self.green_park, self._at(0, 10)) for _ in "12")
        self.clock.move_to(self._at(0, 13))
        rule = self._get_rule("allocated", "partner_admin", "mail", "TP")
        preview = self._open(rule, lead_id=first)
        self._pass(self._at(0, 13))
        mail = self._get_mail(self.green_park, "digest")
        self.assertIn("2 leads", preview.subject)
        self.assertEqual(preview.subject, mail.subject)
        self.assertEqual(preview.email_to, mail.email_to)
        for lead in first | second:
            self.assertIn(f"L{lead.id} ", preview.body_html)
            self.assertIn(f"L{lead.id} ", mail.body_html)

    def test_sms(self):
        self._broadcast()
        rule = self._get_rule("offered", "executives", "sms")
        preview = self._open(rule, lead_id=self.lead, recipient_id=self.executive)
        self._deliver()
        self.assertEqual([preview.sms_text], self._sent_to(self.executive))
        size = measure_sms(preview.sms_text)
        self.assertEqual(
            preview.sms_size,
            f"{len(preview.sms_text)} characters, segments: {size.segments} (GSM-7)",
        )

    def test_in_app(self):
        self.user.notification_type = "inbox"
        lead = self._give(self.green_park, self._at(0, 10))
        rule = self._get_rule("allocated", "owner", "inbox")
        preview = self._open(rule, lead_id=lead)
        self.assertFalse(preview.email_to)
        self.assertIn("in-app", preview.recipients)
        self._deliver()
        messages = self.env["mail.message"].search(
            [
                ("model", "=", "crm.lead"),
                ("res_id", "=", lead.id),
                ("notified_partner_ids", "in", self.user.partner_id.ids),
            ]
        )
        self.assertEqual(messages.mapped("subject"), [preview.subject])

    def test_shipped_rules(self):
        """Each has a text that can be filled in."""
        lead = self._give(self.green_park, self._at(0, 10))
        lead.with_user(self.user).activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.user.id
        )
        for rule in self.rules:
            with self.subTest(rule=rule.display_name):
                preview = self._open(rule, lead_id=lead)
                self.assertFalse(preview.error)
                self.assertTrue(preview.body_html or preview.sms_text)

    def test_nothing_is_left(self):
        lead = self._give(self.green_park, self._at(0, 10))
        names = ("lead.broadcast.notice", "lead.broadcast.notice.line", "mail.mail")
        names += ("mail.message", "sms.sms", "lead.broadcast.schedule.run")

        def count():
            self.env.flush_all()
            return [self.env[name].search_count([]) for name in names]

        before = count()
        self._open(
            self._get_rule("allocated", "partner_admin", "mail", "TP"), lead_id=lead
        ).save()
        self._open(self._get_rule("won", "partner_admin", "mail"), lead_id=lead).save()
        self.assertEqual(count(), before)

    # ------------------------------------------------------------
    # WHICH LEAD, WHO, WHICH LANGUAGE
    # ------------------------------------------------------------

    def test_default_lead(self):
        """The latest that the rule tells of, not the latest of all."""
        lead = self._give(self.green_park, self._at(0, 10))
        self._give(self.field_team, self._at(0, 11))
        self._create_lead()
        rule = self._get_rule("allocated", "partner_admin", "mail", "TP")
        self.assertEqual(self._open(rule).lead_id, lead)

    def test_recipients(self):
        self._broadcast()
        rule = self._get_rule("offered", "executives", "sms")
        preview = self._open(rule, lead_id=self.lead)
        self.assertIn("+919810000002", preview.recipients)
        self.assertIn(self.executive.name, preview.recipients)
        self.assertFalse(preview.warning)

    def test_recipient_without_address(self):
        lead = self._give(self.green_park, self._at(0, 10))
        self.green_park.write({"email": False, "broadcast_email": False})
        rule = self._get_rule("allocated", "partner_admin", "mail", "TP")
        preview = self._open(rule, lead_id=lead)
        self.assertEqual(
            preview.warning, f"{self.green_park.display_name}: No email address"
        )
        self.assertFalse(preview.recipients)
        self.assertFalse(preview.email_to)

    def test_nobody(self):
        self.green_park.broadcast_master_id = False
        lead = self._give(self.green_park, self._at(0, 10))
        rule = self._get_rule("allocated", "master", "mail", "TP")
        preview = self._open(rule, lead_id=lead)
        self.assertEqual(preview.warning, "This rule tells nobody of this lead.")
        self.assertTrue(preview.subject, "the text is shown all the same")

    def test_language(self):
        """The recipient's own, unless another one is chosen."""
        self.env["res.lang"]._activate_lang("es_ES")
        template = self.env.ref("lead_broadcast.mail_template_won")
        template.with_context(lang="es_ES").subject = "Es suyo"
        template.with_context(lang="en_US").subject = "It is yours"
        lead = self._give(self.green_park, self._at(0, 10))
        rule = self._get_rule("won", "partner_admin", "mail")
        self.assertEqual(self._open(rule, lead_id=lead).subject, "It is yours")
        in_spanish = self._open(rule, lead_id=lead, lang="es_ES")
        self.assertEqual(in_spanish.subject, "Es suyo")
        self.green_park.lang = "es_ES"
        self.assertEqual(self._open(rule, lead_id=lead).subject, "Es suyo")

    def test_language_of_sms(self):
        self.env["res.lang"]._activate_lang("es_ES")
        template = self.env.ref("lead_broadcast.sms_template_won")
        template.with_context(lang="es_ES").body = "Es suyo"
        lead = self._give(self.green_park, self._at(0, 10))
        rule = self._get_rule("allocated", "executives", "sms", "TP")
        preview = self._open(rule, lead_id=lead, lang="es_ES")
        self.assertEqual(preview.sms_text, "Es suyo")

    # ------------------------------------------------------------
    # FROM TEMPLATES, AND WITH ERRORS
    # ------------------------------------------------------------

    def test_template(self):
        lead = self._give(self.green_park, self._at(0, 10))
        preview = self._open(self.env.ref("lead_broadcast.mail_template_won"))
        self.assertEqual(preview.rule_id.event, "won")
        self.assertEqual(preview.lead_id, lead)
        self.assertEqual(preview.recipient_id, self.green_park)

    def test_template_without_rule(self):
        """Shown to whom it may concern: the reader."""
        self._give(self.green_park, self._at(0, 10))
        template = self.env.ref("lead_broadcast.mail_template_digest").copy()
        preview = self._open(template)
        self.assertFalse(preview.rule_id)
        self.assertFalse(preview.error)
        self.assertIn(self.administrator.email, preview.email_to)

    def test_sms_template_about_leads(self):
        template = self.env["sms.template"].create(
            {
                "name": "Short",
                "model_id": self.env.ref("crm.model_crm_lead").id,
                "body": "Lead {{ object.name }}",
            }
        )
        preview = self._open(template, lead_id=self.lead)
        self.assertEqual(preview.sms_text, f"Lead {self.lead.name}")
        rule = self._get_rule("allocated", "executives", "sms", "TP")
        rule.template_ref = template
        self._give(self.green_park, self._at(0, 10), self.lead)
        self._deliver()
        self.assertIn(preview.sms_text, self._sent_to(self.executive))

    def test_core_preview_stays(self):
        """Other templates, and users who are no administrators of ours, get core's."""
        ours = self.env.ref("lead_broadcast.mail_template_won")
        other = self.env["mail.template"].create(
            {"name": "Other", "model_id": self.env.ref("crm.model_crm_lead").id}
        )
        models = [
            template.with_user(user).action_open_mail_preview()["res_model"]
            for template, user in (
                (ours, self.administrator),
                (ours, self.supervisor),
                (other, self.administrator),
            )
        ]
        preview, core = "lead.broadcast.template.preview", "mail.template.preview"
        self.assertEqual(models, [preview, core, core])

    def test_error_in_sms(self):
        template = self.env.ref("lead_broadcast.sms_template_won")
        template.body = "Hello {{ object.nothing_there }}"
        lead = self._give(self.green_park, self._at(0, 10))
        preview = self._open(template, lead_id=lead)
        self.assertEqual(
            preview.error,
            "The template cannot be filled in with this lead: AttributeError:"
            " 'lead.broadcast.offer' object has no attribute 'nothing_there'",
        )
        self.assertFalse(preview.sms_text)

    def test_error_in_mail(self):
        """In words, without the traceback that the engine adds."""
        latest = self._give(self.green_park, self._at(0, 10))
        rule = self._get_rule("allocated", "owner", "inbox")
        # the check of core's, when a template is saved, is content with the latest
        rule.template_ref = self.env["mail.template"].create(
            {
                "name": "Not for all",
                "model_id": self.env.ref("crm.model_crm_lead").id,
                "body_html": f'<p t-out="1 / (object.id - {self.lead.id})"/>',
            }
        )
        preview = self._open(rule, lead_id=self.lead)
        self.assertIn("division by zero", preview.error)
        self.assertNotIn("Traceback", preview.error)
        self.assertNotIn("File ", preview.error)
        self.assertFalse(preview.body_html)
        self.assertFalse(self._open(rule, lead_id=latest).error)

    def test_error_in_the_database(self):
        """What a template does to the transaction harms nobody."""
        template = self.env.ref("lead_broadcast.sms_template_won")
        template.body = "{{ object.env.cr.execute('SELECT nothing') }}"
        lead = self._give(self.green_park, self._at(0, 10))
        with mute_logger("odoo.sql_db"):
            preview = self._open(template, lead_id=lead)
        self.assertTrue(preview.error)
        self.assertTrue(self.lead.search_count([]))

    def test_lead_without_offer(self):
        template = self.env.ref("lead_broadcast.mail_template_won")
        preview = self._open(template, lead_id=self.lead)
        self.assertIn("was not offered to anybody", preview.error)

    # ------------------------------------------------------------
    # RIGHTS
    # ------------------------------------------------------------

    def test_who_may_preview(self):
        rule = self._get_rule("won", "partner_admin", "mail")
        for user in (self.user, self.supervisor):
            with self.assertRaises(AccessError):
                self._open(rule, user).save()

    def test_lead_of_another_company(self):
        """The text would tell of a lead that the reader may not see."""
        lead = self._give(self.green_park, self._at(0, 10))
        rule = self._get_rule("won", "partner_admin", "mail")
        preview = self._open(rule, lead_id=lead)
        lead.user_id = False
        lead.company_id = self._create_company()
        record = preview.save()
        record.invalidate_recordset()
        self.assertIn("Choose a service lead", record.error)
        self.assertFalse(record.subject or record.body_html or record.recipients)
