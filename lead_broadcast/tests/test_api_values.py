from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .api_common import ApiCase


@tagged("post_install", "-at_install")
class TestApiValues(ApiCase):
    """What programs tell is read by names, and what cannot be is said by name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env["utm.source"].create({"name": "50% Fair"})
        cls.tag = cls.env["crm.tag"].create({"name": "Urgent repair"})
        cls.other_tag = cls.env["crm.tag"].create({"name": "Warranty"})

    def assertRefused(self, pattern, **values):
        before = self._count_leads()
        with (
            self.subTest(values=values),
            self.assertRaisesRegex(ValidationError, pattern),
            self.env.cr.savepoint(),
        ):
            self._submit(**{"name": "Broken router", **values})
        self.assertEqual(self._count_leads(), before)

    def test_all(self):
        answer = self._submit(
            name=" Broken \n router 😀 ",
            contact_name="Asha Rao",
            company_name="Asha Traders",
            email="Asha <asha@traders.example>",
            phone="098100 12345",
            street="12 Aurobindo Marg",
            street2="Second floor",
            city="New Delhi",
            zip="110016",
            state="dl",
            country="in",
            service="DATA rectification",
            place="Hauz Khas",
            latitude=28.5494,
            longitude=77,
            job_description="Two lines\nof work",
            description="Sells <b>\n& repairs",
            closure_date="2030-12-31",
            priority="Very high",
            form="Shop",
            source="50% fair",
            medium="Website",
            campaign=None,
            tags=["urgent repair", "Warranty"],
        )
        self.assertRecordValues(
            self._get_lead(answer),
            [
                {
                    "name": "Broken router 😀",
                    "contact_name": "Asha Rao",
                    "partner_name": "Asha Traders",
                    "email_from": "Asha <asha@traders.example>",
                    "phone": "098100 12345",
                    "phone_sanitized": "+919810012345",
                    "street": "12 Aurobindo Marg",
                    "street2": "Second floor",
                    "city": "New Delhi",
                    "zip": "110016",
                    "state_id": self.delhi.id,
                    "country_id": self.india.id,
                    "service_id": self.service.id,
                    "service_place": "Hauz Khas",
                    "service_latitude": 28.5494,
                    "service_longitude": 77.0,
                    "service_description": "Two lines\nof work",
                    "description": "<p>Sells &lt;b&gt;<br>&amp; repairs</p>",
                    "closure_date": date(2030, 12, 31),
                    "priority": "3",
                    "intake_form": "Shop",
                    "source_id": self.source.id,
                    "medium_id": self.env.ref("utm.utm_medium_website").id,
                    "campaign_id": False,
                    "tag_ids": [self.tag.id, self.other_tag.id],
                }
            ],
        )

    def test_each_problem_names_its_field(self):
        for name, value, problem in (
            ("name", ["Broken router"], "must be a text"),
            ("name", "Broken\0router", "must be a text"),
            ("name", "Broken \ud83d", "must be a text"),  # half a smiley
            ("city", "x" * 256, "longer than 255"),
            ("description", {"text": "Broken"}, "must be a text"),
            ("email", "asha at traders", "not an email address"),
            ("email", "a@b.example, c@d.example", "not an email address"),
            ("phone", "call me", "not a phone number"),
            ("phone", "12", "not a phone number"),
            ("phone", 919810012345, "must be a text"),
            ("country", "India", "letters, such as IN"),
            ("state", "DL", "needs its country"),
            ("service", "Repair", "There are: .*Data Rectification"),
            ("service", "Data_Rectification", "There is no"),
            ("service", self.service.id, "must be a text"),
            ("closure_date", "31.12.2030", "year, month and day"),
            ("closure_date", 2030, "must be a text"),
            ("closure_date", "2020-01-01", "has passed"),
            ("closure_date", "9999-12-31", "not a date on which work can be done"),
            ("priority", "3", "low, medium, high, very high"),
            ("latitude", "28.5", "must be a number from -90 to 90"),
            ("latitude", 91, "must be a number"),
            ("latitude", True, "must be a number"),
            ("latitude", float("nan"), "must be a number"),
            ("latitude", 28.5, "Send the longitude"),
            ("tags", "Warranty", "must be a list"),
            ("tags", ["Warranty", "Unheard of"], 'There is no "Unheard of"'),
            ("tags", [["Warranty"]], "must be a text"),
        ):
            self.assertRefused(f"^{name}: .*{problem}", **{name: value})
        self.assertRefused(
            '^state: "XX" is no state of India', state="XX", country="IN"
        )

    def test_nothing_else_is_taken(self):
        for name, value in (
            ("user_id", self.user.id),
            ("partner_id", self.customer.id),
            ("allocated_team_id", self.lead.team_id.id),
            ("intake_channel", "hand"),
            ("x_floor", 3),
        ):
            self.assertRefused(f"^{name}: .* Known are: name, ", **{name: value})

    def test_all_problems_at_once(self):
        self.assertRefused(
            "^colour: [^\n]*\nemail: [^\n]*\nzip: [^\n]*$",
            zip=110016,
            email="asha",
            colour="red",
        )

    def test_says_what_it_is_about(self):
        self.assertRefused("^name: Say what", name=" ", email="asha@traders.example")
        lead = self._get_lead(self._submit(service="Data Rectification"))
        self.assertEqual(lead.name, "Data Rectification")

    def test_what_is_gone_or_elsewhere_is_not_known(self):
        self.service.active = False
        self.assertRefused("^service: ", service=self.service.name)
        self.service.active = True
        self.service.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertRefused("^service: ", service=self.service.name)

    def test_numbers_are_read_as_in_their_country(self):
        self._submit("1", name="Broken router", phone="495 123-45-67", country="RU")
        self.assertRefused("^phone: ", phone="9810", country="IN")

    def test_names_of_the_user_s_language(self):
        self.env["res.lang"]._activate_lang("es_ES")
        self.service.with_context(lang="es_ES").name = "Rectificación de datos"
        self.receptionist.lang = "es_ES"
        lang = self.Request.with_context(lang="es_ES")
        answer = lang.submit("1", {"service": "rectificación de datos"})
        self.assertEqual(self._get_lead(answer).service_id, self.service)
