"""The world of a simulation: partners in three towns, their lists, ladders, a desk."""

from datetime import datetime, timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

TZ = "Asia/Kolkata"
START = datetime(2027, 3, 1)  # a Monday
TOWNS = {"dl": (28.6, 77.2), "mh": (19.1, 72.9), "ka": (13.0, 77.6)}
REASONS = ("date", "price", "area", "capacity", "other")
FAIR_PARTNERS, FAIR_WAVE = 7, 3  # side by side, and who is asked at once
SILENT_IN_A_ROW = 12  # most answer one of three offers


class World:
    """What is there when the first lead comes in; and new leads."""

    def __init__(self, env, dice, partners):
        self.env = env(context={**env.context, "tracking_disable": True})
        self.dice = dice
        self.states = {code: env.ref(f"base.state_in_{code}") for code in sorted(TOWNS)}
        self.sizes = env["lead.broadcast.size"].search([])
        self.env.company.broadcast_silence_limit = SILENT_IN_A_ROW
        # what is told in Odoo shows when people are told of what; texts do not matter
        self.env["lead.broadcast.notification.rule"].search(
            ["|", ("channel", "!=", "inbox"), ("role", "!=", "partner_admin")]
        ).active = False
        self._create_staff()
        self._create_services()
        self.partners = self._create_partners(partners, self.service)
        self._create_portal_users(
            self.partners + self._create_fair_partners(), "of the portal"
        )
        self._create_lists()
        self._create_customers()

    def as_staff(self, model, record_id):
        """A record as the salesperson sees it."""
        return self.env[model].with_user(self.user).browse(record_id)

    # ------------------------------------------------------------
    # LEADS
    # ------------------------------------------------------------

    def create_lead(self):
        """A lead as it comes in: for one of five kinds of work."""
        kind = self.dice.choice(["fair", "service", "service", "move", "move"])
        code = self.dice.choice(list(self.states))
        today = fields.Date.today()
        values = {
            "name": f"A {kind} job",
            "type": "lead",
            "user_id": self.user.id,
            "team_id": self.team.id,
            "partner_id": self.dice.choice(self.customers[code]).id,
            "service_id": self.service.id,
            "service_place": code.upper(),
            "closure_date": today + timedelta(days=self.dice.randint(1, 12)),
            **self._get_place("service", code),
        }
        if kind == "fair":
            values["service_id"] = self.fair_service.id
            values["closure_date"] = today + timedelta(days=60)
        elif kind == "move":
            other = self.dice.choice([name for name in self.states if name != code])
            values.update(
                size_id=self.dice.choice(self.sizes).id,
                work_date_from=values["closure_date"] - timedelta(days=1),
                work_date_to=values["closure_date"],
                destination_state_id=self.states[other].id,
                **self._get_place("destination", other),
            )
        return self.env["crm.lead"].with_user(self.user).create(values)

    def _get_place(self, prefix, code):
        latitude, longitude = TOWNS[code]
        return {
            f"{prefix}_latitude": latitude + self.dice.uniform(-0.3, 0.3),
            f"{prefix}_longitude": longitude + self.dice.uniform(-0.3, 0.3),
        }

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def _create_staff(self):
        env = self.env
        self.user = new_test_user(
            env, "simulated_user", "lead_broadcast.group_user", tz=TZ
        )
        self.leader = new_test_user(
            env, "simulated_leader", "lead_broadcast.group_supervisor", tz=TZ
        )
        self.administrator = new_test_user(
            env, "simulated_admin", "lead_broadcast.group_administrator", tz=TZ
        )
        self.team = env["crm.team"].create(
            {
                "name": "Simulated Team",
                "user_id": self.leader.id,
                "member_ids": [Command.set((self.user + self.leader).ids)],
            }
        )

    def _create_partners(self, number, service, **values):
        partners = []
        for index in range(number):
            code = self.dice.choice(list(self.states))
            partners.append(
                {
                    "name": f"{service.name} {index:03}",
                    "is_company": True,
                    "is_service_partner": True,
                    "email": f"office{index}@{service.id}.example",
                    "tz": TZ,
                    "state_id": self.states[code].id,
                    "country_id": self.env.ref("base.in").id,
                    "broadcast_service_ids": [Command.set(service.ids)],
                    "broadcast_capacity": self.dice.choice([0, 0, 3, 6]),
                    "broadcast_radius_km": self.dice.choice([0, 0, 15, 40]),
                    **self._get_place("partner", code),
                    **values,
                }
            )
        return self.env["res.partner"].create(partners)

    def _create_fair_partners(self):
        """Partners that nothing tells apart, and that have no time for anything."""
        latitude, longitude = TOWNS["dl"]
        self.fair_partners = self._create_partners(
            FAIR_PARTNERS,
            self.fair_service,
            partner_latitude=latitude,
            partner_longitude=longitude,
            broadcast_capacity=0,
            broadcast_radius_km=0,
        )
        return self.fair_partners

    def _create_portal_users(self, partners, name):
        people = self.env["res.partner"].create(
            [
                {"name": f"Somebody {name}", "parent_id": partner.id}
                for partner in partners
            ]
        )
        self.env["res.users"].with_context(no_reset_password=True).create(
            [
                {
                    "login": f"simulated_{person.id}",
                    "partner_id": person.id,
                    "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
                }
                for person in people
            ]
        )

    def _create_customers(self):
        """One of four has a preferred partner."""
        self.customers = {}
        for code, state in self.states.items():
            near = self.partners.filtered(
                lambda one, state=state: one.state_id == state
            )
            self.customers[code] = self.env["res.partner"].create(
                [
                    {
                        "name": f"Customer {code} {index}",
                        "state_id": state.id,
                        "country_id": state.country_id.id,
                        "preferred_service_partner_id": index == 0
                        and self.dice.choice(near).id,
                    }
                    for index in range(4)
                ]
            )

    # ------------------------------------------------------------
    # LADDERS AND LISTS
    # ------------------------------------------------------------

    def _create_services(self):
        ref = self.env.ref
        self.ladders = ref("lead_broadcast.ladder_service") + ref(
            "lead_broadcast.ladder_movers"
        )
        self.ladders[0].auto_start = True
        self.calendar = ref("resource.resource_calendar_std")
        self.calendar.tz = TZ
        self.ladders.calendar_id = self.calendar
        fair_ladder = self.env["lead.broadcast.ladder"].create(
            {
                "name": "In turn",
                "sequence": 1000,
                "calendar_id": self.calendar.id,
                "step_ids": [
                    Command.create({"name": "Nearest", "audience": "nearest"}),
                    Command.create(
                        {
                            "name": "By hand",
                            "audience": "people",
                            "responsible": "owner",
                            "sequence": 20,
                        }
                    ),
                ],
            }
        )
        self.service, self.fair_service = self.env["lead.broadcast.service"].create(
            [
                {
                    "name": "Work",
                    "wave_size": 4,
                    "radius_km": 30,
                    "validity_hours": 3,
                },
                {
                    "name": "Work in turn",
                    "wave_size": FAIR_WAVE,
                    "radius_km": 0,
                    "validity_hours": 6,
                    "ladder_id": fair_ladder.id,
                },
            ]
        )

    def add_step(self):
        """An administrator has another idea: ask everybody once more."""
        self.ladders[0].with_user(self.administrator).step_ids = [
            Command.create(
                {
                    "name": "Once more to all",
                    "audience": "again",
                    "ask_again": True,
                    "validity_hours": 2,
                    "sequence": 35,
                }
            )
        ]

    def _create_lists(self):
        lists = [
            {
                "name": f"Friends of {size.name}",
                "size_ids": [Command.set(size.ids)],
                "partner_ids": [Command.set(self._draw(self.partners, 6).ids)],
            }
            for size in self.sizes
        ]
        lists += [
            {
                "name": f"All of {state.name} without limits",
                "state_ids": [Command.set(state.ids)],
                "domain": f"[('state_id', '=', {state.id}),"
                " ('broadcast_capacity', '=', 6)]",
            }
            for state in self.states.values()
        ]
        self.env["lead.broadcast.list"].create(lists)

    def _draw(self, records, number):
        return records.browse(self.dice.sample(records.ids, min(number, len(records))))
