"""Whom lead.broadcast.audience looks at: parts of its statement."""

# Whom to look at for each lead: few, each set found through an index, so that the
# facts of one in a thousand partners are gathered, not of all.
LOOK_AT = {
    "preferred": """
    SELECT lead_id, preferred_id AS partner_id
      FROM wanted
     WHERE preferred_id IS NOT NULL
""",
    "near": """
    SELECT wanted.lead_id, near.id AS partner_id
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
""",
    # The partners of a region stand in one line; each lead without a place looks at
    # those after the ones that the leads before it in the same region will ask.
    "region": """
    (WITH unlocated AS (
    SELECT wanted.*,
           dense_rank() OVER (
               ORDER BY service_id, company_id, country_id, state_id
           ) AS region,
           sum(size) OVER (
               PARTITION BY service_id, company_id, country_id, state_id
               ORDER BY number
           ) - size AS skip
      FROM wanted
     WHERE NOT is_located
           ), full_partner AS (
    SELECT partner.id AS partner_id
      FROM crm_lead owned
      JOIN res_partner partner ON partner.id = owned.allocated_partner_id
     WHERE owned.allocated_partner_id IS NOT NULL
       AND owned.completion_date IS NULL AND owned.active
       AND partner.broadcast_capacity > 0
     GROUP BY partner.id
    HAVING count(*) >= partner.broadcast_capacity
           ), line AS MATERIALIZED (
    SELECT wanted.region,
           partner.id AS partner_id,
           count(*) OVER (PARTITION BY wanted.region, %(is_away)s) AS length,
           row_number() OVER (
               PARTITION BY wanted.region, %(is_away)s
               ORDER BY last_offer.id NULLS FIRST, partner.id
           ) - 1 AS turn
      FROM (SELECT DISTINCT ON (region) * FROM unlocated) wanted
      JOIN res_partner partner ON partner.country_id = wanted.country_id
 LEFT JOIN LATERAL %(last_offer)s last_offer ON TRUE
     WHERE %(is_partner)s AND %(has_service)s
       AND partner.broadcast_silenced_date IS NULL
       AND COALESCE(partner.broadcast_paused_until <= %(today)s, TRUE)
       AND partner.id NOT IN (SELECT partner_id FROM full_partner)
           )
    SELECT unlocated.lead_id, line.partner_id
      FROM unlocated
      JOIN line ON line.region = unlocated.region
     WHERE (line.turn - unlocated.skip %% line.length + line.length) %% line.length
           < %(window)s
     UNION ALL
    SELECT wanted.lead_id, regional.id
      FROM unlocated wanted
CROSS JOIN LATERAL (
           SELECT partner.id FROM res_partner partner
            WHERE %(is_partner)s AND partner.country_id = wanted.country_id
            ORDER BY %(is_away)s, partner.id
            LIMIT %(left_out)s
           ) regional)
""",
    "again": """
    SELECT lead_id, partner_id
      FROM lead_broadcast_offer
     WHERE lead_id = ANY(%(lead_ids)s)
""",
    "given": """
    SELECT lead_id, partner_id
      FROM unnest(%(given_lead_ids)s::int[], %(given_partner_ids)s::int[])
        AS given (lead_id, partner_id)
""",
}
