from odoo.tests import TransactionCase, tagged

# What goes out by itself, as it comes. "-" is any tier, "0" no threshold.
SHIPPED = """
event            tier role          channel schedule      from until stop     digest

offered          -    partner_admin mail    once          0    0     never    no
offered          -    partner_admin inbox   once          0    0     never    no
offered          -    executives    sms     once          0    0     never    no
won              -    partner_admin mail    once          0    0     never    no
won              -    partner_admin inbox   once          0    0     never    no
taken            -    partner_admin mail    once          0    0     never    no
taken            -    partner_admin inbox   once          0    0     never    no
withdrawn        -    partner_admin mail    once          0    0     never    no
withdrawn        -    partner_admin inbox   once          0    0     never    no
silenced         -    partner_admin mail    once          0    0     never    no
silenced         -    partner_admin inbox   once          0    0     never    no
exhausted        -    owner         inbox   once          0    0     closed   no

allocated        TP   executives    sms     once          0    0     never    no
allocated        MTP  executives    sms     once          0    0     never    no
allocated        -    owner         inbox   once          0    0     never    no

allocated        TP   partner_admin mail    three_daily   0    5days attended yes
allocated        TP   master        mail    three_daily   0    5days attended yes
allocated        TP   team          mail    three_daily   0    5days attended yes
allocated        MTP  partner_admin mail    three_daily   0    5days attended yes
allocated        MTP  team          mail    three_daily   0    5days attended yes
allocated        TST  team          mail    three_daily   0    5days attended yes
allocated        TTT  team          mail    three_daily   0    5days attended yes

pending          TP   partner_admin mail    daily         5days 0    closed   yes
pending          TP   master        mail    daily         5days 0    closed   yes
pending          TP   team          mail    daily         5days 0    closed   yes
pending          MTP  partner_admin mail    daily         5days 0    closed   yes
pending          MTP  team          mail    daily         5days 0    closed   yes
pending          TST  team          mail    daily         5days 0    closed   yes
pending          TTT  team          mail    daily         5days 0    closed   yes

unattended       -    partner_admin mail    daily         2days 0    attended yes
closure_near     -    partner_admin mail    daily         1days 0    closed   yes
closure_passed   -    partner_admin mail    daily         0    0     closed   yes
closure_passed   -    owner         mail    daily         0    0     closed   yes

activity         -    assignee      mail    once          0    0     closed   no
activity         -    assignee      inbox   once          0    0     closed   no
activity_pending -    assignee      mail    daily_working 0    0     closed   yes

assigned         -    assignee      inbox   once          0    0     attended no
assigned         -    assignee      sms     once          0    0     attended no

escalated        -    assignee      inbox   once          0    0     attended no
escalated        -    assignee      mail    once          0    0     attended no
escalated        -    assignee      sms     once          0    0     attended no
escalated        -    partner_admin mail    once          0    0     attended no
escalated        -    partner_admin inbox   once          0    0     attended no
escalated        -    executives    sms     once          0    0     attended no
escalated        -    previous      inbox   once          0    0     attended no
escalated        -    supervisor    inbox   once          0    0     attended no
escalated        -    supervisor    mail    once          0    0     attended no
escalated        -    management    inbox   once          0    0     attended no
escalated        -    management    mail    once          0    0     attended no
escalated        -    management    sms     once          0    0     attended no

undeliverable    -    owner         inbox   once          0    0     closed   no
"""

# What administrators find switched off.
SUGGESTED = """
event            tier role          channel schedule      from until stop     digest

expiring         -    partner_admin mail    once     30minutes 0     never    no
expiring         -    executives    sms     once     30minutes 0     never    no
exhausted        -    supervisor    inbox   once          0    0     closed   no
"""

# Digests are about many leads, and a task has no offer.
NOTICE_ONLY = ["lead.broadcast.notice"]
MODELS = [*NOTICE_ONLY, "lead.broadcast.offer", "crm.lead"]

