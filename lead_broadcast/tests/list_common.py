from odoo.fields import Command

from .common import BroadcastCase


class ListCase(BroadcastCase):
    """The small world, in which there are no lists but those of a test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.List = cls.env["lead.broadcast.list"]
        cls.List.search([("active", "=", True)]).active = False  # those of the demo
        cls.light = cls.env.ref("lead_broadcast.size_light")
        cls.full = cls.env.ref("lead_broadcast.size_full")
        cls.light_lead = cls._create_lead(size_id=cls.light.id)

    @classmethod
    def _create_list(cls, name="Delhi light", partners=(), **values):
        return cls.List.create(
            {
                "name": name,
                "partner_ids": [Command.link(partner.id) for partner in partners],
                **values,
            }
        )
