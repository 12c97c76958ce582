"""The statement of lead.broadcast.audience, in parts that are filled in there."""

IS_PARTNER = """
           partner.is_service_partner AND partner.active
           AND (partner.company_id IS NULL
                OR partner.company_id = wanted.company_id)
"""
HAS_SERVICE = """
           EXISTS (
               SELECT FROM lead_broadcast_service_partner_rel rel
                WHERE rel.service_id = wanted.service_id
                  AND rel.partner_id = partner.id
           )
"""
GETS_SMS = """
           EXISTS (
               SELECT FROM res_partner person
                WHERE person.commercial_partner_id = partner.commercial_partner_id
                  AND person.broadcast_alert_number IS NOT NULL
                  AND person.broadcast_alert_authorized
                  AND person.broadcast_alert_subscribed AND person.active
                  AND NOT EXISTS (
                      SELECT FROM phone_blacklist stopped
                       WHERE stopped.number = person.broadcast_alert_number
                         AND stopped.active
                  )
           )
"""
OPEN_LEAD_COUNT = """
           (SELECT count(*) FROM crm_lead owned
             WHERE owned.allocated_partner_id = partner.id
               AND owned.completion_date IS NULL AND owned.active)
"""
# the last one by its id: of offers made within the same second one is still later
LAST_OFFER = """
           (SELECT offer.id, offer.sent_date FROM lead_broadcast_offer offer
             WHERE offer.partner_id = partner.id
             ORDER BY offer.id DESC
             LIMIT 1)
"""
# By how much further away a partner counts that does not answer, or gets bad feedback.
# Who has no history is neither better nor worse than the best.
WEIGHT = """
           CASE WHEN wanted.answer_weight > 0 OR wanted.feedback_weight > 0
           THEN 1 + wanted.answer_weight / 100.0 * COALESCE((
               SELECT avg((offer.is_silent IS TRUE)::int)
                 FROM lead_broadcast_offer offer
                WHERE offer.partner_id = partner.id AND offer.sent_date >= %(since)s
                  AND (offer.is_silent OR offer.answer_channel <> 'staff')
           ), 0) + wanted.feedback_weight / 100.0 * COALESCE((
               SELECT 1 - avg(done.feedback_score::int) / 5 FROM crm_lead done
                WHERE done.allocated_partner_id = partner.id
                  AND done.completion_date >= %(since)s
                  AND done.feedback_score IS NOT NULL
           ), 0)
           ELSE 1 END
"""
SQL_FIND = """
      WITH wanted AS (
    SELECT lead.id AS lead_id,
           lead.service_id,
           company.id AS company_id,
           lead.country_id,
           lead.state_id,
           lead.closure_date,
           lead.work_date_from,
           lead.work_date_to,
           lead.preferred_partner_id AS preferred_id,
           lead.service_latitude,
           lead.service_longitude,
           %(lead_located)s AS is_located,
           %(lead_place)s AS place,
           lead.id = ANY(%(sms_lead_ids)s::int[]) AS has_sms,
           COALESCE(company.broadcast_answer_weight, 0) AS answer_weight,
           COALESCE(company.broadcast_feedback_weight, 0) AS feedback_weight,
           search.size,
           search.radius_km,
           search.number
      FROM unnest(%(lead_ids)s::int[], %(sizes)s::int[], %(radii)s::float8[])
           WITH ORDINALITY AS search (lead_id, size, radius_km, number)
      JOIN crm_lead lead ON lead.id = search.lead_id
      JOIN res_company company
        ON company.id = COALESCE(lead.company_id, %(company_id)s)
     WHERE lead.service_id IS NOT NULL
           ), looked_at AS (
    SELECT DISTINCT lead_id, partner_id
      FROM (%(looked_at)s) AS met
           )
    SELECT wanted.lead_id,
           partner.id AS partner_id,
           fact.is_preferred,
           fact.is_located,
           CASE WHEN wanted.is_located THEN NOT fact.is_located
                ELSE %(is_away)s END AS is_away,
           COALESCE(reach.km, 0) AS distance,
           fact.weight::float8,
           fact.by_mail,
           fact.by_inbox,
           fact.by_sms,
           fact.open_lead_count,
           fact.last_offer_id,
           fact.last_offer_date,
           verdict.reason
      FROM looked_at
      JOIN wanted ON wanted.lead_id = looked_at.lead_id
      JOIN res_partner partner ON partner.id = looked_at.partner_id
CROSS JOIN LATERAL (
    SELECT partner.id = COALESCE(wanted.preferred_id, 0) AS is_preferred,
           wanted.is_located AND %(partner_located)s AS is_located,
           %(has_service)s AS has_service,
           asked.*,
           %(by_mail)s
           AND COALESCE(partner.broadcast_email, partner.email, '') <> '' AS by_mail,
           %(by_inbox)s AND EXISTS (
               SELECT FROM res_users portal
                 JOIN res_partner person ON person.id = portal.partner_id
                WHERE portal.active AND portal.share
                  AND person.commercial_partner_id = partner.commercial_partner_id
           ) AS by_inbox,
           wanted.has_sms AND %(gets_sms)s AS by_sms,
           %(open_lead_count)s AS open_lead_count,
           last_offer.id AS last_offer_id,
           last_offer.sent_date AS last_offer_date,
           %(weight)s AS weight
      FROM (
           SELECT count(*) > 0 AS was_asked,
                  bool_or(
                      offer.state = 'open' AND offer.valid_until > %(now)s
                  ) AS is_answering,
                  -- a partner that had no time then may have some on another date,
                  -- or on the day it named
                  bool_or(
                      offer.state = 'declined' AND NOT (
                          reason.kind IS NOT DISTINCT FROM 'date'
                          AND ((offer.declined_closure_date,
                                offer.declined_work_date_from,
                                offer.declined_work_date_to)
                               IS DISTINCT FROM
                               (wanted.closure_date,
                                wanted.work_date_from,
                                wanted.work_date_to)
                               OR EXISTS (
                                   SELECT FROM lead_broadcast_offer_date proposed
                                    WHERE proposed.offer_id = offer.id
                                      AND proposed.date = COALESCE(
                                          wanted.work_date_from, wanted.closure_date
                                      )
                               ))
                      )
                  ) AS has_declined
             FROM lead_broadcast_offer offer
        LEFT JOIN lead_broadcast_decline_reason reason
               ON reason.id = offer.decline_reason_id
            WHERE offer.lead_id = wanted.lead_id AND offer.partner_id = partner.id
           ) asked
 LEFT JOIN LATERAL %(last_offer)s last_offer ON TRUE
    OFFSET 0 -- each fact once and by an index, however the planner would do it
           ) fact
CROSS JOIN LATERAL (
    SELECT CASE WHEN fact.is_located
                THEN 2 * %(earth)s * asin(least(1, (%(nearness)s) / 2)) END AS km
           ) reach
CROSS JOIN LATERAL (
    -- the order of the reasons is that of what an executive would fix first
    SELECT CASE
           WHEN NOT fact.has_service THEN 'service'
           WHEN fact.has_declined THEN 'declined'
           WHEN fact.is_answering THEN 'answering'
           WHEN fact.was_asked AND NOT %(ask_again)s THEN 'asked'
           WHEN partner.broadcast_silenced_date IS NOT NULL THEN 'silent'
           WHEN partner.broadcast_paused_until > %(today)s THEN 'paused'
           WHEN partner.broadcast_capacity > 0
                AND fact.open_lead_count >= partner.broadcast_capacity
                THEN 'capacity'
           WHEN NOT (fact.by_mail OR fact.by_inbox OR fact.by_sms)
                THEN 'unreachable'
           WHEN %(is_anywhere)s OR %(prefers)s AND fact.is_preferred THEN NULL
           WHEN wanted.is_located AND NOT fact.is_located THEN 'no_place'
           WHEN wanted.radius_km > 0 AND reach.km > wanted.radius_km
                THEN 'search_radius'
           WHEN partner.broadcast_radius_km > 0 AND NOT %(beyond_own_radius)s
                AND reach.km > partner.broadcast_radius_km THEN 'own_radius'
           END AS reason
           ) verdict
     WHERE %(is_partner)s
"""