SCHEDULES = {
    "schedule_once": ("once", [], False),
    "schedule_three_daily": ("times", [9, 13, 17], False),
    "schedule_daily": ("times", [9], False),
    "schedule_daily_working": ("times", [9], True),
}


@tagged("post_install", "-at_install")
class TestNotificationData(TransactionCase):
    """The matrix as it comes: who is told what, when nobody has changed anything."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rules = cls.env["lead.broadcast.notification.rule"]
        xmlids = rules.with_context(active_test=False).search([]).get_external_id()
        cls.rules = rules.browse(
            rule_id
            for rule_id, xmlid in xmlids.items()
            if xmlid.startswith("lead_broadcast.")
        )
        names = cls.rules.schedule_id.get_external_id()
        cls.schedule_names = {
            schedule: names[schedule.id].removeprefix("lead_broadcast.schedule_")
            for schedule in cls.rules.schedule_id
        }

    def _write_row(self, rule):
        def threshold(number):
            return f"{number:g}{rule.threshold_unit}" if number else "0"

        return (
            rule.event,
            rule.tier_id.code or "-",
            rule.role,
            rule.channel,
            self.schedule_names[rule.schedule_id],
            threshold(rule.threshold),
            threshold(rule.threshold_until),
            rule.stop_condition,
            "yes" if rule.is_digest else "no",
        )

    def _read_rows(self, table):
        _head, *rows = filter(None, map(str.split, table.splitlines()))
        return sorted(map(tuple, rows))

    def test_active(self):
        rows = sorted(map(self._write_row, self.rules.filtered("active")))
        self.assertEqual(rows, self._read_rows(SHIPPED))

    def test_suggested(self):
        suggested = self.rules.filtered(lambda rule: not rule.active)
        rows = sorted(map(self._write_row, suggested))
        self.assertEqual(rows, self._read_rows(SUGGESTED))

    def test_schedules(self):
        for xmlid, (kind, hours, working_days_only) in SCHEDULES.items():
            schedule = self.env.ref(f"lead_broadcast.{xmlid}")
            self.assertRecordValues(
                schedule,
                [
                    {
                        "kind": kind,
                        "working_days_only": working_days_only,
                        "active": True,
                    }
                ],
            )
            self.assertEqual(schedule.time_ids.mapped("hour"), hours)

    def test_templates_of_rules(self):
        """Each rule says something, and what it says fits what it is about."""
        for rule in self.rules:
            kind = "sms.template" if rule.channel == "sms" else "mail.template"
            self.assertEqual(rule.template_ref._name, kind, rule.display_name)
            self.assertIn(
                rule.template_ref.model,
                NOTICE_ONLY if rule.is_digest or "activity" in rule.event else MODELS,
            )
            name = "digest" if rule.is_digest else rule.event
            if (rule.event, rule.channel) == ("allocated", "sms"):
                name = "won"  # it is the partner's own message
            self.assertEqual(
                rule.template_ref.get_external_id()[rule.template_ref.id],
                f"lead_broadcast.{kind.replace('.', '_')}_{name}",
            )

    def test_every_event_has_texts(self):
        events = self.env["lead.broadcast.notice"]._fields["event"].get_values(self.env)
        self.assertIn("digest", events)
        for event in events:
            for kind in ("mail_template", "sms_template"):
                template = self.env.ref(f"lead_broadcast.{kind}_{event}")
                self.assertTrue(template.name.startswith("Lead Broadcast: "))

    def test_no_text_to_all_and_sundry(self):
        """Mails go to one reader each, and what was sent is kept."""
        templates = self.env["mail.template"].search(
            [("model", "=", "lead.broadcast.notice")]
        )
        self.assertGreaterEqual(len(templates), 10)
        for template in templates:
            self.assertRecordValues(
                template,
                [
                    {
                        "use_default_to": False,
                        "partner_to": False,
                        "email_cc": False,
                        "auto_delete": False,
                        "lang": "{{ object._get_lang() }}",
                        "email_to": "{{ object._get_email() }}",
                        "email_layout_xmlid": "lead_broadcast.mail_layout_notice",
                    }
                ],
            )
