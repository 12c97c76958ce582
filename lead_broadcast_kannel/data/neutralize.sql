-- a copy of the database sends no SMS, and takes none
UPDATE lead_broadcast_kannel_gateway
   SET active = false;
