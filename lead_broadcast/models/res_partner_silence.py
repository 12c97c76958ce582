from odoo import api, fields, models
from odoo.tools import SQL

STAFF = "base.group_user"

# written by the methods below, never from outside
SILENCE_FIELDS = ("broadcast_silenced_date", "broadcast_returned_date")


class ResPartner(models.Model):
    """Partners that do not answer are left in peace until they want offers again."""

    _inherit = "res.partner"

    broadcast_silenced_date = fields.Datetime(
        "Paused for Silence",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="Since then no leads are offered, as several offers were not answered.",
    )
    broadcast_returned_date = fields.Datetime(
        "Back since",
        readonly=True,
        copy=False,
        groups=STAFF,
        help="Offers made before do not count as silence any more.",
    )

    # ------------------------------------------------------------
    # GUARDED FIELDS
    # ------------------------------------------------------------

    def _get_guarded_fields(self):
        """Who is paused is the outcome of offers."""

        def refuse(env):
            return env._(
                "Partners are paused when they do not answer, and get"
                " offers again by the button only."
            )

        return {
            **super()._get_guarded_fields(),
            **dict.fromkeys(SILENCE_FIELDS, refuse),
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_return_to_offers(self):
        """Offer leads again to partners that were paused for their silence."""
        self.check_access("write")
        self._return_to_offers(self.env.user.partner_id)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _pause_for_silence(self):
        """Offer nothing more to partners that do not answer. They can still answer what
        they were offered, and come back with it."""
        if not self:
            return
        self.broadcast_silenced_date = fields.Datetime.now()
        self._log_for_staff(
            lambda env: env._(
                "Several offers in a row were not answered: no more are sent until the"
                " partner wants them again."
            )
        )

    def _return_to_offers(self, by):
        """Have leads offered again to partners that were paused for their silence.

        :param by: ``res.partner`` of the person who wants so
        """
        # sudo: visitors with a token do, and users that may change these partners
        paused = self.sudo().filtered("broadcast_silenced_date")
        if not paused:
            return
        paused._end_pause_for_silence()
        paused.broadcast_returned_date = fields.Datetime.now()
        paused._log_for_staff(
            lambda env: env._("Gets offers again: %s said so.", by.name), by
        )

    def _excuse_silence(self):
        """Go on with partners whose offers did not arrive: it was not their fault."""
        if not self:
            return
        self._end_pause_for_silence()
        self._log_for_staff(
            lambda env: env._("Gets offers again: some offers had not arrived.")
        )

    def _end_pause_for_silence(self):
        self.broadcast_silenced_date = False
        self.env["lead.broadcast.offer"].search(
            [("partner_id", "in", self.ids), ("silenced_date", "!=", False)]
        ).silenced_date = False

    # ------------------------------------------------------------
    # WHO IS SILENT
    # ------------------------------------------------------------

    def _filter_silent(self, limit):
        """Return those of these partners that did not answer about so many leads in a
        row, or more: a lead that is offered again and again counts once. Answers, and
        coming back, start anew.

        :param int limit: 0 finds nobody
        """
        if not (self and limit):
            return self.browse()
        self.env["lead.broadcast.offer"].flush_model(
            [
                "answer_channel",
                "answer_date",
                "is_silent",
                "lead_id",
                "partner_id",
                "sent_date",
            ]
        )
        self.flush_model(["broadcast_returned_date"])
        return self.browse(
            partner_id
            for [partner_id] in self.env.execute_query(
                SQL(
                    """
                    SELECT partner.id
                      FROM res_partner partner
                CROSS JOIN LATERAL (
                           SELECT max(answer_date) AS date
                             FROM lead_broadcast_offer
                            WHERE partner_id = partner.id
                              AND answer_date IS NOT NULL
                              AND answer_channel != 'staff'
                           ) answer
                      JOIN lead_broadcast_offer offer
                        ON offer.partner_id = partner.id
                     WHERE partner.id = ANY(%s)
                       AND offer.is_silent
                       AND offer.sent_date > COALESCE(
                           GREATEST(answer.date, partner.broadcast_returned_date),
                           '-infinity'
                           )
                  GROUP BY partner.id
                    HAVING count(DISTINCT offer.lead_id) >= %s
                    """,
                    self.ids,
                    limit,
                )
            )
        )

    @api.model
    def _find_silenced_of(self, user):
        """Return the partners of a portal user's company that are paused for their
        silence, as superuser."""
        # sudo: partners read no partners; only these are told, about themselves
        return self.sudo().search(
            [
                ("commercial_partner_id", "=", user.commercial_partner_id.id),
                ("is_service_partner", "=", True),
                ("broadcast_silenced_date", "!=", False),
            ]
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _log_for_staff(self, tell, by=None):
        """Log a line on these partners in the language of the company.

        :param tell: function of an environment, returns the line
        :param by: ``res.partner`` of the person who did it, if anybody
        """
        lang = self.env.company.partner_id.lang
        partners = self.with_context(lang=lang) if lang else self
        line = tell(partners.env)
        author = by and self.env["crm.lead"]._get_story_author(by)
        partners._message_log_batch(
            dict.fromkeys(partners.ids, line), author_id=author and author.id
        )
