from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase, tagged, users

from .common import BroadcastCase

PLACE = ("event", "tier_id", "role", "channel")


class MatrixCase(BroadcastCase):
    """Two tiers of our own, with a few rules for the first of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alpha, cls.beta = cls.env["lead.broadcast.tier"].create(
            [
                {"name": "Alpha Partner", "code": "AP", "sequence": 901},
                {"name": "Beta Partner", "code": "BP", "sequence": 902},
            ]
        )
        cls.once = cls.env.ref("lead_broadcast.schedule_once")
        cls.daily, cls.twice, cls.working = cls.env["lead.broadcast.schedule"].create(
            [
                {
                    "name": name,
                    "time_ids": [Command.create({"hour": hour}) for hour in hours],
                    "working_days_only": is_working,
                }
                for name, hours, is_working in (
                    ("Mornings", [8.5], False),
                    ("Mornings and evenings", [8.5, 19], False),
                    ("Working mornings", [8.5], True),
                )
            ]
        )
        cls.text, cls.other_text, cls.foreign_text = cls.env["mail.template"].create(
            [
                {"name": name, "model_id": cls.env["ir.model"]._get_id(model)}
                for name, model in (
                    ("Text", "lead.broadcast.notice"),
                    ("Text on leads", "crm.lead"),
                    ("Text on partners", "res.partner"),
                )
            ]
        )
        cls.sms_text = cls.env["sms.template"].create(
            {
                "name": "Short text",
                "model_id": cls.env["ir.model"]._get_id("crm.lead"),
                "body": "A lead waits for you",
            }
        )
        cls.rule = cls._create_rule(
            schedule_id=cls.twice.id,
            is_digest=True,
            threshold_until=5,
            stop_condition="attended",
        )
        cls.sms_rule = cls._create_rule(channel="sms", role="executives")

    @classmethod
    def _create_rule(cls, **values):
        text = cls.sms_text if values.get("channel") == "sms" else cls.text
        return cls.env["lead.broadcast.notification.rule"].create(
            {
                "event": "allocated",
                "tier_id": cls.alpha.id,
                "role": "partner_admin",
                "channel": "mail",
                "template_ref": f"{text._name},{text.id}",
                "schedule_id": cls.once.id,
                **values,
            }
        )

    @property
    def Rule(self):
        return self.env["lead.broadcast.notification.rule"]

    def _get_cell(self, rule, matrix=None):
        matrix = matrix or self.Rule.get_notification_matrix()
        [cell] = [cell for cell in matrix["cells"] if cell["id"] == rule.id]
        return cell

    def _search_rules(self, **values):
        domain = [(name, "=", value) for name, value in values.items()]
        return self.Rule.with_context(active_test=False).search(domain)


@tagged("post_install", "-at_install")
class TestNotificationMatrix(MatrixCase):
    # ------------------------------------------------------------
    # What is shown
    # ------------------------------------------------------------

    @users("boss")
    def test_axes_and_cells(self):
        matrix = self.Rule.get_notification_matrix()
        self.assertFalse(matrix["can_edit"])
        self.assertEqual(len(matrix["events"]), 17)
        self.assertEqual(len(matrix["roles"]), 10)
        self.assertEqual(
            matrix["channels"],
            [
                {"key": "inbox", "label": "In-app"},
                {"key": "mail", "label": "Email"},
                {"key": "sms", "label": "SMS"},
            ],
        )
        self.assertIn(
            {"key": self.alpha.id, "label": "AP", "title": "Alpha Partner"},
            matrix["tiers"],
        )
        self.assertEqual(len(matrix["cells"]), len(self._search_rules()))
        cell = self._get_cell(self.rule, matrix)
        self.assertEqual(
            [cell[name] for name in PLACE],
            ["allocated", self.alpha.id, "partner_admin", "mail"],
        )

    @users("admin2")
    def test_who_can_edit(self):
        self.assertTrue(self.Rule.get_notification_matrix()["can_edit"])

    @users("greenpark")
    def test_partners_see_nothing_of_it(self):
        with self.assertRaises(AccessError):
            self.Rule.get_notification_matrix()

    @users("boss")
    def test_words_of_schedules(self):
        words = {
            self.once: "once",
            self.daily: "daily",
            self.twice: "2×",
            self.working: "workday",
        }
        for schedule, word in words.items():
            self.rule.write({"is_digest": False, "schedule_id": schedule.id})
            cell = self._get_cell(self.rule)
            self.assertEqual(cell["word"], word)
            self.assertEqual(cell["is_repeated"], schedule != self.once)

    @users("boss")
    def test_words_of_thresholds(self):
        for event, start, end, unit, span in (
            ("allocated", 0, 0, "days", ""),
            ("allocated", 0, 5, "days", "≤ 5 days"),
            ("pending", 5, 0, "days", "> 5 days"),
            ("pending", 5, 9, "days", "5 – 9 days"),
            ("unattended", 1, 0, "days", "≥ 1 day"),
            ("expiring", 30, 0, "minutes", "< 30 min"),
        ):
            self.rule.write(
                {
                    "event": event,
                    "threshold": start,
                    "threshold_until": end,
                    "threshold_unit": unit,
                }
            )
            self.assertEqual(self._get_cell(self.rule)["span"], span)
        self.assertEqual(self._get_cell(self.rule)["short_span"], "< 30m")

    @users("boss")
    def test_summary(self):
        self.assertEqual(
            self._get_cell(self.rule)["summary"],
            "Email to the partner's admin, 2 times a day (08:30, 19:00), after a lead"
            " is allocated, for leads allocated to AP, until attended or 5 days have"
            " passed, all leads in one message.",
        )
        self.assertEqual(
            self._get_cell(self.sms_rule)["summary"],
            "SMS to the partner's executives, once, when a lead is allocated, for leads"
            " allocated to AP.",
        )

    @users("boss")
    def test_every_event_role_and_channel_has_a_summary(self):
        matrix = self.Rule.get_notification_matrix()
        rule = self.Rule.new({"schedule_id": self.working.id, "threshold": 2})
        summaries = set()
        for name, axis in (
            ("event", matrix["events"]),
            ("role", matrix["roles"]),
            ("channel", matrix["channels"]),
        ):
            rule.update({"event": "won", "role": "team", "channel": "mail"})
            for value in axis:
                rule[name] = value["key"]
                summaries.add(rule.summary)
        self.assertEqual(len(summaries), 17 + 10 + 3 - 2)

    @users("boss")
    def test_rules_switched_off_and_tiers_put_away_are_shown(self):
        self.rule.action_archive()
        (self.alpha | self.beta).action_archive()
        matrix = self.Rule.get_notification_matrix()
        self.assertFalse(self._get_cell(self.rule, matrix)["active"])
        tiers = [tier["key"] for tier in matrix["tiers"]]
        self.assertIn(self.alpha.id, tiers)
        self.assertNotIn(self.beta.id, tiers)

    @users("boss")
    def test_problems(self):
        self.assertFalse(self._get_cell(self.rule)["problem"])
        for event, is_digest, template, problem in (
            ("allocated", False, None, "No template"),
            ("allocated", False, self.foreign_text, "Wrong template"),
            ("allocated", False, self.other_text, False),
            ("allocated", True, self.other_text, "Wrong template"),
            (
                "activity",
                False,
                self.env.ref("lead_broadcast.mail_template_offered"),
                "Wrong template",
            ),
        ):
            # such a text is refused, but may become one: its model can be changed
            self.env.cr.execute(
                "UPDATE lead_broadcast_notification_rule"
                " SET event = %s, is_digest = %s, template_ref = %s WHERE id = %s",
                [
                    event,
                    is_digest,
                    template and f"mail.template,{template.id}",
                    self.rule.id,
                ],
            )
            self.rule.invalidate_recordset()
            self.assertEqual(self._get_cell(self.rule)["problem"], problem)

    def test_shipped_rules_have_no_problem(self):
        rules = self._search_rules() - self.rule - self.sms_rule
        self.assertFalse(rules.filtered("problem").mapped("display_name"))

    @users("boss")
    def test_queries_do_not_grow_with_rules(self):
        self.Rule.get_notification_matrix()
        few = self._count_queries(self.Rule.get_notification_matrix)
        for role in ("master", "team", "owner", "assignee", "supervisor", "customer"):
            for event in ("pending", "unattended", "closure_passed", "exhausted"):
                self._create_rule(
                    event=event,
                    role=role,
                    schedule_id=self.daily.copy().id,
                    template_ref=f"mail.template,{self.text.copy().id}",
                )
        self.assertLessEqual(
            self._count_queries(self.Rule.get_notification_matrix), few
        )

    # ------------------------------------------------------------
    # Switching
    # ------------------------------------------------------------

    @users("admin2")
    def test_switch(self):
        rules = (self.rule | self.sms_rule).with_env(self.env)
        answer = rules.switch_notification_cells(False)
        self.assertFalse(self._get_cell(self.rule, answer["matrix"])["active"])
        self.assertFalse(self.rule.active or self.sms_rule.active)
        answer = self.rule.with_env(self.env).switch_notification_cells(True)
        self.assertTrue(self._get_cell(self.rule, answer["matrix"])["active"])
        self.assertTrue(self.rule.active)
        self.assertFalse(self.sms_rule.active)

    @users("boss")
    def test_supervisors_do_not_switch(self):
        with self.assertRaises(AccessError):
            self.rule.with_env(self.env).switch_notification_cells(False)
        self.assertTrue(self.rule.active)

    @users("admin2")
    def test_switch_what_somebody_has_deleted(self):
        rule = self.rule.with_env(self.env)
        self.rule.unlink()
        with self.assertRaisesRegex(UserError, "has deleted this rule"):
            rule.switch_notification_cells(True)

    # ------------------------------------------------------------
    # Copying
    # ------------------------------------------------------------

    def _copy_to_beta(self, **kwargs):
        return self.Rule.copy_notification_cells(
            {"event": "allocated", "tier_id": self.alpha.id},
            {"event": "allocated", "tier_id": self.beta.id},
            **kwargs,
        )

    @users("admin2")
    def test_copy_row(self):
        self.sms_rule.active = False
        answer = self._copy_to_beta()
        self.assertEqual((answer["copied"], answer["kept"]), (2, 0))
        copy, sms_copy = self._search_rules(tier_id=self.beta.id).sorted("channel")
        self.assertTrue(self._get_cell(copy, answer["matrix"]))
        for name in ("template_ref", "schedule_id", "threshold_until", "is_digest"):
            self.assertEqual(copy[name], self.rule.with_env(self.env)[name], name)
        self.assertFalse(sms_copy.active)
        self.assertEqual(sms_copy.template_ref, self.sms_text)

    @users("admin2")
    def test_copy_overwrites_only_what_it_is_told_to(self):
        there = self._create_rule(tier_id=self.beta.id, threshold=3)
        answer = self._copy_to_beta()
        self.assertEqual((answer["copied"], answer["kept"]), (1, 1))
        self.assertEqual((there.threshold, there.schedule_id), (3, self.once))
        answer = self._copy_to_beta(replace=True)
        self.assertEqual((answer["copied"], answer["kept"]), (2, 0))
        self.assertEqual((there.threshold, there.schedule_id), (0, self.twice))
        self.assertEqual(len(self._search_rules(tier_id=self.beta.id)), 2)

    @users("admin2")
    def test_copy_to_another_event_takes_its_text(self):
        self._create_rule(
            event="pending",
            tier_id=self.beta.id,
            role="owner",
            schedule_id=self.daily.id,
            template_ref=f"mail.template,{self.other_text.id}",
        )
        self.rule.is_digest = False
        self.Rule.copy_notification_cells(
            {"event": "allocated", "tier_id": self.alpha.id},
            {"event": "pending", "tier_id": self.beta.id},
        )
        copy = self._search_rules(tier_id=self.beta.id, role="partner_admin")
        self.assertEqual(copy.event, "pending")
        self.assertEqual(copy.schedule_id, self.twice)
        self.assertNotEqual(copy.template_ref, self.text)
        self.assertFalse(copy.problem)

    @users("admin2")
    def test_copy_column(self):
        self.Rule.copy_notification_cells({"role": "executives"}, {"role": "customer"})
        copy = self._search_rules(tier_id=self.alpha.id, role="customer")
        self.assertEqual((copy.channel, copy.template_ref), ("sms", self.sms_text))
        self.Rule.copy_notification_cells(
            {"role": "executives", "channel": "sms"},
            {"role": "customer", "channel": "mail"},
        )
        copy = self._search_rules(
            tier_id=self.alpha.id, role="customer", channel="mail"
        )
        self.assertEqual(copy.event, "allocated")
        self.assertEqual(copy.template_ref._name, "mail.template")

    @users("admin2")
    def test_copy_to_itself_changes_nothing(self):
        place = {"event": "allocated", "tier_id": self.alpha.id}
        answer = self.Rule.copy_notification_cells(place, place, replace=True)
        self.assertEqual((answer["copied"], answer["kept"]), (0, 0))

    @users("admin2")
    def test_copy_refuses_what_is_no_row_or_column(self):
        for source, target in (
            ({"event": "won", "tier_id": False}, {"role": "team"}),
            ({"active": True}, {"active": False}),
            ({}, {}),
        ):
            with self.assertRaisesRegex(UserError, "Copy a row to a row"):
                self.Rule.copy_notification_cells(source, target)

    @users("boss")
    def test_supervisors_do_not_copy(self):
        with self.assertRaises(AccessError):
            self._copy_to_beta()
        self.assertFalse(self._search_rules(tier_id=self.beta.id))

    # ------------------------------------------------------------
    # Forms
    # ------------------------------------------------------------

    def _open_cell(self, **place):
        context = {f"default_{name}": value for name, value in place.items()}
        return Form(self.Rule.with_context(**context))

    @users("admin2")
    def test_new_cell_is_like_the_ones_next_to_it(self):
        number = len(self._search_rules())
        form = self._open_cell(
            event="allocated", tier_id=self.alpha.id, role="master", channel="mail"
        )
        self.assertEqual(form.schedule_id, self.twice)
        self.assertEqual(form.stop_condition, "attended")
        self.assertEqual(form.threshold_until, 5)
        self.assertTrue(form.is_digest)
        self.assertEqual(form.template_ref, f"mail.template,{self.text.id}")
        self.assertIn("Email to the master partner, 2 times a day", form.summary)
        self.assertEqual(len(self._search_rules()), number)
        rule = form.save()
        self.assertEqual(rule.tier_id, self.alpha)
        self.assertEqual(len(self._search_rules()), number + 1)

    @users("admin2")
    def test_text_follows_the_channel(self):
        form = self._open_cell(
            event="allocated", tier_id=self.alpha.id, role="owner", channel="sms"
        )
        self.assertEqual(form.template_ref, f"sms.template,{self.sms_text.id}")
        form.channel = "mail"
        self.assertTrue(form.template_ref.startswith("mail.template,"))
        form.save()

    @users("admin2")
    def test_text_of_an_event_without_rules_is_the_shipped_one(self):
        self._search_rules(event="unattended").unlink()
        form = self._open_cell(event="unattended", role="owner", channel="sms")
        shipped = self.env.ref("lead_broadcast.sms_template_unattended")
        self.assertEqual(form.template_ref, f"sms.template,{shipped.id}")

    @users("admin2")
    def test_changing_a_rule_keeps_its_text(self):
        with Form(self.rule.with_env(self.env)) as form:
            form.threshold_until = 7
        self.assertEqual(self.rule.template_ref, self.text)
        self.assertEqual(self.rule.threshold_until, 7)

    @users("admin2")
    def test_schedule_form_tells_the_next_times(self):
        with Form(self.env["lead.broadcast.schedule"]) as form:
            form.name = "Noon"
            with form.time_ids.new() as line:
                line.hour = 12
            self.assertEqual(form.next_times.count("12:00"), 3)
        form.kind = "once"
        self.assertFalse(form.next_times)

    @users("admin2")
    def test_schedule_form_survives_a_time_that_is_none(self):
        form = Form(self.daily.with_env(self.env))
        with form.time_ids.edit(0) as line:
            line.hour = 25
        self.assertFalse(form.next_times)


@tagged("post_install", "-at_install")
class TestNotificationMatrixScreen(MatrixCase, HttpCase):
    def test_by_keyboard(self):
        """Switch a rule off, make one, copy a row: without a mouse."""
        self.start_tour(
            "/odoo/action-lead_broadcast.lead_broadcast_notification_matrix_action",
            "lead_broadcast_notification_matrix",
            login="admin2",
        )
        self.assertFalse(self.rule.active)
        made = self._search_rules(tier_id=self.alpha.id, role="master", channel="mail")
        self.assertEqual(made.event, "allocated")
        self.assertEqual(made.schedule_id, self.twice)
        self.assertEqual(made.template_ref, self.text)
        copies = self._search_rules(tier_id=self.beta.id)
        self.assertEqual(
            set(copies.mapped(lambda rule: (rule.event, rule.role, rule.channel))),
            {
                ("allocated", "partner_admin", "mail"),
                ("allocated", "executives", "sms"),
                ("allocated", "master", "mail"),
            },
        )

    def test_supervisors_read_it(self):
        self.start_tour(
            "/odoo/action-lead_broadcast.lead_broadcast_notification_matrix_action",
            "lead_broadcast_notification_matrix_read_only",
            login="boss",
        )
        self.assertTrue(self.rule.active)
