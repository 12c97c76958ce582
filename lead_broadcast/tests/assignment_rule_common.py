from .common import BroadcastCase


class AssignmentRuleCase(BroadcastCase):
    """The small world with a team, and what rules look for."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rule = cls.env["lead.assignment.rule"]
        cls.Rule.search([("active", "=", True)]).active = False
        cls.team = cls.env["crm.team"].create(
            {
                "name": "Support Delhi",
                "user_id": cls.supervisor.id,
                "member_ids": [cls.user.id, cls.other_user.id],
            }
        )
        cls.source = cls.env["utm.source"].create({"name": "Trade fair"})
        cls.tag = cls.env["crm.tag"].create({"name": "Urgent"})

    @classmethod
    def _create_rule(cls, name="Rule", **values):
        """Create a rule, for the other executive if nothing else is said."""
        outcome = {"user_id", "team_id", "ladder_id"} & values.keys()
        assignee = {} if outcome else {"user_id": cls.other_user.id}
        return cls.Rule.create({"name": name, **assignee, **values})

    def _enter(self, **values):
        """Take a lead in, as a receptionist does."""
        lead = (
            self.env["crm.lead"]
            .with_user(self.receptionist)
            .create({"name": "Enquiry", "email_from": "somebody@example.com", **values})
        )
        return lead.sudo()
