from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import get_public_method
from odoo.tests import tagged
from odoo.tools import mute_logger

from .alert_common import NEW_NUMBER, AlertCase

OTHER_NUMBER = "+919810000010"
MODEL = "lead.broadcast.alert.confirmation"


@tagged("post_install", "-at_install")
class TestAlertConfirmation(AlertCase):
    """A number counts when the code sent to it was entered."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.person = cls.newcomer.with_user(cls.newcomer_user)

    def test_confirm(self):
        self.person._request_alert_number("098100 00009")
        self.assertFalse(self.newcomer.broadcast_alert_number)
        [message] = self._get_messages()
        self.assertRegex(message.body, r"^\d{6} is your code ")
        self.assertEqual(message.partner_id, self.newcomer)
        self.assertEqual(message.broadcast_company_id, self.company)
        self.assertAlmostEqual(
            message.broadcast_valid_until,
            fields.Datetime.now() + timedelta(minutes=15),
            delta=timedelta(seconds=5),
        )
        self.assertIsNone(self.person._confirm_alert_number(self._get_code()))
        self.assertEqual(self.newcomer.broadcast_alert_number, NEW_NUMBER)
        self.assertTrue(self.newcomer.broadcast_alert_confirmed_date)
        self.assertEqual(self.newcomer.broadcast_alert_state, "not_authorized")

    def test_code_is_sent(self):
        """Through the queue, to the number that was given."""
        self.person._request_alert_number(NEW_NUMBER)
        code = self._get_code()
        self._send_queue()
        [(company, number, text)] = self.gateway.sent
        self.assertEqual((company, number), (self.company, NEW_NUMBER))
        self.assertTrue(text.startswith(f"{code} "))

    def test_language(self):
        """The message is in the language of the person."""
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref("lead_broadcast.sms_template_confirmation")
        template.with_context(
            lang="fr_FR"
        ).body = "Votre code : {{ ctx['alert_code'] }}"
        self.newcomer.lang = "fr_FR"
        self.person._request_alert_number(NEW_NUMBER)
        self.assertRegex(self._get_messages().body, r"^Votre code : \d{6}$")

    def test_old_number_stays(self):
        old = self.executive.broadcast_alert_number
        self.executive._request_alert_number(NEW_NUMBER)
        self.assertEqual(self.executive.broadcast_alert_number, old)
        self.executive._cancel_alert_number()
        self.assertTrue(self.executive._confirm_alert_number(self._get_code()))
        self.assertEqual(self.executive.broadcast_alert_number, old)

    def test_how_codes_are_typed(self):
        for typed in ("{0[0]} {0[1]}-{0[2]}\n{0[3]}{0[4]}{0[5]} ", "devanagari"):
            self._age_codes(minutes=61)
            self.newcomer.broadcast_alert_number = False
            self.person._request_alert_number(NEW_NUMBER)
            code = self._get_code()
            text = (
                "".join(chr(ord("०") + int(digit)) for digit in code)
                if typed == "devanagari"
                else typed.format(code)
            )
            with self.subTest(typed=typed):
                self.assertIsNone(self.person._confirm_alert_number(text))

    def test_codes_are_not_kept(self):
        self.person._request_alert_number(NEW_NUMBER)
        [values] = self.env[MODEL].search([]).read()
        self.assertNotIn(self._get_code(), str(values))

    # ------------------------------------------------------------
    # WHAT CONFIRMS NOTHING
    # ------------------------------------------------------------

    def assertNotConfirmed(self, code, message, contact=None):
        contact = contact or self.newcomer
        before = contact.broadcast_alert_number
        self.assertRegex(contact._confirm_alert_number(code), message)
        self.assertEqual(contact.broadcast_alert_number, before)

    def test_no_code_asked_for(self):
        self.assertNotConfirmed("123456", "no longer valid")

    def test_wrong_codes(self):
        """Five guesses, then even the right code is worth nothing."""
        self.person._request_alert_number(NEW_NUMBER)
        for guess in (self._get_wrong_code(), "", "abc", "9" * 5000):
            self.assertNotConfirmed(guess, "This is not the code")
        self.assertNotConfirmed(self._get_wrong_code(), "wrong too often")
        self.assertNotConfirmed(self._get_code(), "no longer valid")

    def test_last_attempt_counts(self):
        self.person._request_alert_number(NEW_NUMBER)
        for _count in range(4):
            self.assertNotConfirmed(self._get_wrong_code(), "not the code")
        self.assertIsNone(self.person._confirm_alert_number(self._get_code()))

    def test_late_code(self):
        self.person._request_alert_number(NEW_NUMBER)
        self._age_codes(minutes=15)
        self.assertNotConfirmed(self._get_code(), "no longer valid")

    def test_used_code(self):
        self.person._request_alert_number(NEW_NUMBER)
        code = self._get_code()
        self.person._confirm_alert_number(code)
        self.newcomer.broadcast_alert_number = OTHER_NUMBER
        self.assertNotConfirmed(code, "no longer valid")

    def test_older_code(self):
        """Only the code sent last counts, and for its own number."""
        self.person._request_alert_number(NEW_NUMBER)
        self.person._request_alert_number(OTHER_NUMBER)
        self.assertNotConfirmed(self._get_code(), "not the code")
        self.person._confirm_alert_number(self._get_code(OTHER_NUMBER))
        self.assertEqual(self.newcomer.broadcast_alert_number, OTHER_NUMBER)

    def test_code_of_somebody_else(self):
        self.person._request_alert_number(NEW_NUMBER)
        self.assertNotConfirmed(self._get_code(), "no longer valid", self.rival)

    def test_code_of_the_former_company(self):
        self.person._request_alert_number(NEW_NUMBER)
        self.newcomer.parent_id = self.saket
        self.assertNotConfirmed(self._get_code(), "no longer valid")

    # ------------------------------------------------------------
    # WHAT IS NOT SENT
    # ------------------------------------------------------------

    def assertNoCode(self, number, message, contact=None):
        before = self.env["sms.sms"].search_count([])
        with self.assertRaisesRegex(UserError, message):
            (contact or self.person)._request_alert_number(number)
        self.assertEqual(self.env["sms.sms"].search_count([]), before)

    def test_bad_numbers(self):
        self.newcomer.phone = "+91 98100 00011"
        self.assertNoCode("", r"Write your mobile number, like \+91 81234 56789")
        self.assertNoCode("+91 11 5550 5305", "is not a mobile number")
        self.assertNoCode("hello", "is not a mobile number")

    def test_same_number(self):
        self.assertNoCode("98100 00002", "already confirmed", self.executive)

    def test_stopped_number(self):
        self.executive._opt_out_of_alerts()
        number = self.executive.broadcast_alert_number
        self.assertNoCode(number, "Send START from it first")

    def test_codes_per_contact(self):
        """Three an hour, to whichever numbers: every code is a paid message."""
        for number in (NEW_NUMBER, OTHER_NUMBER, NEW_NUMBER):
            self.person._request_alert_number(number)
        self.assertNoCode("+919810000011", "Wait an hour")
        self._age_codes(minutes=59)
        self.assertNoCode("+919810000011", "Wait an hour")
        self._age_codes(minutes=1)
        self.person._request_alert_number("+919810000011")

    def test_codes_per_number(self):
        """Three an hour, whoever asks."""
        people = [self.newcomer, self.manager, self.rival]
        for contact in people:
            contact._request_alert_number(NEW_NUMBER)
        self.assertNoCode("098100-00009", "Wait an hour", self.executive)
        self.executive._request_alert_number(OTHER_NUMBER)

    def test_confirmed_codes_count(self):
        """Having used one's codes gives no right to more of them."""
        for number in (NEW_NUMBER, OTHER_NUMBER, NEW_NUMBER):
            self.person._request_alert_number(number)
            self.person._confirm_alert_number(self._get_code(number))
        self.assertEqual(self.newcomer.broadcast_alert_number, NEW_NUMBER)
        self.assertNoCode(OTHER_NUMBER, "Wait an hour")

    # ------------------------------------------------------------
    # THE REST
    # ------------------------------------------------------------

    @mute_logger("odoo.models.unlink")
    def test_vacuum(self):
        """Codes are kept as long as they count, and no longer."""
        self.person._request_alert_number(NEW_NUMBER)
        self._age_codes(minutes=60)
        self.env[MODEL]._gc_confirmations()
        self.assertEqual(self.env[MODEL].search_count([]), 1)
        self._age_codes(minutes=16)
        self.env[MODEL]._gc_confirmations()
        self.assertFalse(self.env[MODEL].search_count([]))

    def test_nobody_has_access(self):
        for user in (self.newcomer_user, self.user, self.administrator):
            for operation in ("read", "write", "create", "unlink"):
                with self.subTest(user=user.login, operation=operation):
                    self.assertFalse(
                        self.env[MODEL].with_user(user).has_access(operation)
                    )
        for record, names in {
            self.env[MODEL]: ("_request", "_check_code", "_void", "_find_pending"),
            self.newcomer: ("_request_alert_number", "_confirm_alert_number"),
        }.items():
            for name in names:
                with self.assertRaises(AccessError):
                    get_public_method(record, name)

    def test_invalid_stays_invalid(self):
        """A wrong number says what is wrong before anything is counted."""
        for _count in range(10):
            with self.assertRaises(ValidationError):
                self.person._request_alert_number("12345")
        self.person._request_alert_number(NEW_NUMBER)
