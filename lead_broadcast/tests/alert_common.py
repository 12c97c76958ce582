from odoo.tests import new_test_user

from .sms_common import SmsCase

NEW_NUMBER = "+919810000009"


class AlertCase(SmsCase):
    """Green Park Services with an owner, a manager and an executive that log in.

    The owner and the executive of ``SmsCase`` get SMS; the newcomer has neither a
    number nor the right.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner_user = cls.portal_user
        cls.rival_user = cls.other_portal_user
        cls.owner.name = "Arjun"
        cls.rival.write({"name": "Rita of Saket", "broadcast_role": "owner"})
        cls.manager = cls._create_person("Mira")
        cls.manager.broadcast_role = "manager"
        cls.newcomer = cls._create_person("Nikhil")
        cls.manager_user = cls._create_user(cls.manager, "manager")
        cls.newcomer_user = cls._create_user(cls.newcomer, "newcomer")

    @classmethod
    def _create_person(cls, name, company=None, **values):
        return cls.env["res.partner"].create(
            {
                "name": name,
                "parent_id": (company or cls.green_park).id,
                "email": f"{name.lower()}@greenpark.example",
                **values,
            }
        )

    @classmethod
    def _create_user(cls, contact, login):
        return new_test_user(
            cls.env,
            login=login,
            groups="base.group_portal",
            partner_id=contact.id,
            name=contact.name,
        )

    @classmethod
    def _get_messages(cls, number=NEW_NUMBER):
        """Return the messages with codes that wait for a number, latest first."""
        return cls.env["sms.sms"].search([("number", "=", number)], order="id desc")

    @classmethod
    def _get_code(cls, number=NEW_NUMBER):
        return cls._get_messages(number)[0].body[:6]

    @classmethod
    def _get_wrong_code(cls, number=NEW_NUMBER):
        """Return a code that was not sent, one digit off."""
        code = cls._get_code(number)
        return code[:-1] + str((int(code[-1]) + 1) % 10)

    @classmethod
    def _age_codes(cls, **age):
        """Let all codes have been asked for some time ago."""
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE lead_broadcast_alert_confirmation"
            "   SET create_date = create_date - make_interval(mins => %(minutes)s),"
            "       valid_until = valid_until - make_interval(mins => %(minutes)s)",
            age,
        )
        cls.env.invalidate_all()
