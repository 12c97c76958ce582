-- Movers in one country: partners with jobs between its towns, not done yet, and new
-- leads between the same towns.

SELECT setseed(0.42);

CREATE TEMP TABLE town AS
SELECT number AS id, -20 - 30 * random() AS latitude, -73 + 3 * random() AS longitude
  FROM generate_series(0, 199) number;

INSERT INTO lead_broadcast_service
       (id, name, active, closure_delay_days, validity_hours, wave_size, radius_km)
VALUES (1001, '{"en_US": "Move"}', TRUE, 7, 4, 10, 50);

INSERT INTO res_partner
       (id, commercial_partner_id, name, complete_name, active, is_company, type,
        email, country_id, is_service_partner, partner_latitude, partner_longitude)
SELECT 1000000 + number, 1000000 + number, 'Mover ' || number, 'Mover ' || number,
       TRUE, TRUE, 'contact', 'office@mover' || number || '.example',
       (SELECT id FROM res_country WHERE code = 'CL'), TRUE,
       town.latitude + random() * 0.4, town.longitude + random() * 0.4
  FROM generate_series(1, %(partners)s) number
  JOIN town ON town.id = number %% 200;

INSERT INTO lead_broadcast_service_partner_rel (partner_id, service_id)
SELECT 1000000 + number, 1001 FROM generate_series(1, %(partners)s) number;

-- jobs of the next three months, and as many that are done
INSERT INTO crm_lead
       (id, name, type, active, service_id, country_id, won_status, ladder_state,
        city, service_latitude, service_longitude,
        destination_city, destination_place, destination_latitude,
        destination_longitude, work_date_from, work_date_to,
        allocated_partner_id, completion_date)
SELECT 1000000 + number, CASE WHEN number <= %(leads)s THEN 'New' ELSE 'Job' END,
       'lead', TRUE, 1001, (SELECT id FROM res_country WHERE code = 'CL'),
       'pending', 'none',
       'Town ' || origin.id,
       origin.latitude + random() * 0.4, origin.longitude + random() * 0.4,
       'Town ' || destination.id, 'Town ' || destination.id,
       destination.latitude + random() * 0.4, destination.longitude + random() * 0.4,
       current_date + number %% 90, current_date + number %% 90 + number %% 3,
       CASE WHEN number > %(leads)s THEN 1000001 + number * 31 %% %(partners)s END,
       CASE WHEN number > %(leads)s + %(jobs)s THEN now() END
  FROM generate_series(1, %(leads)s + 2 * %(jobs)s) number
  JOIN town origin ON origin.id = number * 37 %% 200
  JOIN town destination ON destination.id = (number * 37 + 1 + number %% 199) %% 200;
