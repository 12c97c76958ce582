from markupsafe import Markup

from odoo import models

from .lead_broadcast_notification_event import EVENTS, LEAD


class CrmLead(models.Model):
    """What will be sent about a lead, for whoever wonders."""

    _inherit = "crm.lead"

    def action_open_planned_messages(self):
        """Show the reminders and alerts to come, as the engine plans them at this
        moment."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.lead_broadcast_planned_action"
        )
        planned = self.env["lead.broadcast.planned"]._plan(self)
        return {
            **action,
            "display_name": self.env._("What will be sent: %s", self.display_name),
            "domain": [("id", "in", planned.ids)],
            "help": Markup('<p class="o_view_nocontent_neutral_face">%s</p><p>%s</p>')
            % (
                self.env._("Nothing will be sent in the next 14 days"),
                self._explain_nothing_planned(),
            ),
        }

    def _explain_nothing_planned(self):
        """Say why nobody is reminded of this lead."""
        self.ensure_one()
        if not self._is_open_for_broadcast():
            return self.env._("The lead is closed: nobody is reminded of it any more.")
        if self.broadcast_state == "searching":
            return self.env._(
                "The lead is not allocated yet, it is being offered. Reminders start"
                " when a partner or a team has it."
            )
        if self.broadcast_state != "allocated":
            return self._explain_no_alert()
        rules = self._get_reminder_rules()
        if not rules:
            return self.env._(
                "All rules that remind of leads allocated to %s are switched off.",
                self.allocated_tier_id.display_name or self._get_owner_name(),
            )
        if self.first_response_date and all(
            rule.stop_condition == "attended" or rule.event == "unattended"
            for rule in rules
        ):
            return self.env._("The lead is attended, and the rules stop then.")
        return self.env._(
            "The rules as they are have nothing left to send, or there is nobody with"
            " the role they are for."
        )

    def _explain_no_alert(self):
        """Say why nobody will be told that this lead, which one of our people has or
        nobody, is not answered in time."""
        self.ensure_one()
        if self.first_response_date:
            return self.env._("The lead is attended: nobody is told that it waits.")
        if not self.response_deadline:
            return self.env._(
                "The lead is not allocated. Reminders start when a partner or a team"
                " has it, and no response policy says until when it must be answered."
            )
        if not self.env["lead.broadcast.notification.rule"].search_count(
            [("event", "=", "escalated")], limit=1
        ):
            return self.env._(
                "All rules that tell of leads that are not answered in time are"
                " switched off."
            )
        return self.env._(
            "The time to answer it does not run out within these days, or there is"
            " nobody with the roles that the rules are for."
        )

    def _get_reminder_rules(self):
        """Return the rules by which this lead could be reminded of."""
        rules = self.env["lead.broadcast.notification.rule"].search(
            [("tier_id", "in", [False, self.allocated_tier_id.id])]
        )
        return rules.filtered(
            lambda rule: EVENTS[rule.event].model == LEAD and rule._is_planned()
        )
