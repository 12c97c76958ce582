from odoo import api, fields, models


class LeadBroadcastLadderStep(models.Model):
    """A step in one sentence, so that nobody has to open it to know what it does."""

    _inherit = "lead.broadcast.ladder.step"

    summary = fields.Char("What Is Done", compute="_compute_summary")

    @api.depends(
        "activity_type_id",
        "ask_again",
        "audience",
        "beyond_own_radius",
        "by_inbox",
        "by_mail",
        "by_sms",
        "calendar_id",
        "list_ids.name",
        "radius_km",
        "responsible",
        "user_id",
        "validity_hours",
        "wave_size",
        "way_days",
        "way_km",
    )
    @api.depends_context("lang")
    def _compute_summary(self):
        for step in self:
            if step.audience == "people":
                parts = [step._get_person_text()]
            else:
                parts = [
                    step._get_audience_text(),
                    step._get_exception_text(),
                    step._get_validity_text(),
                    step._get_channel_text(),
                ]
            if step.calendar_id:
                parts.append(step.calendar_id.name)
            step.summary = ", ".join(filter(None, parts))

    def _get_audience_text(self):
        self.ensure_one()
        if self.audience in ("nearest", "wider"):
            return self._get_nearest_text()
        if self.audience == "list":
            text = ", ".join(self.list_ids.mapped("name")) or self.env._(
                "all lists that fit the lead"
            )
        elif self.audience == "on_the_way":
            text = self.env._(
                "on the way: within %(km)s km and %(days)s days",
                km=f"{self.way_km:g}",
                days=self.way_days,
            )
        else:
            labels = dict(self._fields["audience"]._description_selection(self.env))
            return labels.get(self.audience)
        if self.wave_size:
            return self.env._("%(count)s of %(whom)s", count=self.wave_size, whom=text)
        return text[:1].upper() + text[1:]

    def _get_nearest_text(self):
        nearest = (
            self.env._("Nearest %s", self.wave_size)
            if self.wave_size
            else self.env._("Nearest partners")
        )
        if self.radius_km:
            return self.env._(
                "%(nearest)s within %(km)s km",
                nearest=nearest,
                km=f"{self.radius_km:g}",
            )
        if self.audience == "wider":
            return self.env._("%s in a wider radius", nearest)
        return nearest

    def _get_exception_text(self):
        """Return who is asked that would otherwise be left out."""
        if self.audience == "again":
            return False
        exceptions = []
        if self.beyond_own_radius:
            exceptions.append(self.env._("beyond their own radius"))
        if self.ask_again:
            exceptions.append(self.env._("also those asked before"))
        return ", ".join(exceptions)

    def _get_validity_text(self):
        hours = self.validity_hours
        if not hours:
            return self.env._("valid as the service says")
        if hours < 1:
            return self.env._("%s min", round(hours * 60))
        return self.env._("%s h", f"{hours:.4g}")

    def _get_channel_text(self):
        return " + ".join(
            self._fields[f"by_{channel}"]._description_string(self.env)
            for channel in ("inbox", "mail", "sms")
            if channel in self._get_channels()
        )

    def _get_person_text(self):
        labels = dict(self._fields["responsible"]._description_selection(self.env))
        person = (
            self.user_id.name
            if self.responsible == "user"
            else labels.get(self.responsible)
        )
        return self.env._(
            "%(activity)s for: %(person)s",
            activity=self.activity_type_id.name or self.env._("Activity"),
            person=person or "",
        )
