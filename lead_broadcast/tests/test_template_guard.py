from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .common import BroadcastCase


@tagged("post_install", "-at_install")
class TestTemplateGuard(BroadcastCase):
    """Templates that rules use stay, whoever wants them gone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_test_user(cls.env, login="clerk", groups="base.group_user")
        # the weakest user who may delete a mail template: anybody inside, their own
        cls.mail_template = (
            cls.env["mail.template"]
            .create(
                {
                    "name": "Mine",
                    "model_id": cls.env.ref("crm.model_crm_lead").id,
                    "user_id": cls.clerk.id,
                }
            )
            .with_user(cls.clerk)
        )
        cls.sms_template = (
            cls.env["sms.template"]
            .with_user(cls.administrator)
            .create(
                {
                    "name": "Short",
                    "body": "Hello",
                    "model_id": cls.env.ref(
                        "lead_broadcast.model_lead_broadcast_notice"
                    ).id,
                }
            )
        )
        cls.tier = cls.env["lead.broadcast.tier"].create(
            {"name": "Test Tier", "code": "TESTTIER"}
        )
        cls.schedule = cls.env["lead.broadcast.schedule"].create(
            {"name": "Test", "kind": "once"}
        )
        cls.mail_rule = cls._create_rule(cls.mail_template, "mail")
        cls.sms_rule = cls._create_rule(cls.sms_template, "sms")

    @classmethod
    def _create_rule(cls, template, channel, role="master"):
        return cls.env["lead.broadcast.notification.rule"].create(
            {
                "event": "allocated",
                "tier_id": cls.tier.id,
                "role": role,
                "channel": channel,
                "schedule_id": cls.schedule.id,
                "template_ref": f"{template._name},{template.id}",
            }
        )

    def _as_salesman(self):
        """Return the mail template for the weakest user who may change it: one who
        reads leads, too."""
        self.mail_template.sudo().user_id = self.salesman
        return self.mail_template.with_user(self.salesman)

    def test_delete(self):
        """The refusal names the rules, which the clerk may not even read."""
        other = self._create_rule(self.mail_template, "mail", "partner_admin")
        with self.assertRaises(UserError) as refusal:
            self.mail_template.unlink()
        for rule in self.mail_rule | other:
            self.assertIn(rule.display_name, str(refusal.exception))
        self.assertTrue(self.mail_template.exists())
        with self.assertRaises(UserError) as refusal:
            self.sms_template.unlink()
        self.assertIn(self.sms_rule.display_name, str(refusal.exception))

    def test_delete_used_by_archived_rule(self):
        (self.mail_rule | self.sms_rule).active = False
        with self.assertRaisesRegex(UserError, "Master partner"):
            self.mail_template.unlink()
        with self.assertRaisesRegex(UserError, "Master partner"):
            self.sms_template.unlink()

    def test_delete_among_others(self):
        free = self.mail_template.sudo().copy().with_user(self.clerk)
        with self.assertRaises(UserError):
            (free | self.mail_template).unlink()

    def test_delete_unused(self):
        (self.mail_rule | self.sms_rule).unlink()
        self.mail_template.unlink()
        self.assertFalse(self.mail_template.exists())
        self.sms_template.unlink()
        self.assertFalse(self.sms_template.exists())

    def test_same_id_of_other_model(self):
        """A mail template is not held by a rule that uses the SMS template of the
        same number."""
        self.mail_rule.template_ref = False
        Template = self.env["mail.template"]
        namesake = Template.browse(self.sms_template.id)
        self.assertNotIn(self.sms_rule, namesake._get_notification_rules())
        self.assertIn(self.sms_rule, self.sms_template._get_notification_rules())

    def test_delete_without_right(self):
        with self.assertRaises(AccessError):
            self.sms_template.with_user(self.clerk).unlink()

    def test_archive(self):
        with self.assertRaises(UserError) as refusal:
            self._as_salesman().action_archive()
        self.assertIn(self.mail_rule.display_name, str(refusal.exception))

    def test_archive_used_by_archived_rule(self):
        self.mail_rule.active = False
        self._as_salesman().action_archive()
        self.assertFalse(self.mail_template.active)

    def test_write_used(self):
        """The text of a template in use may be changed, of course."""
        self._as_salesman().write({"subject": "Other", "active": True})
        self.assertEqual(self.mail_template.subject, "Other")

    def test_uninstall(self):
        """Who uninstalls an addon is not stopped."""
        uninstalling = {MODULE_UNINSTALL_FLAG: True}
        self.mail_template.with_context(**uninstalling).unlink()
        self.sms_template.with_context(**uninstalling).unlink()
        self.assertFalse(self.mail_template.exists() or self.sms_template.exists())
