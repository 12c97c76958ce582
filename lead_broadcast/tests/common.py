from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user

# Places in Delhi, and how far they are from the customer in Hauz Khas (28.5494,
# 77.2001), computed independently with the haversine formula on a sphere of
# 6371.0088 km.
HAUZ_KHAS = (28.5494, 77.2001)
PLACES = {
    "Green Park": (28.5584, 77.2029),  # 1.04 km
    "Saket": (28.5245, 77.2066),  # 2.84 km
    "Lajpat Nagar": (28.5677, 77.2433),  # 4.68 km
    "Connaught Place": (28.6315, 77.2167),  # 9.27 km
    "Dwarka": (28.5921, 77.0460),  # 15.78 km
    "Gurugram": (28.4595, 77.0266),  # 19.68 km
}


class BroadcastCase(TransactionCase):
    """A small world: one service, six partners around a customer in Delhi.

    Shipped for addons built on this one, too.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env["base"].with_context(tracking_disable=True).env
        # no clock runs but those a test is about
        policies = cls.env["lead.response.policy"].search([("active", "=", True)])
        policies.active = False
        cls.india = cls.env.ref("base.in")
        cls.delhi = cls.env.ref("base.state_in_dl")
        cls.user = new_test_user(
            cls.env,
            login="executive",
            groups="lead_broadcast.group_user",
            tz="Asia/Kolkata",
        )
        cls.other_user = new_test_user(
            cls.env, login="colleague", groups="lead_broadcast.group_user"
        )
        cls.supervisor = new_test_user(
            cls.env, login="boss", groups="lead_broadcast.group_supervisor"
        )
        cls.administrator = new_test_user(
            cls.env, login="admin2", groups="lead_broadcast.group_administrator"
        )
        cls.salesman = new_test_user(
            cls.env, login="salesman", groups="sales_team.group_sale_salesman"
        )
        cls.receptionist = new_test_user(
            cls.env, login="reception", groups="lead_broadcast.group_receptionist"
        )
        cls.service = cls.env["lead.broadcast.service"].create(
            {
                "name": "Data Rectification",
                "wave_size": 3,
                "radius_km": 30,
                "validity_hours": 4,
                "closure_delay_days": 7,
            }
        )
        cls.partners = cls.env["res.partner"].create(
            [cls._prepare_partner(name, place) for name, place in PLACES.items()]
        )
        (
            cls.green_park,
            cls.saket,
            cls.lajpat_nagar,
            cls.connaught_place,
            cls.dwarka,
            cls.gurugram,
        ) = cls.partners
        cls.portal_user = cls._create_portal_user(cls.green_park, "greenpark")
        cls.other_portal_user = cls._create_portal_user(cls.saket, "saket")
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Asha Traders",
                "phone": "+91 98100 12345",
                "email": "asha@traders.example",
                "street": "12 Aurobindo Marg",
                "city": "New Delhi",
                "zip": "110016",
                "state_id": cls.delhi.id,
                "country_id": cls.india.id,
                "partner_latitude": HAUZ_KHAS[0],
                "partner_longitude": HAUZ_KHAS[1],
            }
        )
        cls.lead = cls._create_lead()
        # supervisors see the leads of their own teams
        cls.lead.team_id.member_ids += cls.supervisor
        cls.date_reason = cls.env.ref("lead_broadcast.decline_reason_date")
        cls.price_reason = cls.env.ref("lead_broadcast.decline_reason_price")
        cls.other_reason = cls.env.ref("lead_broadcast.decline_reason_other")

    @classmethod
    def _prepare_partner(cls, name, place, **values):
        login = name.lower().replace(" ", "")
        return {
            "name": f"{name} Services",
            "is_company": True,
            "is_service_partner": True,
            "email": f"office@{login}.example",
            "partner_latitude": place[0],
            "partner_longitude": place[1],
            "state_id": cls.delhi.id,
            "country_id": cls.india.id,
            "tz": "Asia/Kolkata",
            "broadcast_service_ids": [Command.link(cls.service.id)],
            **values,
        }

    @classmethod
    def _create_portal_user(cls, company, login):
        contact = cls.env["res.partner"].create(
            {
                "name": f"Contact of {company.name}",
                "parent_id": company.id,
                "email": f"{login}@contact.example",
            }
        )
        return new_test_user(
            cls.env, login=login, groups="base.group_portal", partner_id=contact.id
        )

    @classmethod
    def _create_lead(cls, **values):
        return cls.env["crm.lead"].create(
            {
                "name": "Wrong figures at Asha Traders",
                "type": "lead",
                "partner_id": cls.customer.id,
                "user_id": cls.user.id,
                "service_id": cls.service.id,
                "service_place": "Hauz Khas, New Delhi",
                "service_description": "Correct the ledger of last year.",
                **values,
            }
        )

    @classmethod
    def _find(cls, lead=None, **kwargs):
        """Return the candidates of one lead, as lists of values."""
        lead = lead or cls.lead
        return cls.env["lead.broadcast.audience"]._find(lead, **kwargs)[lead]

    @classmethod
    def _broadcast(cls, leads=None, validity_hours=None):
        """Broadcast leads as their salesperson would; return the rounds."""
        leads = (cls.lead if leads is None else leads).with_user(cls.user)
        candidates = leads.env["lead.broadcast.audience"]._find(leads)
        return leads._broadcast(candidates, validity_hours).sudo()

    @classmethod
    def _get_offer(cls, partner, lead=None):
        """Return the latest offer of a lead to a partner, as superuser."""
        offers = (lead or cls.lead).sudo().offer_ids
        return offers.filtered(lambda offer: offer.partner_id == partner)[:1]

    @classmethod
    def _end_validity(cls, broadcasts):
        """Let rounds be over since a minute."""
        broadcasts.valid_until = fields.Datetime.now() - timedelta(minutes=1)

    @classmethod
    def _get_models(cls):
        """Return the names of all models of this addon that can be called."""
        return {
            name
            for name, model in cls.registry.items()
            if model._original_module == "lead_broadcast" and not model._abstract
        }

    def _count_queries(self, action):
        """Return how many queries something costs from empty caches."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        action()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _create_leads(self, number):
        leads = self.env["crm.lead"]
        for _count in range(number):
            leads |= self._create_lead()
        return leads

    def _notices(self, event, leads=None):
        """Return the notices of an event about leads."""
        return self.env["lead.broadcast.notice"].search(
            [("event", "=", event), ("lead_id", "in", (leads or self.lead).ids)]
        )

    def assertStory(self, text, lead=None):
        """Assert that the lead's chatter has a line with this text."""
        bodies = (lead or self.lead).message_ids.mapped("body")
        self.assertTrue(
            any(text in body for body in bodies), f"{text!r} not in {bodies!r}"
        )
