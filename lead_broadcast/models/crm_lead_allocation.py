from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# written by the methods below, never from outside
ALLOCATION_FIELDS = {
    "allocated_date",
    "allocated_offer_id",
    "allocated_partner_id",
    "allocated_team_id",
    "allocated_tier_id",
    "allocated_user_id",
    "broadcast_state",
    "completion_date",
    "contacted_date",
    "first_response_date",
}


class CrmLead(models.Model):
    """Who has the work: how leads are given, and taken back."""

    _inherit = "crm.lead"

    allocated_offer_id = fields.Many2one(
        "lead.broadcast.offer",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    allocated_partner_id = fields.Many2one(
        related="allocated_offer_id.partner_id",
        string="Allocated Partner",
        store=True,
        index="btree_not_null",
    )
    allocated_date = fields.Datetime(readonly=True, copy=False)
    contacted_date = fields.Datetime("Customer Contacted", readonly=True, copy=False)
    completion_date = fields.Datetime("Completed", readonly=True, copy=False)

    # what partners are working on, of all they ever did
    _allocated_open_idx = models.Index(
        "(allocated_partner_id) WHERE allocated_partner_id IS NOT NULL"
        " AND completion_date IS NULL AND active"
    )

    # ------------------------------------------------------------
    # GUARDED FIELDS
    # ------------------------------------------------------------

    def _get_guarded_fields(self):
        """Who has a lead is the outcome of offers."""

        def refuse(env):
            return env._(
                "A lead is given to a partner or team, taken back or completed by"
                " its buttons only."
            )

        return {
            **super()._get_guarded_fields(),
            **dict.fromkeys(ALLOCATION_FIELDS, refuse),
        }

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_allocate(self):
        """Ask to which partner or team these leads are to be given."""
        if len(self) == 1:
            self._check_can_allocate()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.lead_broadcast_allocate_action"
        )
        action["context"] = {"default_lead_ids": self.ids}
        return action

    def action_release(self):
        """Take these leads back from the partners or teams that have them."""
        self._check_may_steer()
        self._release()

    def action_mark_completed(self):
        """Note that the work is done, for the partner or team that told so."""
        self._check_may_steer()
        self._mark_completed(self.env.user.partner_id)

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _allocate(self, partner):
        """Give this lead to a partner by hand, through the same door as any answer.

        :param partner: ``res.partner`` that is a service partner
        :raise UserError: when the lead belongs to a partner already
        """
        self.ensure_one()
        self._check_can_broadcast()
        if not (partner.active and partner.is_service_partner):
            raise UserError(
                self.env._(
                    "%s is not a service partner. Tick it on the company first.",
                    partner.display_name,
                )
            )
        # sudo: users give leads by this method only, not by writing offers
        lead = self.sudo()
        now = fields.Datetime.now()
        offer = lead.offer_ids.filtered(
            lambda offer: (
                offer.partner_id == partner
                and offer.state == "open"
                and offer.valid_until > now
            )
        )[:1]
        if not offer:
            broadcast = self.env["lead.broadcast"].sudo()
            offer = broadcast.create(
                {
                    "lead_id": lead.id,
                    "sequence": lead.broadcast_count + 1,
                    "audience": "hand",
                    "valid_until": lead._get_valid_until(now),
                    "offer_ids": [fields.Command.create({"partner_id": partner.id})],
                }
            ).offer_ids
        outcome = offer._accept("staff", self.env.user.partner_id)
        if outcome != "accepted":
            raise UserError(offer._get_outcome_message(outcome))

    def _claim(self, offer=None, team=None):
        """Set who has this lead, an offer or a team, if nobody has it yet.

        A real UPDATE, not a lock: under REPEATABLE READ a transaction that waited
        for a lock still sees its old snapshot, while an UPDATE of a row that has
        changed meanwhile fails and is retried with a fresh one.

        :return: whether the lead is now theirs
        """
        self.ensure_one()
        names = ["allocated_offer_id", "allocated_team_id"]
        self.flush_recordset(names)
        claimed = self.env.execute_query(
            SQL(
                """
                UPDATE crm_lead
                   SET allocated_offer_id = %s, allocated_team_id = %s
                 WHERE id = %s
                   AND allocated_offer_id IS NULL
                   AND allocated_team_id IS NULL
             RETURNING id
                """,
                offer.id if offer else None,
                team.id if team else None,
                self.id,
            )
        )
        self.invalidate_recordset(names, flush=False)
        self.modified(names)
        return bool(claimed)

    def _end_search(self, winner):
        """Tell the partners that can still answer that somebody else has these leads
        now, and close the other rounds.

        :param winner: the offer that has won; none when a team has the lead
        """
        offers = self.offer_ids.filtered(lambda offer: offer.state == "open")
        # after a merge the winner itself may have been asked in another round, too
        own = offers.filtered(lambda offer: offer.partner_id in winner.partner_id)
        own.write({"state": "withdrawn"})
        (offers - own).write({"state": "lost"})
        self.env["lead.broadcast.notification.rule"]._notify("taken", offers - own)
        others = self.broadcast_ids - winner.broadcast_id
        others.filtered(lambda broadcast: broadcast.state == "open").write(
            {"state": "cancelled", "end_date": fields.Datetime.now()}
        )
        self._end_ladder()

    def _receive_allocation(self, offer):
        """Do what follows when an offer has won this lead: the partner joins the
        conversation, and those who must know are told."""
        self.ensure_one()
        self.write(
            {
                "allocated_date": fields.Datetime.now(),
                "contacted_date": False,
                "completion_date": False,
                "first_response_date": False,
            }
        )
        self.message_subscribe(
            partner_ids=offer.partner_id.ids,
            subtype_ids=self.env.ref("mail.mt_comment").ids,
        )
        lead = self._with_team_lang()
        channels = dict(
            offer._fields["answer_channel"]._description_selection(lead.env)
        )
        lead._message_log(
            body=lead.env._(
                "Allocated to %(partner)s (%(channel)s).",
                partner=offer.partner_id.name,
                channel=channels[offer.answer_channel],
            ),
            author_id=self._get_story_author(offer.answered_by_id).id,
        )
        rules = self.env["lead.broadcast.notification.rule"]
        rules._notify("won", offer)
        rules._notify("allocated", self, slot=f"offer-{offer.id}")

    def _release(self):
        """Take leads back from the partners or teams that have them."""
        for lead in self.sudo():  # sudo: as in _allocate
            if lead.broadcast_state != "allocated":
                continue
            owner, offer = lead._get_owner_name(), lead.allocated_offer_id
            lead.write(
                {
                    "allocated_offer_id": False,
                    "allocated_team_id": False,
                    "allocated_user_id": False,
                    "allocated_date": False,
                    "first_response_date": False,
                }
            )
            if offer:
                lead._release_from_partner(offer)
            team_lead = lead._with_team_lang()
            team_lead._message_log(body=team_lead.env._("Taken back from %s.", owner))

    def _release_from_partner(self, offer):
        """Let a partner that had this lead know nothing of it any more."""
        offer.state = "withdrawn"
        # also the people of the partner who wrote and follow since
        company = offer.partner_id.commercial_partner_id
        self.message_unsubscribe(
            self.message_partner_ids.filtered(
                lambda follower: follower.commercial_partner_id == company
            ).ids
        )
        self.env["lead.broadcast.notification.rule"]._notify("withdrawn", offer)

    # ------------------------------------------------------------
    # GUARDS
    # ------------------------------------------------------------

    def _is_open_for_broadcast(self):
        """Tell whether this lead still needs somebody."""
        self.ensure_one()
        return self.active and self.won_status == "pending" and not self.completion_date

    def _check_can_allocate(self):
        """Refuse leads that cannot be given to anybody, saying what to do."""
        self._check_no_problem(lambda lead: lead._get_allocation_problem())

    def _check_no_problem(self, get_problem):
        self.check_access("write")
        for lead in self:
            if problem := get_problem(lead):
                raise UserError(
                    self.env._("%(lead)s: %(problem)s", lead=lead.name, problem=problem)
                )

    def _get_allocation_problem(self):
        """Return why this lead cannot be given to anybody and what to do, or False."""
        self.ensure_one()
        if self.broadcast_state == "allocated":
            return self.env._(
                "It belongs to %s. Take it back first.", self._get_owner_name()
            )
        if not self._is_open_for_broadcast():
            return self.env._("It is closed. Restore the lead first.")
        return False

    def _get_owner_name(self):
        """Return who has this lead: a partner, or a team and perhaps who of it."""
        self.ensure_one()
        lead = self.sudo()  # sudo: a lead's reader may know whose it is
        if lead.allocated_user_id:
            return self.env._(
                "%(person)s (%(team)s)",
                person=lead.allocated_user_id.name,
                team=lead.allocated_team_id.name,
            )
        return (lead.allocated_partner_id or lead.allocated_team_id).display_name
