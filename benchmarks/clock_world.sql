-- Leads that wait for an answer, of people and of partners by turns, with clocks that
-- run out in the weeks to come; each has been with somebody else before.

INSERT INTO crm_lead
       (id, name, type, active, won_status, service_id, service_place, user_id, team_id,
        company_id, closure_date, broadcast_state, ladder_state, response_state,
        response_level, response_deadline)
SELECT 1000000 + number, 'Lead ' || number, 'opportunity', TRUE, 'pending', %(service)s,
       'Town ' || number %% 60,
       (%(users)s)[1 + number %% cardinality(%(users)s)], %(team)s, %(company)s,
       current_date + 1 + number %% 30, 'none', 'none', 'new', 1,
       %(now)s + interval '1 hour' + number * interval '10 seconds'
  FROM generate_series(1, %(leads)s) number;

INSERT INTO lead_response_assignment
       (lead_id, party, user_id, team_id, reason, policy_id, first_level_id, start_date,
        level_start_date, end_date, due_date, level, result, is_on_time)
SELECT lead.id, 'user', turn.user_id, lead.team_id, 'rule', %(policy)s, %(level)s,
       lead.response_deadline - turn.number * interval '8 hours',
       lead.response_deadline - turn.number * interval '8 hours',
       CASE WHEN turn.number = 2
            THEN lead.response_deadline - interval '8 hours' END,
       lead.response_deadline - (turn.number - 1) * interval '8 hours',
       CASE WHEN turn.number = 2 THEN 0 ELSE 1 END,
       CASE WHEN turn.number = 2 THEN 'escalated' ELSE 'waiting' END, FALSE
  FROM crm_lead lead
 CROSS JOIN LATERAL (
       VALUES (2, (%(users)s)[1 + (lead.id + 1) %% cardinality(%(users)s)]),
              (1, lead.user_id)
       ) turn (number, user_id)
 WHERE lead.id > 1000000
 ORDER BY lead.id, turn.number DESC;

UPDATE crm_lead SET response_assignment_id = row.id
  FROM lead_response_assignment row
 WHERE row.lead_id = crm_lead.id AND row.end_date IS NULL;

ANALYZE;
