from odoo import fields, models

SALESPERSON = "sales_team.group_sale_salesman"
# written by people; what Odoo posts by itself is no answer
HUMAN_MESSAGES = ("comment", "email", "sms")


class CrmLead(models.Model):
    """What the party that was given a lead does about it, and since when."""

    _inherit = "crm.lead"

    first_response_date = fields.Datetime(
        "Attended on",
        readonly=True,
        copy=False,
        help="When the partner, team or person first did something about the lead"
        " since it was given it: wrote, changed the stage, finished an activity or"
        " reported.",
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    def write(self, vals):
        moved = self.browse()
        if "stage_id" in vals:
            moved |= self.filtered(lambda lead: lead.stage_id.id != vals["stage_id"])
        if "type" in vals:  # made an opportunity
            moved |= self.filtered(lambda lead: lead.type != vals["type"])
        result = super().write(vals)
        moved._note_response(self.env.user.partner_id)
        return result

    # ------------------------------------------------------------
    # RESPONSE
    # ------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        """Messages of the party that has the lead, and activities that it finished,
        which core posts as messages, show that it attends to it."""
        if (
            msg_values["message_type"] in HUMAN_MESSAGES
            or msg_values.get("mail_activity_type_id")
        ) and not self.env.context.get("is_auto_reply"):
            self._note_response(message.author_id)
        return super()._message_post_after_hook(message, msg_values)

    def _is_assignee(self, partner):
        """Tell whether a person belongs to the party that has this lead.

        :param partner: ``res.partner`` of the person
        """
        self.ensure_one()
        lead = self.sudo()  # sudo: portal users act on leads they cannot read
        if lead.allocated_partner_id:
            company = lead.allocated_partner_id.commercial_partner_id
            return partner.sudo().commercial_partner_id == company
        holder = lead._get_holder()
        if not holder:  # then whoever works on leads does it for everybody
            users = partner.sudo().user_ids
            return any(user.has_group(SALESPERSON) for user in users)
        people = holder._get_people()
        if lead.allocated_team_id:
            people |= lead.user_id.partner_id  # who is to see to it that it is done
        return partner in people

    def _note_response(self, by):
        """Note that the party that has these leads attends to them, once.

        :param by: ``res.partner`` of the person who did something
        """
        leads = self.sudo().filtered(  # sudo: as in _is_assignee
            lambda lead: (
                not lead.first_response_date
                and lead._needs_answer()
                and lead._is_assignee(by)
            )
        )
        leads._answer()

    def _answer(self, moment=None):
        """Note that these leads are attended to, which stops their clocks.

        :param datetime moment: naive UTC, now if unset
        """
        if self:
            moment = moment or fields.Datetime.now()
            self.write({"first_response_date": moment, "response_deadline": False})
            self.response_assignment_id._answer(moment)

    def _take_answer(self, rows):
        """Let the answer to leads that are merged into this one count, if it is of whom
        this one belongs to.

        :param rows: ``lead.response.assignment`` of those leads
        """
        own = self.response_assignment_id
        answers = rows.filtered(
            lambda row: (
                row.first_response_date and row._get_holder() == own._get_holder()
            )
        ).mapped("first_response_date")
        if answers and not own.end_date and not self.first_response_date:
            self._answer(max(min(answers), own.start_date))

    # ------------------------------------------------------------
    # REPORTS
    # ------------------------------------------------------------

    def _mark_contacted(self, by):
        """Note that the customer was spoken to, once.

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
            # also when staff note it: they say what the party told them
            if lead.allocated_date and not lead.first_response_date:
                lead._answer()
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
