from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .lead_broadcast_notification_event import ACTIVITY, EVENTS, LEAD, OFFER

ROW, ROLE, COLUMN = {"event", "tier_id"}, {"role"}, {"role", "channel"}
CELL = ("event", "tier_id", "role", "channel")
BEHAVIOUR = (
    "schedule_id",
    "threshold",
    "threshold_until",
    "threshold_unit",
    "stop_condition",
    "is_digest",
)
NOTICE = "lead.broadcast.notice"
ON_OR_OFF = Domain("active", "in", [True, False])
TEXT_MODELS = {NOTICE, LEAD, OFFER}
# who may read what is in an offer: the customer's data, and a link without login
PARTNER_ROLES = ("partner_admin", "executives")


class LeadBroadcastNotificationRule(models.Model):
    """The rules as a matrix: events and tiers down, roles and channels across.

    What the screen can do is here, and answers with the matrix as it is now: two
    administrators at work at the same time see each other's changes.
    """

    _inherit = "lead.broadcast.notification.rule"

    problem = fields.Selection(
        [("no_template", "No template"), ("wrong_template", "Wrong template")],
        compute="_compute_problem",
        help="Why the rule sends nothing.",
    )

    @api.depends("event", "role", "is_digest", "template_ref")
    def _compute_problem(self):
        models_by_ref = self._get_template_models()
        for rule in self:
            template = rule.template_ref
            model = template and models_by_ref.get((template._name, template.id))
            if not model:
                rule.problem = "no_template"
            elif model not in rule._get_allowed_template_models():
                rule.problem = "wrong_template"
            else:
                rule.problem = False

    @api.onchange("event")
    def _onchange_event(self):
        """A new rule behaves like the ones next to it."""
        if self.event and not self._origin:
            for rule in self._get_neighbours()[:1]:
                self.update({name: rule[name] for name in BEHAVIOUR})

    @api.onchange("event", "channel", "is_digest")
    def _onchange_template_ref(self):
        """The text of another event or channel does not fit."""
        if self.event and self.channel:
            self.template_ref = self._get_default_template()

    @api.onchange("role")
    def _onchange_role(self):
        """What a partner reads about its offers is not for others."""
        if self.problem == "wrong_template":
            self.template_ref = self._get_default_template()

    # ------------------------------------------------------------
    # WHAT THE SCREEN CALLS
    # ------------------------------------------------------------

    @api.model
    def get_notification_matrix(self):
        """Return what the screen shows: its axes, and the cells that have a rule."""
        self.check_access("read")
        rules = self.search(ON_OR_OFF)
        tiers = self.env["lead.broadcast.tier"].search(
            Domain("active", "=", True) | Domain("id", "in", rules.tier_id.ids)
        )
        return {
            "can_edit": self.has_access("write") and self.has_access("create"),
            "events": self._get_axis("event"),
            "tiers": [
                {"key": tier.id, "label": tier.code, "title": tier.name}
                for tier in tiers
            ],
            "roles": self._get_axis("role"),
            "channels": self._get_axis("channel"),
            "cells": [rule._prepare_cell() for rule in rules],
        }

    def switch_notification_cells(self, active):
        """Switch rules on or off.

        :return: the matrix, as ``{"matrix": ...}``
        """
        self.check_access("write")
        if len(self.exists()) < len(self):
            raise UserError(
                self.env._(
                    "Somebody has deleted this rule in the meantime. Nothing is sent"
                    " for this cell any more."
                )
            )
        self.write({"active": bool(active)})
        return {"matrix": self.get_notification_matrix()}

    @api.model
    def copy_notification_cells(self, source, target, replace=False):
        """Copy the rules of a row, or of a role's or channel's column, to another one.

        Where the target has a rule already, it stays as it is, or with ``replace``
        becomes like the copied one.

        :param dict source: which rules, by the fields of a row or column, such as
            ``{"event": "pending", "tier_id": 3}`` or ``{"role": "team"}``
        :param dict target: the same fields with the target's values
        :return: how many rules were copied and how many kept, and the matrix
        """
        self.check_access("create")
        self.check_access("write")
        if set(source) != set(target) or set(source) not in (ROW, ROLE, COLUMN):
            raise UserError(self.env._("Copy a row to a row, or a column to a column."))
        present = {rule._get_cell(): rule for rule in self._search_cells(target)}
        vals_list, kept = [], 0
        copied = self._search_cells(source) if source != target else self.browse()
        for rule in copied:
            vals = rule._prepare_copy(target)
            existing = present.get(tuple(vals[name] for name in CELL))
            if not existing:
                vals_list.append(vals)
            elif replace:
                existing.write(vals)
            else:
                kept += 1
        self.create(vals_list)
        return {
            "copied": len(copied) - kept,
            "kept": kept,
            "matrix": self.get_notification_matrix(),
        }

    # ------------------------------------------------------------
    # HELPERS
    # ------------------------------------------------------------

    def _get_axis(self, name):
        selection = self._fields[name]._description_selection(self.env)
        return [{"key": key, "label": label} for key, label in selection]

    def _prepare_cell(self):
        return {
            "id": self.id,
            "event": self.event,
            "tier_id": self.tier_id.id,
            "role": self.role,
            "channel": self.channel,
            "active": self.active,
            "word": self._get_schedule_word(),
            "span": self._get_span_word("short"),
            "short_span": self._get_span_word("narrow"),
            "is_digest": self.is_digest,
            "is_repeated": self.schedule_id.kind != "once",
            "problem": self.problem and self._get_label("problem"),
            "summary": self.summary,
        }

    @api.model
    def _search_cells(self, place):
        """Return the rules of a row or column, also those that are switched off."""
        places = (Domain(name, "=", value) for name, value in place.items())
        return self.search(ON_OR_OFF & Domain.AND(places))

    def _get_cell(self):
        return (self.event, self.tier_id.id, self.role, self.channel)

    def _prepare_copy(self, target):
        """Prepare this rule for another row or column; a text that does not fit
        there is replaced by the one used there."""
        [vals] = self.copy_data(target)
        del vals["effective_date"]  # in force from now on
        copy = self.new(vals)
        is_alike = (copy.event, copy.channel) == (self.event, self.channel)
        if not is_alike or copy.problem == "wrong_template":
            template = copy._get_default_template()
            vals["template_ref"] = template and f"{template._name},{template.id}"
        return vals

    def _get_neighbours(self):
        """Return the other rules of this event, the most alike first."""
        rules = self._search_cells({"event": self.event}) - self._origin
        names = ("channel", "tier_id", "role")
        return rules.sorted(
            lambda rule: [rule[name] == self[name] for name in names], reverse=True
        )

    def _get_default_template(self):
        """Return the text that such rules of this event and channel have, else the
        shipped one, of those that fit. A digest's says of any event what anybody may
        read."""
        alike = self._get_neighbours().filtered(
            lambda rule: (
                rule.channel == self.channel and rule.is_digest == self.is_digest
            )
        )
        models_by_ref = alike._get_template_models()
        allowed = self._get_allowed_template_models()
        for template in filter(None, (rule.template_ref for rule in alike)):
            if models_by_ref.get((template._name, template.id)) in allowed:
                return template
        kind = "sms" if self.channel == "sms" else "mail"
        for about in ("digest",) if self.is_digest else (self.event, "digest"):
            xmlid = f"lead_broadcast.{kind}_template_{about}"
            template = self.env.ref(xmlid, raise_if_not_found=False)
            if template and template.model in allowed:
                return template
        return False

    def _get_template_models(self):
        """Return what the templates of these rules are about, as
        ``{(model of template, id): model}``."""
        ids = {}
        for template in filter(None, self.mapped("template_ref")):
            ids.setdefault(template._name, set()).add(template.id)
        return {
            (name, template.id): template.model
            for name, template_ids in ids.items()
            for template in self.env[name].browse(template_ids).exists()
        }

    def _get_allowed_template_models(self):
        """Return what this rule's text can be about: a digest is about many leads, a
        task has no offer, and an offer is for its partner only."""
        if self.is_digest:
            return {NOTICE}
        event = EVENTS.get(self.event)
        is_task = event and event.model == ACTIVITY
        if is_task or (self.role and self.role not in PARTNER_ROLES):
            return {NOTICE, LEAD}
        return TEXT_MODELS
