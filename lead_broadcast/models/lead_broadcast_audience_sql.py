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
LAST_OFFER_DATE = """
           (SELECT max(offer.sent_date) FROM lead_broadcast_offer offer
             WHERE offer.partner_id = partner.id)
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
# Whom to look at for each lead: few, each set found through an index, so that the
# facts of one in a thousand partners are gathered, not of all.
SQL_FIND = """
      WITH wanted AS (
    SELECT lead.id AS lead_id,
           lead.service_id,
           COALESCE(lead.company_id, %(company_id)s) AS company_id,
           lead.country_id,
           lead.state_id,
           lead.preferred_partner_id AS preferred_id,
           lead.service_latitude,
           lead.service_longitude,
           %(lead_located)s AS is_located,
           %(lead_place)s AS place,
           lead.id = ANY(%(sms_lead_ids)s) AS has_sms,
           COALESCE(%(radius_km)s, service.radius_km) AS radius_km
      FROM crm_lead lead
      JOIN lead_broadcast_service service ON service.id = lead.service_id
     WHERE lead.id = ANY(%(lead_ids)s)
           ), looked_at AS (
    SELECT lead_id, preferred_id AS partner_id
      FROM wanted
     WHERE preferred_id IS NOT NULL
     UNION
    SELECT wanted.lead_id, near.id
      FROM wanted
CROSS JOIN LATERAL (
           (SELECT partner.id FROM res_partner partner
             WHERE %(is_partner)s AND %(partner_located)s AND %(has_service)s
             ORDER BY %(nearness)s
             FETCH FIRST %(window)s ROWS WITH TIES)
           UNION ALL
           (SELECT partner.id FROM res_partner partner
             WHERE %(is_partner)s AND %(partner_located)s
             ORDER BY %(nearness)s
             LIMIT %(left_out)s)
           UNION ALL
           (SELECT partner.id FROM res_partner partner
             WHERE %(is_partner)s AND NOT %(partner_located)s
               AND partner.country_id = wanted.country_id
             ORDER BY %(is_away)s, partner.id
             LIMIT %(left_out)s)
           ) near
     WHERE wanted.is_located
     UNION
    SELECT wanted.lead_id, regional.id
      FROM wanted
CROSS JOIN LATERAL (
           (SELECT partner.id FROM res_partner partner
             WHERE %(is_partner)s AND %(has_service)s
               AND partner.country_id = wanted.country_id
             ORDER BY %(is_away)s, %(last_offer_date)s NULLS FIRST, partner.id
             LIMIT %(window)s)
           UNION ALL
           (SELECT partner.id FROM res_partner partner
             WHERE %(is_partner)s AND partner.country_id = wanted.country_id
             ORDER BY %(is_away)s, partner.id
             LIMIT %(left_out)s)
           ) regional
     WHERE NOT wanted.is_located
           )
    SELECT wanted.lead_id,
           partner.id AS partner_id,
           fact.is_preferred,
           fact.is_located,
           NOT wanted.is_located AND %(is_away)s AS is_away,
           COALESCE(reach.km, 0) AS distance,
           fact.by_mail,
           fact.by_inbox,
           fact.by_sms,
           fact.open_lead_count,
           fact.last_offer_date,
           verdict.reason
      FROM looked_at
      JOIN wanted ON wanted.lead_id = looked_at.lead_id
      JOIN res_partner partner ON partner.id = looked_at.partner_id
CROSS JOIN LATERAL (
    SELECT partner.id = COALESCE(wanted.preferred_id, 0) AS is_preferred,
           wanted.is_located AND %(partner_located)s AS is_located,
           %(has_service)s AS has_service,
           EXISTS (
               SELECT FROM lead_broadcast_offer offer
                WHERE offer.lead_id = wanted.lead_id
                  AND offer.partner_id = partner.id
           ) AS was_asked,
           COALESCE(partner.broadcast_email, partner.email, '') <> '' AS by_mail,
           EXISTS (
               SELECT FROM res_users portal
                 JOIN res_partner person ON person.id = portal.partner_id
                WHERE portal.active AND portal.share
                  AND person.commercial_partner_id = partner.commercial_partner_id
           ) AS by_inbox,
           wanted.has_sms AND %(gets_sms)s AS by_sms,
           (SELECT count(*) FROM crm_lead owned
             WHERE owned.allocated_partner_id = partner.id
               AND owned.completion_date IS NULL AND owned.active
           ) AS open_lead_count,
           %(last_offer_date)s AS last_offer_date
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
           WHEN fact.was_asked THEN 'asked'
           WHEN partner.broadcast_paused_until > %(today)s THEN 'paused'
           WHEN partner.broadcast_capacity > 0
                AND fact.open_lead_count >= partner.broadcast_capacity
                THEN 'capacity'
           WHEN NOT (fact.by_mail OR fact.by_inbox OR fact.by_sms)
                THEN 'unreachable'
           WHEN fact.is_preferred THEN NULL
           WHEN wanted.is_located AND NOT fact.is_located THEN 'no_place'
           WHEN wanted.radius_km > 0 AND reach.km > wanted.radius_km
                THEN 'search_radius'
           WHEN partner.broadcast_radius_km > 0
                AND reach.km > partner.broadcast_radius_km THEN 'own_radius'
           END AS reason
           ) verdict
     WHERE %(is_partner)s
"""
