-- 100,000 service partners in 500 towns around the globe, what was offered to them,
-- and new leads that wait to be offered.

SELECT setseed(0.42);

CREATE TEMP TABLE town AS
SELECT number AS id,
       degrees(asin(1.4 * random() - 0.7)) AS latitude,
       360 * random() - 180 AS longitude
  FROM generate_series(0, 499) number;

CREATE TEMP TABLE land AS
SELECT id, row_number() OVER (ORDER BY id) - 1 AS turn FROM res_country;

INSERT INTO lead_broadcast_service
       (id, name, active, closure_delay_days, validity_hours, wave_size, radius_km)
SELECT 1001 + number, jsonb_build_object('en_US', 'Service ' || number),
       TRUE, 7, 4, 10, 50
  FROM generate_series(0, 7) number;

-- one in three works in the country, the others within a town
INSERT INTO res_partner
       (id, commercial_partner_id, name, complete_name, active, is_company, type,
        email, country_id, is_service_partner, broadcast_radius_km,
        broadcast_capacity, broadcast_paused_until,
        partner_latitude, partner_longitude)
SELECT 1000000 + number, 1000000 + number, 'Partner ' || number,
       'Partner ' || number, TRUE, TRUE, 'contact',
       'office@partner' || number || '.example', land.id, number <= %(partners)s,
       CASE WHEN number %% 5 = 0 THEN 0 ELSE 20 + number %% 60 END, number %% 4,
       CASE WHEN number %% 17 = 0 THEN current_date + 9 END,
       CASE WHEN number %% 50 > 0
            THEN town.latitude + spread.degrees * (random() - 0.5) END,
       CASE WHEN number %% 50 > 0
            THEN town.longitude + spread.degrees * (random() - 0.5) END
  FROM generate_series(1, %(partners)s + %(customers)s) number
  JOIN town ON town.id = number %% 500
  JOIN land ON land.turn = number %% 100
 CROSS JOIN LATERAL (
       SELECT CASE WHEN number %% 3 = 0 THEN 10 ELSE 0.6 END AS degrees
       ) spread;

-- one in twenty has somebody in the portal
INSERT INTO res_users
       (login, company_id, partner_id, active, share, notification_type)
SELECT 'portal' || number, (SELECT min(id) FROM res_company),
       1000000 + 20 * number, TRUE, TRUE, 'email'
  FROM generate_series(1, %(partners)s / 20) number;

-- one in four has two people who get SMS, some of whom wrote STOP
INSERT INTO res_partner
       (id, parent_id, commercial_partner_id, name, complete_name, active, is_company,
        type, is_service_partner, broadcast_alert_number,
        broadcast_alert_authorized, broadcast_alert_subscribed)
SELECT 2000000 + number, 1000000 + number / 8 * 4, 1000000 + number / 8 * 4,
       'Executive ' || number, 'Executive ' || number, TRUE, FALSE, 'contact', FALSE,
       '+9198' || 10000000 + number, TRUE, TRUE
  FROM generate_series(8, %(partners)s * 2, 4) number;

INSERT INTO phone_blacklist (number, active)
SELECT '+9198' || 10000000 + number, TRUE
  FROM generate_series(8, %(partners)s * 2, 100) number;

INSERT INTO lead_broadcast_service_partner_rel (partner_id, service_id)
SELECT 1000000 + number, 1001 + (number / 7 + step * 3) %% 8
  FROM generate_series(1, %(partners)s) number, generate_series(0, 2) step;

-- past leads, ten offers each: turns and capacity depend on them
INSERT INTO crm_lead
       (id, name, type, active, service_id, service_latitude, service_longitude,
        country_id, preferred_partner_id, won_status, ladder_state)
SELECT 1000000 + number, CASE WHEN number <= %(leads)s THEN 'New' ELSE 'Past' END,
       'lead', TRUE, 1001 + number %% 8,
       town.latitude + random() * 0.4 - 0.2, town.longitude + random() * 0.4 - 0.2,
       land.id,
       CASE WHEN number <= %(leads)s AND number %% 10 = 0
            THEN 1000000 + number * 31 END,
       'pending', 'none'
  FROM generate_series(1, %(leads)s + %(offers)s / 10) number
  JOIN town ON town.id = number * 37 %% 500
  JOIN land ON land.turn = number %% 100;

INSERT INTO lead_broadcast
       (id, lead_id, service_id, sequence, audience, state, start_date, valid_until)
SELECT id, id, service_id, 1, 'nearest', 'won', now() - interval '1 day', now()
  FROM crm_lead
 WHERE name = 'Past';

INSERT INTO lead_broadcast_offer
       (broadcast_id, lead_id, service_id, partner_id, state, sent_date, valid_until)
SELECT id, id, service_id,
       1000001 + (id * 7919::bigint + step * 500) %% %(partners)s,
       CASE WHEN step = 0 THEN 'accepted' ELSE 'lost' END,
       now() - interval '1 minute' * (id - 1000000), now()
  FROM crm_lead, generate_series(0, 9) step
 WHERE name = 'Past';

UPDATE crm_lead
   SET allocated_offer_id = offer.id, allocated_partner_id = offer.partner_id
  FROM lead_broadcast_offer offer
 WHERE offer.lead_id = crm_lead.id AND offer.state = 'accepted';
