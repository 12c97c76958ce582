from odoo import api, models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    """What becomes of running rounds when their lead is closed, moved or deleted."""

    _inherit = "crm.lead"

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        if "service_id" in vals:
            self._check_service_can_change(vals["service_id"])
        result = super().write(vals)
        if self._may_close(vals):
            self._stop_if_over()
        if "closure_date" in vals:
            self._cap_validity()
            self.sudo()._watch_paused()  # sudo: as in _stop_if_over
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_offered(self):
        """Partners were promised something: it is taken back first, not deleted."""
        for lead in self:
            if lead.broadcast_state in ("searching", "allocated"):
                raise UserError(
                    self.env._(
                        "%s is offered to partners, or given to a partner or team. Stop"
                        " the broadcast or take the lead back, then delete it; or"
                        " archive it.",
                        lead.name,
                    )
                )

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _stop_if_over(self):
        """Stop searching for leads that are archived, lost or won."""
        # sudo: whoever may close a lead need not see its rounds
        over = self.sudo().filtered(
            lambda lead: (
                (lead.broadcast_state == "searching" or lead.ladder_state == "handed")
                and not lead._is_open_for_broadcast()
            )
        )
        over._end_ladder()
        over.broadcast_ids._cancel()

    def _cap_validity(self):
        """Shorten running offers when the closure date moved before their end."""
        for lead in self.sudo():  # sudo: as in _stop_if_over
            end = lead._get_closure_end()
            lead.broadcast_ids.filtered(
                lambda broadcast, end=end: (
                    broadcast.state == "open" and end and broadcast.valid_until > end
                )
            ).write({"valid_until": end})

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def _may_close(self, vals):
        """Tell whether written values may end the search: writing leads is a hot path
        of core's, so that rounds are looked at only when they must be."""
        stage = self.env["crm.stage"].browse(vals.get("stage_id"))
        return (
            vals.get("active") is False
            or vals.get("probability") == 100
            or stage.is_won
        )

    def _check_service_can_change(self, service_id):
        """Partners were asked for a service: it does not become another one."""
        for lead in self:
            if (
                lead.broadcast_state == "searching"
                and lead.service_id
                and lead.service_id.id != service_id
            ):
                raise UserError(
                    self.env._(
                        "%s is offered to partners for another service. Stop the"
                        " broadcast first.",
                        lead.name,
                    )
                )
