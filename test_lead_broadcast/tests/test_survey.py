from odoo.tests import HttpCase, tagged

from odoo.addons.lead_broadcast.tests.intake_common import IntakeCase
from odoo.addons.survey.tests.common import SurveyCase


@tagged("post_install", "-at_install")
class TestSurvey(IntakeCase, SurveyCase, HttpCase):
    """A visitor fills in a survey, page by page, and becomes a lead."""

    CHANNEL = "survey"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.survey = cls.env["survey.survey"].create(
            {
                "title": "Do you need help?",
                "access_mode": "public",
                "questions_layout": "page_per_question",
                "survey_type": "survey",
                "users_login_required": False,
            }
        )
        cls.question, cls.email = cls.env["survey.question"].create(
            [
                {
                    "survey_id": cls.survey.id,
                    "title": "Shall we call you?",
                    "question_type": "simple_choice",
                    "sequence": 1,
                    "suggested_answer_ids": [
                        (0, 0, {"value": "Yes", "generate_lead": True}),
                        (0, 0, {"value": "No"}),
                    ],
                },
                {
                    "survey_id": cls.survey.id,
                    "title": "At which address do we reach you?",
                    "question_type": "char_box",
                    "sequence": 2,
                    "validation_email": True,
                },
            ]
        )

    def _answer(self, choice="Yes"):
        """Fill the survey in over HTTP; return the lead, if there is one."""
        self.assertEqual(self._access_start(self.survey).status_code, 200)
        answer = self.survey.user_input_ids
        self.assertEqual(len(answer), 1)
        token = answer.access_token
        self._access_begin(self.survey, token)
        suggested = self.question.suggested_answer_ids
        chosen = suggested.filtered(lambda each: each.value == choice)
        for question, value in (
            (self.question, chosen.id),
            (self.email, "asha@somewhere.example"),
        ):
            reply = self._access_submit(
                self.survey,
                token,
                {"question_id": question.id, str(question.id): str(value)},
            )
            self.assertNotIn("error", reply.json())
        self.env.invalidate_all()
        self.assertEqual(answer.state, "done")
        return answer.lead_id

    def test_answers_go_to_a_person(self):
        lead = self._answer()
        self.assertGivenByRule(lead)
        self.assertEqual(lead.intake_form, "Do you need help?")
        self.assertEqual(lead.email_from, "asha@somewhere.example")

    def test_rules_come_before_the_survey_s_team(self):
        self.survey.team_id = self.team
        lead = self._answer()
        self.assertEqual(lead.team_id, self.team)
        self.assertGivenByRule(lead)

    def test_survey_s_team_counts_where_no_rule_fits(self):
        self.survey.team_id = self.team
        self.rule.active = False
        lead = self._answer()
        self.assertFalse(lead.assignment_rule_id)
        self.assertEqual(lead.user_id, self.team.user_id)
        self.assertEqual(len(lead.response_assignment_ids), 1)

    def test_rule_for_one_survey(self):
        rule = self._create_rule("Help", intake_form="Do you need help?", sequence=1)
        self.assertGivenByRule(self._answer(), rule, self.other_user)

    def test_ladder_that_cannot_start_says_why(self):
        """Surveys do not ask for the service."""
        self.ladder_rule.domain = "[]"
        self.ladder_rule.user_id = self.other_user
        lead = self._answer()
        self.assertStory("Choose its service first.", lead)
        self.assertGivenByRule(lead, self.ladder_rule, self.other_user)

    def test_copies_are_made_by_hand(self):
        copy = self._answer().with_user(self.user).copy()
        self.assertEqual(copy.intake_channel, "hand")

    def test_no_lead_without_the_answer(self):
        self.assertFalse(self._answer("No"))
