from odoo import api, fields, models


class LeadResponseLevel(models.Model):
    """A level in one sentence, so that nobody has to open it to know what it does."""

    _inherit = "lead.response.level"

    summary = fields.Char("What It Does", compute="_compute_summary")

    @api.depends(
        "action",
        "calendar_id.name",
        "clock",
        "hours",
        "management_ids.name",
        "repeat",
        "user_id.name",
    )
    @api.depends_context("lang")
    def _compute_summary(self):
        for level in self:
            names = {"time": level._get_time_text(), "what": level._get_action_text()}
            if level.repeat:
                level.summary = self.env._(
                    "After %(time)s, each time: %(what)s", **names
                )
            else:
                level.summary = self.env._("After %(time)s: %(what)s", **names)

    def _get_time_text(self):
        self.ensure_one()
        if self.hours < 1:
            time = self.env._("%s min", round(self.hours * 60))
        else:
            time = self.env._("%s h", f"{self.hours:.4g}")
        clock = {
            "assignee": self.env._("the assignee's working hours"),
            "company": self.env._("the company's working hours"),
            "calendar": self.calendar_id.name,
        }.get(self.clock)
        return f"{time} ({clock})" if clock else time

    def _get_action_text(self):
        """Return what happens to a lead, of whoever has it."""
        self.ensure_one()
        people = ", ".join(self.management_ids.mapped("name"))
        texts = {
            "backup": self.env._("it goes to the back-up"),
            "user": self.env._("it goes to %s", self.user_id.name or ""),
            "master": self.env._("it goes to the master partner"),
            "rebroadcast": self._tell_search(),
            "management": people
            and self.env._("management is told (%s)", people)
            or self._tell_management(),
        }
        return texts.get(self.action) or self._tell_alert()

    def _tell_plan(self, former, following):
        """Return what will happen to a lead.

        :param former: the ``Holder`` until then, ``following`` the one from then on
        """
        self.ensure_one()
        if not following:
            return self._tell_search()
        if following != former:
            return self.env._("it goes to %s", following.name)
        if self.action == "management":
            return self._tell_management()
        return self._tell_alert()

    def _tell_alert(self):
        return self.env._("an alert is sent")

    def _tell_management(self):
        return self.env._("management is told")

    def _tell_search(self):
        return self.env._("it is withdrawn, and partners are searched for again")
