-- A dry run of an import says what the import would do, also of an address that comes again steps later. What it would have written by then
-- is noted here, and nobody's once the operation has ended: a routine clears it away.

CREATE TABLE dry_run_clients (
    operation_id TEXT NOT NULL,
    email_key TEXT NOT NULL,
    -- What the file says of them so far, as JSON.
    fields TEXT NOT NULL,
    CONSTRAINT dry_run_clients_key PRIMARY KEY (operation_id, email_key)
);
