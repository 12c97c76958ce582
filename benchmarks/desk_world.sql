-- Leads that nobody has yet: each has taken a step of a ladder, one of the first three;
-- five partners were asked for each, of whom one in three declined.

SELECT setseed(0.42);

INSERT INTO res_partner
       (id, commercial_partner_id, name, complete_name, active, is_company, type,
        email, is_service_partner, country_id, partner_latitude, partner_longitude)
SELECT 1000000 + number, 1000000 + number, 'Partner ' || number, 'Partner ' || number,
       TRUE, TRUE, 'contact', 'office@partner' || number || '.example', TRUE,
       %(country)s, -20 - 20 * random(), -73 + 3 * random()
  FROM generate_series(1, %(partners)s) number;

INSERT INTO lead_broadcast_service_partner_rel (partner_id, service_id)
SELECT 1000000 + number, %(service)s FROM generate_series(1, %(partners)s) number;

INSERT INTO crm_lead
       (id, name, type, active, won_status, service_id, service_place, country_id,
        service_latitude, service_longitude, user_id, team_id, company_id, closure_date,
        broadcast_state, searching_since, ladder_id, ladder_snapshot_id, ladder_step_id,
        next_step_id, ladder_audience, ladder_state, ladder_run, next_action_at)
SELECT 1000000 + number, 'Lead ' || number, 'opportunity', TRUE, 'pending', %(service)s,
       'Town ' || number %% 60, %(country)s, -20 - 20 * random(), -73 + 3 * random(),
       (%(users)s)[1 + number %% cardinality(%(users)s)], %(team)s, %(company)s,
       current_date + 1 + number %% 30,
       'searching', %(now)s - number %% 600 * interval '1 minute',
       %(ladder)s, %(snapshot)s, step.id, step.next_id, step.audience,
       CASE WHEN number %% 20 = 0 THEN 'paused' ELSE 'running' END, 1,
       CASE WHEN number %% 20 > 0 THEN %(now)s + interval '1 hour' END
  FROM generate_series(1, %(leads)s) number
  JOIN (
       SELECT id, audience, row_number() OVER (ORDER BY sequence) - 1 AS turn,
              lead(id) OVER (ORDER BY sequence) AS next_id
         FROM lead_broadcast_ladder_step
        WHERE ladder_id = %(snapshot)s
       ) step ON step.turn = number %% 3;

INSERT INTO lead_broadcast
       (id, lead_id, service_id, sequence, audience, step_id, ladder_run, state,
        start_date, valid_until, offer_count, open_offer_count, declined_offer_count)
SELECT id, id, service_id, 1, ladder_audience, ladder_step_id, 1, 'open', searching_since,
       %(now)s + interval '1 hour', 5, 3, 2
  FROM crm_lead
 WHERE searching_since IS NOT NULL;

INSERT INTO lead_broadcast_offer
       (broadcast_id, lead_id, service_id, partner_id, state, decline_reason_id,
        sent_date, valid_until, distance, is_located, access_token)
SELECT id, id, service_id, 1000001 + (id * 7919::bigint + turn * 397) %% %(partners)s,
       CASE WHEN (id + turn) %% 3 = 0 THEN 'declined' ELSE 'open' END,
       CASE WHEN (id + turn) %% 3 = 0
            THEN (%(reasons)s)[1 + (id + turn) %% cardinality(%(reasons)s)] END,
       start_date, valid_until, turn, TRUE, md5(random()::text)
  FROM lead_broadcast, generate_series(0, 4) turn;

ANALYZE;
