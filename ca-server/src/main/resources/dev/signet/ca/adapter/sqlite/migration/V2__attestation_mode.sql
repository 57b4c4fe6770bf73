-- Who asked the API server about the pod's token: this CA, or the agent that asked for the SVID. NULL for the CA's own
-- certificates. Whatever was granted before there was a choice was reviewed by the CA.
ALTER TABLE issuance ADD COLUMN review TEXT DEFAULT 'CA_REVIEW'
    CHECK (decision = 'OWN' OR (review IS NOT NULL AND review IN ('CA_REVIEW', 'AGENT_REVIEW')));

UPDATE issuance SET review = NULL WHERE decision = 'OWN';
