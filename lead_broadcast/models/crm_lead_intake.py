import threading
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.http import request

INTAKE_CHANNELS = [
    ("hand", "By hand"),
    ("website", "Website form"),
    ("mail", "Mail"),
    ("survey", "Survey"),
    ("import", "File import"),
    ("api", "API"),
]
# paths of core's routes: a request to one of them is another program's, or a form's
REQUEST_CHANNELS = {
    "/website/form/": "website",
    "/json/2/": "api",
    "/jsonrpc": "api",
    "/xmlrpc/": "api",
}
# forms that have a salesperson of their own: core fills in the team's leader
PROPOSING_CHANNELS = ("website", "survey")


class CrmLead(models.Model):
    """How leads come in: what enters from outside belongs to nobody at first, so that
    the assignment rules decide."""

    _inherit = "crm.lead"

    user_id = fields.Many2one(default=lambda self: self._get_default_salesperson())
    intake_channel = fields.Selection(
        INTAKE_CHANNELS,
        readonly=True,
        copy=False,
        help="How this lead came in.",
    )
    intake_form = fields.Char(  # not read-only, or website forms could not fill it in
        copy=False,
        help="Which form this lead came from: a website form says so in a field of its"
        " own, or it is the page's address; the title of a survey; what a program that"
        " uses the API calls its form.",
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [{**vals, **self._get_intake_values(vals)} for vals in vals_list]
        proposed_users = [
            vals["intake_channel"] in PROPOSING_CHANNELS and vals.get("user_id")
            for vals in vals_list
        ]
        vals_list = [
            {**vals, "user_id": False} if user_id else vals
            for vals, user_id in zip(vals_list, proposed_users, strict=True)
        ]
        # the time of whoever has it begins when that is settled
        on_hold = self.with_context(assignee_on_hold=True)
        leads = super(CrmLead, on_hold).create(vals_list)
        leads._assign_as_proposed(vals_list, proposed_users)
        leads = leads.with_env(self.env)
        by_hand = leads.filtered(
            lambda lead: lead.intake_channel == "hand" and not lead.assignment_rule_id
        )
        by_hand._sync_assignee()
        (leads - by_hand)._sync_assignee("rule")
        return leads

    def write(self, vals):
        if not self.env.su and not {"intake_channel", "intake_form"}.isdisjoint(vals):
            raise AccessError(
                self.env._("How a lead came in is noted once, when it is created.")
            )
        return super().write(vals)

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        values = {**(custom_values or {}), "intake_channel": "mail"}
        on_hold = self.with_context(assignee_on_hold=True)
        lead = super(CrmLead, on_hold).message_new(msg_dict, custom_values=values)
        lead = lead.with_env(self.env)
        lead._sync_assignee("rule")
        return lead

    def get_formview_id(self, access_uid=None):
        """Receptionists open the form that they filled in."""
        if self.with_user(access_uid or self.env.uid)._is_reception():
            return self.env.ref("lead_broadcast.crm_lead_view_form_enquiry").id
        return super().get_formview_id(access_uid)

    # ------------------------------------------------------------
    # CHANNEL
    # ------------------------------------------------------------

    @api.model
    def _get_intake_values(self, vals):
        """Return how a lead with these values comes in. What a user says counts for
        the form only: the channel is what is seen."""
        survey_id = self.env.su and vals.get("origin_survey_id")
        if self.env.su and vals.get("intake_channel"):
            channel = vals["intake_channel"]
        elif survey_id:  # set by survey_crm as superuser; by copying, as a user
            channel = "survey"
        else:
            channel = self._get_entry_channel()
        form = vals.get("intake_form")
        if not form and survey_id:
            form = self.env["survey.survey"].browse(survey_id).title
        elif not form and channel == "website":
            form = self._get_website_page()
        return {"intake_channel": channel, "intake_form": form or False}

    @api.model
    def _get_entry_channel(self):
        """Return through which channel leads that are created now come in.

        The context key ``intake_channel`` tells it where it cannot be seen.
        """
        channel = self.env.context.get("intake_channel")
        if channel in dict(INTAKE_CHANNELS):
            return channel
        if self.env.context.get("import_file"):  # by base_import
            return "import"
        path = self._get_request_path()
        for start, channel in REQUEST_CHANNELS.items():
            if path.startswith(start):
                return channel
        return "hand"

    @api.model
    def _get_request_path(self):
        """Return the path that was asked for. Core hides the request while it serves
        XML-RPC and JSON-RPC; its thread still knows the address."""
        if request:
            return request.httprequest.path
        return urlsplit(getattr(threading.current_thread(), "url", "")).path

    @api.model
    def _get_website_page(self):
        """Return the address of the page that a website form is on, without the
        language: one form in several languages is one form."""
        path = urlsplit(request.httprequest.referrer or "").path if request else ""
        first, _slash, rest = path.lstrip("/").partition("/")
        languages = self.env["res.lang"]._get_frontend().values()
        return f"/{rest}" if first in {lang.url_code for lang in languages} else path

    # ------------------------------------------------------------
    # SALESPERSON
    # ------------------------------------------------------------

    @api.model
    def _get_default_salesperson(self):
        """Return who has what is created by hand: the salesperson who does so."""
        user = self.env.user
        is_ours = self._get_entry_channel() == "hand" and user.has_group(
            "sales_team.group_sale_salesman"
        )
        return user if is_ours else user.browse()

    def _assign_as_proposed(self, vals_list, user_ids):
        """Give leads to the people whom their forms propose, unless a rule decided
        otherwise meanwhile.

        :param vals_list: what each of these leads was created with
        :param user_ids: whom its form proposes, by lead
        """
        proposals = {}
        for lead, vals, user_id in zip(self, vals_list, user_ids, strict=True):
            moved = vals.get("team_id") and lead.team_id.id != vals["team_id"]
            if user_id and not (lead.user_id or moved):
                proposals.setdefault(user_id, []).append(lead.id)
        for user_id, lead_ids in proposals.items():
            self.browse(lead_ids).user_id = user_id
