from odoo.fields import Command

from .assignment_rule_common import AssignmentRuleCase


class IntakeCase(AssignmentRuleCase):
    """Rules, a response policy and a ladder for what comes in through one channel,
    after others that are for another one.

    Shipped for addons that add a channel, too.
    """

    CHANNEL = ""  # through which the leads of a class come in

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ladder = cls.env["lead.broadcast.ladder"].create(
            {
                "name": "Repairs",
                "step_ids": [
                    Command.create({"name": "One", "audience": "nearest"}),
                ],
            }
        )
        other = "survey" if cls.CHANNEL != "survey" else "api"
        cls._create_rule("Other channel", intake_channel=other)
        cls.ladder_rule = cls._create_rule(
            "Work to be done",
            intake_channel=cls.CHANNEL,
            domain="[('service_id', '!=', False)]",
            ladder_id=cls.ladder.id,
        )
        cls.rule = cls._create_rule(
            "Everything else", intake_channel=cls.CHANNEL, user_id=cls.user.id
        )
        cls._create_policy(other)
        cls.policy = cls._create_policy(cls.CHANNEL)

    @classmethod
    def _create_policy(cls, channel):
        return cls.env["lead.response.policy"].create(
            {
                "name": f"By {channel}",
                "domain": f"[('intake_channel', '=', '{channel}')]",
                "level_ids": [Command.create({"name": "Tell", "action": "alert"})],
            }
        )

    def assertGivenByRule(self, lead, rule=None, user=None):
        """Assert that a lead came in through the channel and is with the person of its
        rule, whose time runs."""
        self.assertRecordValues(
            lead,
            [
                {
                    "intake_channel": self.CHANNEL,
                    "assignment_rule_id": (rule or self.rule).id,
                    "user_id": (user or self.user).id,
                    "response_state": "new",
                    "response_policy_id": self.policy.id,
                }
            ],
        )
        self.assertTrue(lead.response_deadline)
        self.assertRecordValues(
            lead.response_assignment_ids,
            [{"user_id": (user or self.user).id, "reason": "rule"}],
        )

    def assertSearching(self, lead):
        """Assert that a lead came in through the channel and follows the ladder of its
        rule; nobody's time runs meanwhile."""
        self.assertRecordValues(
            lead,
            [
                {
                    "intake_channel": self.CHANNEL,
                    "assignment_rule_id": self.ladder_rule.id,
                    "broadcast_state": "searching",
                    "response_state": "open",
                    "response_deadline": False,
                }
            ],
        )
        self.assertEqual(lead.ladder_snapshot_id.origin_id, self.ladder)
        self.assertFalse(lead.response_assignment_ids)
