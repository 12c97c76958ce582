-- Leads that partners have since up to ten days, one in three of them attended to.

WITH partner AS (
    SELECT id, broadcast_tier_id, row_number() OVER (ORDER BY id) - 1 AS turn,
           count(*) OVER () AS total
      FROM res_partner WHERE is_service_partner
), lead AS (
    INSERT INTO crm_lead
           (name, type, active, won_status, service_id, service_place, user_id, team_id,
            company_id, broadcast_state, allocated_partner_id, allocated_tier_id,
            allocated_date, first_response_date, closure_date)
    SELECT 'Lead ' || number, 'lead', TRUE, 'pending', %(service)s, 'Tver', %(user)s,
           %(team)s, %(company)s, 'allocated', partner.id, partner.broadcast_tier_id,
           %(now)s::timestamp - number %% 240 * interval '1 hour',
           CASE WHEN number %% 3 = 0 THEN %(now)s::timestamp END,
           %(now)s::date + number %% 30
      FROM generate_series(1, %(leads)s) number
      JOIN partner ON partner.turn = number %% partner.total
    RETURNING id, service_id, allocated_partner_id, allocated_date
), round AS (
    INSERT INTO lead_broadcast
           (lead_id, service_id, sequence, audience, state, valid_until)
    SELECT id, service_id, 1, 'hand', 'won', allocated_date FROM lead
    RETURNING id, lead_id, valid_until
)
INSERT INTO lead_broadcast_offer
       (broadcast_id, lead_id, partner_id, service_id, state, valid_until, sent_date,
        answer_date, access_token)
SELECT round.id, round.lead_id, lead.allocated_partner_id, lead.service_id, 'accepted',
       round.valid_until, round.valid_until, round.valid_until, round.id
  FROM round JOIN lead ON lead.id = round.lead_id;

UPDATE crm_lead SET allocated_offer_id = offer.id
  FROM lead_broadcast_offer offer
 WHERE offer.lead_id = crm_lead.id AND offer.state = 'accepted';

ANALYZE;
