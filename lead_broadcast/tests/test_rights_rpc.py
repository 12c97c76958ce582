from odoo.tests import tagged

from .rights_common import RightsCase

# What each group may do at all with each model: read, write, create, delete. Which
# records, record rules say.
RIGHTS = """
                                     portal recept salesman user superv admin
lead.broadcast                       -      -      -        r    r      r
lead.broadcast.alert.confirmation    -      -      -        -    -      -
lead.broadcast.allocate              -      -      -        rwcd rwcd   rwcd
lead.broadcast.allocate.line         -      -      -        rwcd rwcd   rwcd
lead.broadcast.candidate             -      -      -        r    r      r
lead.broadcast.decline               -      -      -        rwcd rwcd   rwcd
lead.broadcast.decline.reason        r      -      -        r    r      rwcd
lead.broadcast.inbound.sms           -      -      -        -    r      r
lead.broadcast.jump                  -      -      -        rwcd rwcd   rwcd
lead.broadcast.ladder                -      -      -        r    r      rwcd
lead.broadcast.ladder.step           -      -      -        r    r      rwcd
lead.broadcast.list                  -      -      -        r    r      rwcd
lead.broadcast.notice                -      -      -        r    r      r
lead.broadcast.notice.line           -      -      -        r    r      r
lead.broadcast.notification.rule     -      -      -        r    r      rwcd
lead.broadcast.offer                 r      -      -        r    r      r
lead.broadcast.offer.date            -      -      -        r    r      r
lead.broadcast.paste.sms             -      -      -        rwcd rwcd   rwcd
lead.broadcast.planned               -      -      -        r    r      r
lead.broadcast.schedule              -      -      -        r    r      rwcd
lead.broadcast.schedule.run          -      -      -        -    -      -
lead.broadcast.schedule.time         -      -      -        r    r      rwcd
lead.broadcast.service               r      r      r        r    r      rwcd
lead.broadcast.size                  -      r      r        r    r      rwcd
lead.broadcast.template.preview      -      -      -        -    -      rwcd
lead.broadcast.tier                  -      r      r        r    r      rwcd
lead.broadcast.to.list               -      -      -        rwcd rwcd   rwcd
lead.broadcast.to.list.line          -      -      -        rwcd rwcd   rwcd
lead.broadcast.urgency               -      r      -        r    r      rwcd
lead.broadcast.wizard                -      -      -        rwcd rwcd   rwcd
lead.broadcast.wizard.lead           -      -      -        rwcd rwcd   rwcd
lead.broadcast.wizard.line           -      -      -        rwcd rwcd   rwcd
lead.assignment.rule                 -      -      -        r    r      rwcd
lead.intake.request                  -      -      -        -    -      -
lead.response.absence                -      -      -        -    -      rwc
lead.response.assignee               -      -      -        r    r      r
lead.response.backup                 -      -      -        -    -      rw
lead.response.report                 -      -      -        r    r      r
lead.which.rule                      -      -      -        rwcd rwcd   rwcd
lead.which.rule.line                 -      -      -        rwcd rwcd   rwcd
lead.response.assignment             -      r      r        r    r      r
lead.response.level                  -      -      -        r    r      rwcd
lead.response.policy                 -      -      -        r    r      rwcd
crm.lead                             -      rwc    rwc      rwc  rwc    rwcd
sms.template                         -      r      r        r    r      rwcd
"""
GONE = 2**31 - 1  # no record has this id: rights to the model are asked for first
OPERATIONS = {
    "r": lambda record_id: ("search_read", [], ["id"], 0, 1),
    "w": lambda record_id: ("write", [record_id], {}),
    "c": lambda record_id: ("create", [{}]),
    "d": lambda record_id: ("unlink", [record_id]),
}
# Who may call our methods about a lead that is another person's: nobody, but those who
# are named here. Windows show nothing by themselves.
ANYBODY = {"portal", "receptionist", "salesman", "colleague"}
CALLABLE = {
    "crm.lead.action_open_broadcasts": ANYBODY,
    "crm.lead.action_open_offers": ANYBODY,
    "crm.lead.action_open_to_list": ANYBODY,
    "lead.assignment.rule.action_open_leads": ANYBODY,
    "lead.broadcast.list.action_open_partners": ANYBODY,
    "lead.broadcast.notification.rule.action_preview": {"colleague"},
    "lead.broadcast.notification.rule.get_notification_matrix": {"colleague"},
    "lead.broadcast.offer.action_open_portal": {"portal"},
    "lead.broadcast.offer.action_operator_decline": ANYBODY,
    "lead.broadcast.service.action_open_partners": ANYBODY,
    "lead.broadcast.template.mixin.action_preview_notification": ANYBODY,
    "lead.intake.request.submit": ANYBODY - {"portal"},
    "lead.response.report.action_open_leads": ANYBODY,
    "mail.template.action_preview_notification": ANYBODY,
    "res.partner.action_open_broadcast_offers": ANYBODY,
    "res.partner.action_return_to_offers": {"salesman", "colleague"},
    "sms.template.action_preview_notification": ANYBODY,
}
ARGUMENTS = {
    "copy_notification_cells": [{}, {}],
    "submit": ["", {}],
    "switch_notification_cells": [False],
}


