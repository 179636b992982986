-- Questions to the help that found nothing, counted for each day: the list of what to write next. Nothing personal is
-- in them; who asked is not kept.
CREATE TABLE help_searches (
    market {text} NOT NULL,
    language {text} NOT NULL,
    day {text} NOT NULL,
    question {text} NOT NULL,
    times BIGINT NOT NULL CHECK (times > 0),
    PRIMARY KEY (market, language, day, question)
) {clustered};

CREATE INDEX help_searches_by_day ON help_searches (day);

-- The help that was put in force together with a version of a market; every process looks here and takes it over.
CREATE TABLE active_help (
    market {text} NOT NULL PRIMARY KEY,
    version {text} NOT NULL,
    files {text} NOT NULL
) {clustered};
