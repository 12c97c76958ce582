from odoo.fields import Command
from odoo.tests import Form, tagged

from .notification_common import NotificationCase


@tagged("post_install", "-at_install")
class TestNotificationTextFits(NotificationCase):
    """Texts reach whom the notice is for, and say only what that one may read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.once = cls.env.ref("lead_broadcast.schedule_once")
        cls.master = cls.master_by_zone["Asia/Kolkata"]
        cls.digest_text = cls.env.ref("lead_broadcast.mail_template_digest")
        cls.won_text = cls.env.ref("lead_broadcast.mail_template_won")

    def _create_text(self, model, **values):
        """Write a text as on the screen: by default it knows itself who gets it."""
        return self.env["mail.template"].create(
            {
                "name": "Ours",
                "model_id": self.env["ir.model"]._get_id(model),
                "subject": "Something happened",
                "body_html": "<p>Read on.</p>",
                **values,
            }
        )

    def _set_rule(self, event, role, template):
        """Let a cell be the only one of its event that is on."""
        rules = self.Rule.with_context(active_test=False).search(
            [("event", "=", event)]
        )
        rules.active = False
        place = {"event": event, "role": role, "channel": "mail", "tier_id": False}
        values = {
            "active": True,
            "schedule_id": self.once.id,
            "is_digest": False,
            "template_ref": f"{template._name},{template.id}",
        }
        rule = rules.filtered_domain([(name, "=", place[name]) for name in place])
        rule.write(values)
        return rule or self.Rule.create({**place, **values})

    def _allocate(self, rule, lead=None):
        """Give a lead to the partner in Delhi; return what the rule says of it."""
        lead = self._give(self.green_park, self._at(0, 10), lead)
        return self.Notice.search(
            [("rule_id", "=", rule.id), ("lead_id", "=", lead.id)]
        )

    def assertSentTo(self, notices, addresses):
        """Assert that each of these notices made a mail, to these and nobody else."""
        self.assertEqual(notices.mapped("state"), ["sent"] * len(addresses))
        mails = notices.mail_id
        self.assertEqual(len(mails), len(notices))
        self.assertEqual(sorted(mails.mapped("email_to")), sorted(addresses))
        self.assertFalse(mails.recipient_ids | mails.partner_ids)
        self.assertFalse(any(mails.mapped("email_cc")))

    # ------------------------------------------------------------
    # ADDRESSES
    # ------------------------------------------------------------

    def test_text_about_leads(self):
        """By itself it would go to the customer."""
        rule = self._set_rule(
            "allocated", "partner_admin", self._create_text("crm.lead")
        )
        notice = self._allocate(rule)
        notice._deliver()
        self.assertSentTo(notice, [self.green_park.email_formatted])

    def test_text_with_addresses_of_its_own(self):
        text = self._create_text(
            "crm.lead",
            use_default_to=False,
            email_to="{{ object.user_id.email_formatted }}",
            email_cc="{{ object.partner_id.email }}",
            partner_to="{{ object.partner_id.id }}",
        )
        second = self.user.copy({"login": "second", "email": "second@sales.example"})
        self.field_team.member_ids = [Command.link(second.id)]
        notices = self._allocate(self._set_rule("allocated", "team", text))
        notices._deliver()
        people = self.field_user + second
        self.assertSentTo(notices, people.mapped("email_formatted"))

    def test_text_about_notices(self):
        """By itself it would go to nobody."""
        text = self._create_text("lead.broadcast.notice")
        notice = self._allocate(self._set_rule("allocated", "team", text))
        notice._deliver()
        self.assertSentTo(notice, [self.field_user.email_formatted])

    def test_text_about_offers(self):
        """It may say itself where it reaches the partner, but nobody else."""
        text = self._create_text(
            "lead.broadcast.offer",
            use_default_to=False,
            email_to="desk@greenpark.example",
            email_cc="copy@greenpark.example",
        )
        notice = self._allocate(self._set_rule("won", "partner_admin", text))
        notice._deliver()
        self.assertSentTo(notice, ["desk@greenpark.example"])
        notices = self._allocate(
            self._set_rule("won", "executives", text), self._create_lead()
        )
        notices._deliver()
        people = self.owner + self.executive
        self.assertSentTo(notices, people.mapped("email_formatted"))

    def test_text_about_offers_made_on_the_screen(self):
        self.green_park.broadcast_email = "offers@greenpark.example"
        text = self._create_text("lead.broadcast.offer")
        notice = self._allocate(self._set_rule("won", "partner_admin", text))
        notice._deliver()
        self.assertSentTo(
            notice, [f'"{self.green_park.name}" <offers@greenpark.example>']
        )

    def test_many_addresses_cost_no_more(self):
        for model in ("crm.lead", "lead.broadcast.notice"):
            rule = self._set_rule(
                "allocated", "partner_admin", self._create_text(model)
            )
            counts = []
            for partners in (self.partners[:2], self.partners):
                for partner in partners:
                    self._give(partner, self._at(0, 10))
                notices = self.Notice.search(
                    [("rule_id", "=", rule.id), ("state", "=", "pending")]
                )
                self.assertEqual(notices.recipient_id, partners)
                counts.append(self._count_queries(notices._deliver))
            self.assertLessEqual(counts[1], counts[0] + 4)

    # ------------------------------------------------------------
    # WHO MAY READ WHAT
    # ------------------------------------------------------------

    def test_offers_are_for_their_partner_only(self):
        for role in ("master", "team", "owner", "assignee", "supervisor", "customer"):
            rule = self.Rule.new({"event": "won", "role": role, "channel": "mail"})
            self.assertEqual(rule._get_default_template(), self.digest_text, role)
            rule.template_ref = self.won_text
            self.assertEqual(rule.problem, "wrong_template", role)
        for role in ("partner_admin", "executives"):
            rule.role = role
            self.assertEqual(rule._get_default_template(), self.won_text, role)
            self.assertFalse(rule.problem, role)

    def test_default_text_for_the_master(self):
        """It tells nothing about the customer, and opens nothing without a login."""
        rule = self.Rule.new({"event": "won", "role": "master", "channel": "mail"})
        rule = self._set_rule("won", "master", rule._get_default_template())
        notice = self._allocate(rule)
        notice._deliver()
        self.assertSentTo(notice, [self.master.email_formatted])
        body = notice.mail_id.body_html
        self.assertIn(notice.offer_id._get_title(), body)
        for secret in (self.customer.name, "98100", "access_token"):
            self.assertNotIn(secret, body)

    def test_another_role_takes_another_text(self):
        form = Form(
            self.Rule.with_user(self.administrator).with_context(
                default_event="won",
                default_channel="mail",
                default_role="executives",
            )
        )
        self.assertEqual(form.template_ref, f"mail.template,{self.won_text.id}")
        form.role = "supervisor"
        self.assertEqual(form.template_ref, f"mail.template,{self.digest_text.id}")
        self.assertFalse(form.save().problem)

    def test_copied_column_takes_other_texts(self):
        rules = self.Rule.with_user(self.administrator)
        rules.copy_notification_cells({"role": "partner_admin"}, {"role": "supervisor"})
        copies = self.Rule.with_context(active_test=False).search(
            [("role", "=", "supervisor")]
        )
        self.assertIn("won", copies.mapped("event"))
        self.assertEqual(set(copies.mapped("problem")), {False})

    def test_text_whose_model_was_changed(self):
        """It is not filled in with whatever has the same id, nor does the master read
        an offer."""
        for model in ("res.partner", "lead.broadcast.offer"):
            text = self._create_text("lead.broadcast.notice")
            rule = self._set_rule("allocated", "master", text)
            notice = self._allocate(rule, self._create_lead())
            text.model_id = self.env["ir.model"]._get(model)
            notice._deliver()
            self.assertEqual(notice.state, "skipped")
            self.assertIn("not about", notice.note)
            self.assertFalse(notice.mail_id)

    def test_text_that_is_gone(self):
        text = self._create_text("lead.broadcast.notice")
        rule = self._set_rule("allocated", "team", text)
        first, second = self._allocate(rule), self._allocate(rule)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM mail_template WHERE id = %s", [text.id])
        self.env.invalidate_all()
        first._deliver()
        self.assertSentTo(first, [self.field_user.email_formatted])
        self.assertNotEqual(first.mail_id.subject, "Something happened")
        rules = self.Rule.with_context(active_test=False)
        rules.search([("event", "=", "allocated")]).template_ref = False
        self.env.ref("lead_broadcast.mail_template_allocated").unlink()
        second._deliver()
        self.assertEqual(second.state, "skipped")
        self.assertEqual(second.note, "The rule has no text")
