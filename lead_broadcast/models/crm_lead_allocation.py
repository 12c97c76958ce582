from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
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
    """The partner that has the work, from winning it to having done it."""

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

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_won_by_offers_only(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_won_by_offers_only(vals)
        return super().write(vals)

    @api.model
    def _check_won_by_offers_only(self, vals):
        """Who has a lead is the outcome of offers, whoever may write the lead."""
        if not self.env.su and ALLOCATION_FIELDS & vals.keys():
            raise AccessError(
                self.env._(
                    "A lead is given to a partner, taken back or completed by its"
                    " buttons only."
                )
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_allocate(self):
        """Ask to which partner this lead is to be given."""
        self.ensure_one()
        self._check_can_broadcast()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.lead_broadcast_allocate_action"
        )
        action["context"] = {"default_lead_id": self.id}
        return action

    def action_release(self):
        """Take these leads back from the partners that have them."""
        self.check_access("write")
        self._release()

    def action_mark_completed(self):
        """Note that the work is done, for a partner that told so."""
        self.check_access("write")
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

    def _claim(self, offer):
        """Set this lead's winner if it has none yet.

        A real UPDATE, not a lock: under REPEATABLE READ a transaction that waited
        for a lock still sees its old snapshot, while an UPDATE of a row that has
        changed meanwhile fails and is retried with a fresh one.

        :return: whether the lead is now the offer's
        """
        self.ensure_one()
        self.flush_recordset(["allocated_offer_id"])
        claimed = self.env.execute_query(
            SQL(
                "UPDATE crm_lead SET allocated_offer_id = %s"
                " WHERE id = %s AND allocated_offer_id IS NULL RETURNING id",
                offer.id,
                self.id,
            )
        )
        self.invalidate_recordset(["allocated_offer_id"], flush=False)
        self.modified(["allocated_offer_id"])
        return bool(claimed)

    def _receive_allocation(self, offer):
        """Do what follows when an offer has won this lead: the partner joins the
        conversation, and those who must know are told."""
        self.ensure_one()
        self.write(
            {
                "allocated_date": fields.Datetime.now(),
                "contacted_date": False,
                "completion_date": False,
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
        notices = self.env["lead.broadcast.notice"]
        notices._notify_partners(offer, "won")
        notices._notify_allocated(offer)

    def _release(self):
        """Take leads back from the partners that have them."""
        for lead in self.sudo():  # sudo: as in _allocate
            offer = lead.allocated_offer_id
            if not offer:
                continue
            lead.write({"allocated_offer_id": False, "allocated_date": False})
            offer.state = "withdrawn"
            # also the people of the partner who wrote and follow since
            company = offer.partner_id.commercial_partner_id
            lead.message_unsubscribe(
                lead.message_partner_ids.filtered(
                    lambda follower, company=company: (
                        follower.commercial_partner_id == company
                    )
                ).ids
            )
            self.env["lead.broadcast.notice"]._notify_partners(offer, "withdrawn")
            team_lead = lead._with_team_lang()
            team_lead._message_log(
                body=team_lead.env._("Taken back from %s.", offer.partner_id.name)
            )

    def _mark_contacted(self, by):
        """Note that the partner has spoken to the customer, once.

        :param by: ``res.partner`` of the person who says so
        """
        self._mark("contacted_date", by, lambda env: env._("Customer contacted."))

    def _mark_completed(self, by):
        """Note that the work is done, once.

        :param by: ``res.partner`` of the person who says so
        """
        self._mark("completion_date", by, lambda env: env._("The work is done."))

    def _mark(self, date_field, by, tell):
        # sudo: portal users report on the lead they won without access to it
        for lead in self.sudo().filtered(lambda lead: not lead[date_field]):
            lead[date_field] = fields.Datetime.now()
            # a note: the team is told, not the partner about its own step
            lead.message_post(
                body=tell(lead._with_team_lang().env),
                author_id=by.id,
                partner_ids=lead.user_id.partner_id.ids,
                subtype_xmlid="mail.mt_note",
            )

    # ------------------------------------------------------------
    # CONVERSATION
    # ------------------------------------------------------------

    def _get_partner_messages(self):
        """Return the messages that the partner that has this lead may read: the
        comments since it was given the lead, no internal notes."""
        self.ensure_one()
        # sudo: the caller has checked that the reader's company has the lead
        return (
            self.env["mail.message"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "=", self.id),
                    ("date", ">=", self.allocated_date),
                    ("subtype_id", "=", self.env.ref("mail.mt_comment").id),
                    ("is_internal", "=", False),
                    ("message_type", "in", ("comment", "email", "email_outgoing")),
                ],
                order="date, id",
            )
        )

    def _post_partner_message(self, body, by):
        """Add what the partner that has this lead wrote to the conversation.

        :param str body: plain text
        :param by: ``res.partner`` of the person who wrote it
        """
        self.ensure_one()
        return self.sudo().message_post(  # sudo: as in _mark
            body=body,
            author_id=by.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
