from odoo import fields, models
from odoo.tools import SQL

ACTIVITY_TYPE = "lead_broadcast.mail_activity_type_price_review"


class CrmLead(models.Model):
    """Several partners find the price of a lead wrong: those who decide on it are asked
    to look at it, once."""

    _inherit = "crm.lead"

    price_review_date = fields.Datetime(
        "Price Review Asked for", readonly=True, copy=False
    )

    # ------------------------------------------------------------
    # GUARDED FIELDS
    # ------------------------------------------------------------

    def _get_guarded_fields(self):
        def refuse(env):
            return env._("A price review is asked for by the answers of partners.")

        return {**super()._get_guarded_fields(), "price_review_date": refuse}

    # ------------------------------------------------------------
    # BUSINESS
    # ------------------------------------------------------------

    def _review_price(self):
        """Ask for a review of the price once enough partners declined for it; prices
        they name later are added to what is not reviewed yet."""
        self.ensure_one()
        self._meet_other_answers()
        offers = self._get_price_declines()
        limit = (self.company_id or self.env.company).broadcast_price_review_count
        if self.price_review_date:
            for activity in self.activity_search([ACTIVITY_TYPE]):
                activity.note = self._get_price_note(offers, activity.user_id)
        elif 0 < limit <= len(offers) and (users := self._get_price_reviewers()):
            self.price_review_date = fields.Datetime.now()
            for user in users:
                self.activity_schedule(
                    ACTIVITY_TYPE,
                    note=self._get_price_note(offers, user),
                    user_id=user.id,
                )

    def _meet_other_answers(self):
        """Two answers given at the same moment in different rounds must not overlook
        each other: a real UPDATE, as in ``_claim``, has one of them retried."""
        self.env.execute_query(
            SQL("UPDATE crm_lead SET id = id WHERE id = %s RETURNING id", self.id)
        )

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_price_declines(self):
        """Return the offers declined for the price, the last one of each partner."""
        self.ensure_one()
        declined = self.offer_ids.filtered(
            lambda offer: (
                offer.state == "declined" and offer.decline_reason_id.kind == "price"
            )
        ).sorted(lambda offer: (offer.answer_date, offer.id))
        last = {offer.partner_id: offer.id for offer in declined}
        return declined.browse(last.values())

    def _get_price_reviewers(self):
        """Return who decides on the price: the team's leader and the head; where there
        are none, who has the lead or had it offered."""
        self.ensure_one()
        company = self.company_id or self.env.company
        for users in (
            self.team_id.user_id | company.broadcast_head_id,
            self.user_id,
            self.broadcast_ids.sorted("start_date").user_id[-1:],
        ):
            if reviewers := users.filtered(self._filter_readable_by):
                return reviewers
        return self.env["res.users"]

    def _get_price_note(self, offers, user):
        """Return the prices named, in the language of the user who reviews them."""
        offers = offers.with_context(lang=user.lang)
        named = offers.filtered("proposed_price").sorted("proposed_price")
        prices = named.mapped("proposed_price")
        values = {
            "currency": offers.currency_id,
            "highest": prices and prices[-1],
            "lowest": prices and prices[0],
            "average": prices and sum(prices) / len(prices),
            "named": named,
            "unnamed": offers - named,
        }
        return offers.env["ir.qweb"]._render(
            "lead_broadcast.price_review_note", values, minimal_qcontext=True
        )

    # ------------------------------------------------------------
    # MERGE
    # ------------------------------------------------------------

    def _merge_dependences(self, opportunities):
        """The price of a lead is reviewed once, also after it was merged."""
        result = super()._merge_dependences(opportunities)
        # sudo: whoever may merge leads cannot write it
        reviewed = (self | opportunities).sudo().filtered("price_review_date")
        self.sudo().price_review_date = reviewed[:1].price_review_date
        return result
