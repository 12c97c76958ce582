from odoo.fields import Command

from .common import HAUZ_KHAS, BroadcastCase


class AudienceCase(BroadcastCase):
    """Who would be asked for a lead, as an executive finds out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.lead.with_user(cls.user)
        cls.audience = cls.env["lead.broadcast.audience"].with_user(cls.user)

    def _look(self, step=None, lead=None, **kwargs):
        """Return the candidates of one lead, by hand or at a step."""
        lead = lead or self.lead
        if step:
            return self.audience._find_for_step(step, lead)[lead]
        return self.audience._find(lead, **kwargs)[lead]

    def _asked(self, step=None, **kwargs):
        """Return the partners that would be asked, in order."""
        lines = [line for line in self._look(step, **kwargs) if line["selected"]]
        return self.env["res.partner"].browse([line["partner_id"] for line in lines])

    def _reason(self, partner, step=None, **kwargs):
        """Return why a partner is left out, None if it would be asked."""
        for line in self._look(step, **kwargs):
            if line["partner_id"] == partner.id:
                self.assertEqual(line["selected"], not line["reason"])
                return line["reason"]
        return "not found"

    def _step(self, audience, **values):
        """Return a step that is not saved, as the buttons for many leads use it."""
        Step = self.env["lead.broadcast.ladder.step"].with_user(self.user)
        return Step.new({"audience": audience, **values})

    @classmethod
    def _create_list(cls, partners):
        return cls.env["lead.broadcast.list"].create(
            {"name": "Delhi light", "partner_ids": [Command.set(partners.ids)]}
        )

    @classmethod
    def _create_equals(cls, number, **values):
        """Create partners that are equally near, the nearest of all."""
        return cls.env["res.partner"].create(
            [
                cls._prepare_partner(f"Equal {turn}", HAUZ_KHAS, **values)
                for turn in range(number)
            ]
        )

    def _offer_to(self, partners, lead=None):
        """Offer a lead to certain partners; return the round."""
        lead = lead or self.lead
        candidates = {
            lead: [
                {"partner_id": partner.id, "selected": True, **NEXT_DOOR}
                for partner in partners
            ]
        }
        return lead.with_user(self.user)._broadcast(candidates).sudo()


NEXT_DOOR = {"distance": 1, "is_located": True, "is_preferred": False}
