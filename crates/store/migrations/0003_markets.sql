-- Which version of each market is in force; every process looks here and takes it over.
CREATE TABLE active_markets (
    market {text} NOT NULL PRIMARY KEY,
    version {text} NOT NULL,
    activated_at BIGINT NOT NULL,
    activated_by {text} NOT NULL
) {clustered};