@tagged("post_install", "-at_install")
class TestRightsRpc(RightsCase):
    """Each group against each model, each guarded field and each public method."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broadcast = cls._broadcast()
        cls.offer = cls._get_offer(cls.green_park)
        cls.offer._decline(
            "mail", cls.green_park, cls.date_reason, dates=["2031-01-02"]
        )
        rival = cls._get_offer(cls.saket)
        cls.step = cls.env["lead.broadcast.ladder.step"].search(
            [("ladder_id.origin_id", "=", False)], limit=1
        )
        cls.wizards = {
            "lead.broadcast.allocate": {"lead_ids": cls.lead.ids},
            "lead.broadcast.decline": {
                "offer_id": rival.id,
                "reason_id": cls.other_reason.id,
            },
            "lead.broadcast.jump": {"lead_id": cls.lead.id, "step_id": cls.step.id},
            "lead.broadcast.paste.sms": {"sender": "+91 98100 12345", "body": "Yes"},
            "lead.broadcast.to.list": {"lead_ids": cls.lead.ids},
            "lead.broadcast.wizard": {"lead_ids": cls.lead.ids},
            "lead.response.absence": {"user_id": cls.user.id},
        }

    # ------------------------------------------------------------
    # MODELS
    # ------------------------------------------------------------

    def test_models(self):
        header, *lines = RIGHTS.strip().splitlines()
        self.assertEqual(len(header.split()), len(self.roles))
        rights = {model: cells for model, *cells in map(str.split, lines)}
        self.assertFalse(self._get_models() - rights.keys(), "a line of the table")
        found = {model: [] for model in rights}
        records = {  # of models that look at the record first
            "lead.broadcast.ladder.step": self.step.id,
            "sms.template": self.env.ref("lead_broadcast.sms_template_allocated").id,
        }
        for user in self.roles.values():
            self._login(user)
            for model, cells in found.items():
                record_id = records.get(model, GONE)
                letters = (
                    letter
                    for letter, get_call in OPERATIONS.items()
                    if not self._is_refused(model, *get_call(record_id))
                )
                cells.append("".join(letters) or "-")
        self.assertEqual(found, rights)

    # ------------------------------------------------------------
    # FIELDS
    # ------------------------------------------------------------

    def test_guarded_fields(self):
        """What methods write about a lead nobody writes, whoever may write the lead."""
        names = set(self.env["crm.lead"]._get_guards())
        self.assertLess({"allocated_user_id", "response_deadline"}, names)
        own = self.lead.with_user(self.receptionist).create({"name": "Taken in"})
        for user, lead in (
            (self.receptionist, own),
            (self.user, self.lead),
            (self.administrator, self.lead),
        ):
            self._login(user)
            for name in names:
                with self.subTest(user=user.login, field=name):
                    values = {name: False}
                    self.assertTrue(
                        self._is_refused("crm.lead", "write", lead.ids, values)
                    )
                    self.assertTrue(
                        self._is_refused(
                            "crm.lead", "create", [{"name": "X", **values}]
                        )
                    )

    def test_defaults_of_guarded_fields(self):
        """Nor does anybody's default, a person's own or that of a screen."""
        Lead = self.env["crm.lead"]
        guarded = [Lead._fields[name] for name in Lead._get_guards()]
        forged = {
            "char": "Forged",
            "datetime": "2020-01-01 00:00:00",
            "integer": 7,
            "many2one": 1,
        }
        context = {
            f"default_{field.name}": forged[field.type]
            for field in guarded
            if field.type in forged
        }
        self.assertGreater(len(context), 10)
        self._login(self.user)
        plain, defaulted = (
            Lead.browse(self._call("crm.lead", "create", [{"name": "X"}], **kwargs))
            for kwargs in ({}, {"context": context})
        )
        for field in guarded:
            with self.subTest(field=field.name):
                self.assertEqual(defaulted[field.name], plain[field.name])

    # ------------------------------------------------------------
    # METHODS
    # ------------------------------------------------------------

    def test_public_methods(self):
        calls = self._get_public_methods()
        records = {model: self._get_record(model) for model, _method in calls}
        found = {}
        for role in ANYBODY:
            self._login(self.roles.get(role, self.other_user))
            for (model, method), on_records in calls.items():
                arguments = [records[model].ids] if on_records else []
                arguments += ARGUMENTS.get(method, [])
                if not self._is_refused(model, method, *arguments):
                    found.setdefault(f"{model}.{method}", set()).add(role)
        self.assertEqual(found, CALLABLE)
        self.assertEqual(self.lead.broadcast_state, "searching")

    def _get_record(self, model):
        """Return a record of a model, as near to the lead as can be."""
        Model = self.env[model]
        if model == "crm.lead":
            return self.lead
        if Model._transient:
            return Model.with_user(self.administrator).create(self.wizards[model])
        if Model._abstract or not Model._auto:
            return Model
        if "lead_id" in Model._fields and Model._fields["lead_id"].store:
            return Model.search([("lead_id", "=", self.lead.id)], limit=1)
        return Model.search([], limit=1)
