from odoo import api, fields, models

from ..models.lead_broadcast_notification_event import EVENTS, OFFER

LATEST = 100  # records that are looked at for a lead that suits


class LeadBroadcastTemplatePreview(models.TransientModel):
    """What a template says about a real lead, to whom, and in which language: rendered
    as when it is sent, but nothing is."""

    _name = "lead.broadcast.template.preview"
    _description = "Preview of a Notification"

    template_ref = fields.Reference(
        [("mail.template", "Mail template"), ("sms.template", "SMS template")],
        "Template",
        required=True,
        readonly=True,
    )
    is_sms = fields.Boolean(compute="_compute_is_sms")
    rule_ids = fields.Many2many(
        "lead.broadcast.notification.rule",
        string="Rules of the Template",
        compute="_compute_rule_ids",
    )
    rule_id = fields.Many2one(
        "lead.broadcast.notification.rule",
        compute="_compute_rule_id",
        store=True,
        readonly=False,
        ondelete="cascade",
        help="Decides who gets it.",
    )
    lead_id = fields.Many2one(
        "crm.lead",
        compute="_compute_lead_id",
        store=True,
        readonly=False,
        ondelete="cascade",
    )
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language",
        help="Empty: the recipient's own.",
    )
    # to whom
    recipient_ids = fields.Many2many("res.partner", compute="_compute_recipient_ids")
    recipients = fields.Text(compute="_compute_recipient_ids")
    warning = fields.Text(compute="_compute_recipient_ids")
    recipient_id = fields.Many2one(
        "res.partner",
        "As Read by",
        compute="_compute_recipient_id",
        store=True,
        readonly=False,
        ondelete="cascade",
    )
    # what
    subject = fields.Char(compute="_compute_message")
    email_from = fields.Char("From", compute="_compute_message")
    email_to = fields.Char("To", compute="_compute_message")
    reply_to = fields.Char("Reply-To", compute="_compute_message")
    # not sanitized: shown as it is sent, in a sandbox
    body_html = fields.Html(compute="_compute_message", sanitize=False)
    sms_text = fields.Text("Message", compute="_compute_message")
    sms_size = fields.Char("Size", compute="_compute_message")
    error = fields.Text(compute="_compute_message")

    # ------------------------------------------------------------
    # COMPUTES
    # ------------------------------------------------------------

    @api.depends("template_ref")
    def _compute_is_sms(self):
        for preview in self:
            template = preview.template_ref
            preview.is_sms = bool(template) and template._name == "sms.template"

    @api.depends("template_ref")
    def _compute_rule_ids(self):
        for preview in self:
            template = preview.template_ref
            preview.rule_ids = template and template._get_notification_rules(
                active_test=False
            )

    @api.depends("rule_ids")
    def _compute_rule_id(self):
        for preview in self:
            rules = preview.rule_ids.sorted("active", reverse=True)
            preview.rule_id = preview.rule_id or rules[:1]

    @api.depends("rule_id")
    def _compute_lead_id(self):
        for preview in self:
            preview.lead_id = preview._search_lead()

    @api.depends("rule_id", "lead_id")
    def _compute_recipient_ids(self):
        """Say who gets it and where, and who does not and why."""
        for preview in self:
            targets = preview._get_targets()
            reached = [target for target in targets if not target.problem]
            people = self.env["res.partner"].union(*(t.recipient for t in targets))
            preview.recipient_ids = people.with_env(self.env)
            preview.recipients = "\n".join(map(preview._get_address, reached))
            preview.warning = "\n".join(
                f"{target.recipient.display_name}: {target.problem}"
                for target in targets
                if target.problem
            )
            if preview.rule_id and preview.lead_id and not targets:
                preview.warning = self.env._("This rule tells nobody of this lead.")

    @api.depends("recipient_ids")
    def _compute_recipient_id(self):
        for preview in self:
            targets = preview._get_targets()
            targets.sort(key=lambda target: bool(target.problem))
            people = [target.recipient for target in targets]
            if preview.recipient_id not in people:
                preview.recipient_id = people[0].id if people else False

    @api.depends("template_ref", "rule_id", "lead_id", "recipient_id", "lang")
    def _compute_message(self):
        names = self._get_message_fields()
        for preview in self:
            preview.update({**dict.fromkeys(names, False), **preview._render_safely()})

    @api.model
    def _get_message_fields(self):
        fields_by_name = self._fields.items()
        return [name for name, f in fields_by_name if f.compute == "_compute_message"]

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    @api.model
    def _open(self, template, rule=None):
        """Return the action that shows what a template says.

        :param rule: decides who gets it; the first that uses the template if unset
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_broadcast.lead_broadcast_template_preview_action"
        )
        context = {"default_template_ref": f"{template._name},{template.id}"}
        if rule:
            context["default_rule_id"] = rule.id
        return {**action, "context": context}

    # ------------------------------------------------------------
    # ABOUT WHAT, AND TO WHOM
    # ------------------------------------------------------------

    def _search_lead(self):
        """Return the latest lead the rule tells of now, else of which its event is
        true, else any the user may read."""
        Lead = self.env["crm.lead"]
        rule = self.rule_id.sudo()  # sudo: leads that may not be read are left out
        if rule:
            event, now = EVENTS[rule.event], fields.Datetime.now()
            for domain in rule._get_domain(now, "UTC"), event.get_truth(now, now):
                records = rule.env[event.model].search(
                    domain, order="id desc", limit=LATEST
                )
                leads = rule._get_leads(records)
                told = [leads[record] for record in rule._filter_tier(records, leads)]
                told = Lead.union(*told).with_env(self.env)._filtered_access("read")
                if told:
                    return told[:1]
        domain = [("service_id", "!=", False)]
        if self.template_ref and self.template_ref.sudo().model == OFFER:
            domain = [("offer_ids", "!=", False)]
        return Lead.search(domain, order="id desc", limit=1)

    def _get_targets(self):
        """Return whom the rule tells of the lead: targets of the rule, as superuser."""
        if not self.rule_id or not self._get_readable_lead():
            return []
        rule = self.rule_id.sudo()  # sudo: as the outbox does
        event, now = EVENTS[rule.event], fields.Datetime.now()
        records = rule._get_records_of(self.lead_id.sudo())
        true = records.filtered_domain(event.get_truth(now, now))
        return rule._get_targets(true or records)

    def _get_readable_lead(self):
        return self.lead_id._filtered_access("read")

    def _get_address(self, target):
        """Return who is told where, as ``name (address)``."""
        person = target.recipient
        address = {
            "mail": person._get_broadcast_email(),
            "sms": person._get_broadcast_sms_number(),
            "inbox": self.env._("in-app"),
        }
        channel = address.get(target.channel) or target.channel
        return f"{person.display_name} ({channel})"
