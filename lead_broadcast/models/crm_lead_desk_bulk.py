from odoo import fields, models
from odoo.fields import Domain

MAX_NAMED = 3  # leads of each problem in a notification


class CrmLead(models.Model):
    """What the desk does with many leads at once: as many as can be, and why not the
    others."""

    _inherit = "crm.lead"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_resend(self):
        """Tell those again that can still answer, and ask anew those whose time is
        over."""
        self._check_may_steer()
        retold, anew, problems = self._resend()
        return self._show_bulk_result(
            [
                retold and self.env._("Offers told again: %s", len(retold)),
                anew and self.env._("Partners asked anew: %s", len(anew.offer_ids)),
            ],
            problems,
        )

    def action_open_to_list(self):
        """Ask which list these leads are to be offered to."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.lead_broadcast_to_list_action"
        )
        action["context"] = {
            "default_lead_ids": self.ids,
            "dialog_size": "extra-large",
        }
        return action

    def action_pause_search(self):
        """Pause the ladders of these leads; say of which."""
        self._check_may_steer()
        running = self.filtered(lambda lead: lead.ladder_state == "running")
        running._pause_ladder()
        return self._show_bulk_result(
            [running and self.env._("Searches paused: %s", len(running))],
            {lead: lead._get_pause_problem() for lead in self - running},
        )

    def action_resume_search(self):
        """Have these leads go on with their ladders; say which do."""
        self._check_may_steer()
        paused = self.filtered(lambda lead: lead.ladder_state == "paused")
        problems = {lead: self.env._("It is not paused.") for lead in self - paused}
        paused._resume_ladder()
        return self._show_bulk_result(
            [paused and self.env._("Searches that go on: %s", len(paused))], problems
        )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _resend(self):
        """Send the offers of these leads once more.

        :return: the offers told again, the new rounds, and ``{lead: why}`` of those for
            which there was nothing to do
        """
        problems = {
            lead: problem for lead in self if (problem := lead._get_broadcast_problem())
        }
        leads = self.filtered(lambda lead: lead not in problems)
        # two at the same moment must not both find that nobody was told just now
        leads._start_searching(fields.Datetime.now())
        still_open = leads._get_answerable_offers()
        told = still_open._tell_again()
        step = self.env["lead.broadcast.ladder.step"].new({"audience": "again"})
        candidates = self.env["lead.broadcast.audience"]._find_for_step(step, leads)
        asking = leads.filtered(
            lambda lead: any(line["selected"] for line in candidates[lead])
        )
        anew = asking.env["lead.broadcast"]
        if asking:
            anew = asking._broadcast(
                {lead: candidates[lead] for lead in asking}, audience="again"
            )
        for lead in leads - asking - told.lead_id.with_env(self.env):
            problems[lead] = (
                self.env._("Its partners were told a few minutes ago.")
                if lead in still_open.lead_id.with_env(self.env)
                else self.env._("Nobody is left who was asked and may be asked again.")
            )
        return told, anew, problems

    def _get_answerable_offers(self):
        # sudo: the right to the lead is enough, as for all that the desk does
        return (
            self.env["lead.broadcast.offer"]
            .sudo()
            .search(
                Domain("lead_id", "in", self.ids)
                & Domain("state", "=", "open")
                & Domain("valid_until", ">", fields.Datetime.now())
            )
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_pause_problem(self):
        self.ensure_one()
        if self.ladder_state == "paused":
            return self.env._("It is paused already.")
        if self.ladder_state == "handed":
            return self.env._("It is with a person: nothing is sent by itself.")
        return self.env._("It follows no ladder: its offers end by themselves.")

    def _show_bulk_result(self, done, problems):
        """Return the notification that says what was done, and why not with the others.

        :param done: sentences; empty ones are left out
        :param dict problems: ``{lead: why}``
        """
        lines = list(filter(None, done))
        reasons = {}
        for lead, problem in problems.items():
            reasons.setdefault(problem, []).append(lead.name)
        for problem, names in reasons.items():
            lines.append(
                self.env._(
                    "%(leads)s: %(problem)s",
                    leads=self._name_some(names),
                    problem=problem,
                )
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if problems else "success",
                "message": "\n".join(lines) or self.env._("There was nothing to do."),
                "className": "text-prewrap",
                "sticky": bool(problems),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _name_some(self, names, limit=MAX_NAMED):
        if len(names) <= limit:
            return ", ".join(names)
        return self.env._(
            "%(names)s and %(count)s more",
            names=", ".join(names[:limit]),
            count=len(names) - limit,
        )
