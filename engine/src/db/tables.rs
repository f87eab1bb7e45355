//! The tables, one text for both databases: in `migrations/NUMBER_subject.sql`, words in braces stand for what the two call
//! differently. Only the index of words is written for each.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, SqlSafeStr};
use std::sync::LazyLock;

/// Lower numbers are those of databases from before the first release, whose tables were others.
pub const FIRST: i64 = 101;

/// In order. A new one gets a higher number, and none is changed once it is released.
const TEXTS: &[(i64, &str, Text)] = &[
    (
        101,
        "people",
        Text::OfBoth(include_str!("../../../migrations/0101_people.sql")),
    ),
    (
        102,
        "teams",
        Text::OfBoth(include_str!("../../../migrations/0102_teams.sql")),
    ),
    (
        103,
        "oncall",
        Text::OfBoth(include_str!("../../../migrations/0103_oncall.sql")),
    ),
    (
        104,
        "services",
        Text::OfBoth(include_str!("../../../migrations/0104_services.sql")),
    ),
    (
        105,
        "incidents",
        Text::OfBoth(include_str!("../../../migrations/0105_incidents.sql")),
    ),
    (
        106,
        "alerts",
        Text::OfBoth(include_str!("../../../migrations/0106_alerts.sql")),
    ),
    (
        107,
        "paging",
        Text::OfBoth(include_str!("../../../migrations/0107_paging.sql")),
    ),
    (
        108,
        "notifications",
        Text::OfBoth(include_str!("../../../migrations/0108_notifications.sql")),
    ),
    (
        109,
        "postmortems",
        Text::OfBoth(include_str!("../../../migrations/0109_postmortems.sql")),
    ),
    (
        110,
        "action_items",
        Text::OfBoth(include_str!("../../../migrations/0110_action_items.sql")),
    ),
    (
        111,
        "house",
        Text::OfBoth(include_str!("../../../migrations/0111_house.sql")),
    ),
    (
        112,
        "search",
        Text::OfEach {
            sqlite: include_str!("../../../migrations/0112_search.sqlite.sql"),
            postgres: include_str!("../../../migrations/0112_search.postgres.sql"),
        },
    ),
    (
        113,
        "audit",
        Text::OfBoth(include_str!("../../../migrations/0113_audit.sql")),
    ),
    (
        114,
        "rotas",
        Text::OfBoth(include_str!("../../../migrations/0114_rotas.sql")),
    ),
    (
        115,
        "one outbox",
        Text::OfBoth(include_str!("../../../migrations/0115_one_outbox.sql")),
    ),
    (
        116,
        "postmortem facts",
        Text::OfBoth(include_str!("../../../migrations/0116_postmortem_facts.sql")),
    ),
    (
        120,
        "heartbeats",
        Text::OfBoth(include_str!("../../../migrations/0120_heartbeats.sql")),
    ),
    (
        121,
        "change events",
        Text::OfBoth(include_str!("../../../migrations/0121_change_events.sql")),
    ),
    (
        122,
        "signing",
        Text::OfBoth(include_str!("../../../migrations/0122_signing.sql")),
    ),
    (
        130,
        "news",
        Text::OfBoth(include_str!("../../../migrations/0130_news.sql")),
    ),
    (
        131,
        "timeline",
        Text::OfBoth(include_str!("../../../migrations/0131_timeline.sql")),
    ),
    (
        132,
        "incident links",
        Text::OfBoth(include_str!("../../../migrations/0132_incident_links.sql")),
    ),
    (
        140,
        "learning",
        Text::OfBoth(include_str!("../../../migrations/0140_learning.sql")),
    ),
    (
        150,
        "on call",
        Text::OfBoth(include_str!("../../../migrations/0150_on_call.sql")),
    ),
    (
        151,
        "policies",
        Text::OfBoth(include_str!("../../../migrations/0151_policies.sql")),
    ),
    (
        152,
        "turn requests",
        Text::OfBoth(include_str!("../../../migrations/0152_turn_requests.sql")),
    ),
    (
        153,
        "calendar feeds",
        Text::OfBoth(include_str!("../../../migrations/0153_calendar_feeds.sql")),
    ),
    (
        154,
        "readiness",
        Text::OfBoth(include_str!("../../../migrations/0154_readiness.sql")),
    ),
    (
        160,
        "board",
        Text::OfBoth(include_str!("../../../migrations/0160_board.sql")),
    ),
    (
        170,
        "files",
        Text::OfBoth(include_str!("../../../migrations/0170_files.sql")),
    ),
    (
        171,
        "followers",
        Text::OfBoth(include_str!("../../../migrations/0171_followers.sql")),
    ),
    (
        172,
        "handovers",
        Text::OfBoth(include_str!("../../../migrations/0172_handovers.sql")),
    ),
    (
        173,
        "tasks",
        Text::OfBoth(include_str!("../../../migrations/0173_tasks.sql")),
    ),
    (
        174,
        "awake",
        Text::OfBoth(include_str!("../../../migrations/0174_awake.sql")),
    ),
    (
        180,
        "lookalikes",
        Text::OfBoth(include_str!("../../../migrations/0180_lookalikes.sql")),
    ),
    (
        190,
        "routing",
        Text::OfBoth(include_str!("../../../migrations/0190_routing.sql")),
    ),
    (
        191,
        "hand offs",
        Text::OfBoth(include_str!("../../../migrations/0191_hand_offs.sql")),
    ),
    (
        192,
        "load",
        Text::OfBoth(include_str!("../../../migrations/0192_load.sql")),
    ),
    (
        193,
        "shown",
        Text::OfBoth(include_str!("../../../migrations/0193_shown.sql")),
    ),
    (
        194,
        "read calendars",
        Text::OfBoth(include_str!("../../../migrations/0194_read_calendars.sql")),
    ),
    (
        195,
        "turn invitations",
        Text::OfBoth(include_str!("../../../migrations/0195_turn_invitations.sql")),
    ),
    (
        196,
        "untaken",
        Text::OfBoth(include_str!("../../../migrations/0196_untaken.sql")),
    ),
    (
        198,
        "payloads",
        Text::OfBoth(include_str!("../../../migrations/0198_payloads.sql")),
    ),
    (
        199,
        "pasted",
        Text::OfBoth(include_str!("../../../migrations/0199_pasted.sql")),
    ),
    (
        200,
        "shadows",
        Text::OfBoth(include_str!("../../../migrations/0200_shadows.sql")),
    ),
    (
        201,
        "resolved",
        Text::OfBoth(include_str!("../../../migrations/0201_resolved.sql")),
    ),
    (
        202,
        "drills",
        Text::OfBoth(include_str!("../../../migrations/0202_drills.sql")),
    ),
    (
        203,
        "schedule changes",
        Text::OfBoth(include_str!("../../../migrations/0203_schedule_changes.sql")),
    ),
    (
        204,
        "learning kept",
        Text::OfBoth(include_str!("../../../migrations/0204_learning_kept.sql")),
    ),
    (
        208,
        "covers",
        Text::OfBoth(include_str!("../../../migrations/0208_covers.sql")),
    ),
    (
        209,
        "asked for",
        Text::OfBoth(include_str!("../../../migrations/0209_asked_for.sql")),
    ),
    (
        210,
        "section rows",
        Text::OfBoth(include_str!("../../../migrations/0210_section_rows.sql")),
    ),
    (
        215,
        "cover cancelled",
        Text::OfBoth(include_str!("../../../migrations/0215_cover_cancelled.sql")),
    ),
    (
        216,
        "services when over",
        Text::OfBoth(include_str!("../../../migrations/0216_services_when_over.sql")),
    ),
];

enum Text {
    OfBoth(&'static str),
    OfEach {
        sqlite: &'static str,
        postgres: &'static str,
    },
}

/// What stands in the texts, in SQLite, in PostgreSQL.
const WORDS: [(&str, &str, &str); 9] = [
    ("{id}", "BLOB", "UUID"),
    ("{bytes}", "BLOB", "BYTEA"),
    ("{number}", "INTEGER", "BIGINT"),
    ("{flag}", "INTEGER", "BOOLEAN"),
    // RFC 3339 in UTC, to the microsecond: in SQLite's order of texts that is the order of time.
    ("{instant}", "TEXT", "TIMESTAMPTZ"),
    ("{day}", "TEXT", "DATE"),
    ("{json}", "TEXT", "JSONB"),
    // At the end of a table: SQLite checks types only where it is told to.
    (" {strict}", " STRICT", ""),
    // Rows that are read side by side lie side by side, in the order of their key.
    (" {in_order}", " STRICT, WITHOUT ROWID", ""),
];

pub static SQLITE: LazyLock<Migrator> = LazyLock::new(|| {
    migrator(|text| match text {
        Text::OfBoth(text) => with_words(text, |(_, sqlite, _)| sqlite),
        Text::OfEach { sqlite, .. } => (*sqlite).to_owned(),
    })
});

pub static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| {
    migrator(|text| match text {
        Text::OfBoth(text) => with_words(text, |(_, _, postgres)| postgres),
        Text::OfEach { postgres, .. } => (*postgres).to_owned(),
    })
});

fn with_words(text: &str, of: fn(Words) -> &'static str) -> String {
    WORDS
        .into_iter()
        .fold(text.to_owned(), |text, words| text.replace(words.0, of(words)))
}

type Words = (&'static str, &'static str, &'static str);

fn migrator(write: impl Fn(&Text) -> String) -> Migrator {
    let migrations = TEXTS.iter().map(|(version, subject, text)| {
        let text = AssertSqlSafe(write(text)).into_sql_str();
        Migration::new(*version, (*subject).into(), MigrationType::Simple, text, false)
    });
    Migrator::with_migrations(migrations.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_in_braces_is_known_and_numbers_rise() {
        for migrator in [&*SQLITE, &*POSTGRES] {
            let mut last = FIRST - 1;
            for migration in migrator.iter() {
                let text = migration.sql.as_str();
                let unknown = text.split('{').skip(1).find(|rest| !rest.starts_with('}'));
                assert_eq!(unknown, None, "{}", migration.description);
                assert!(migration.version > last, "{}", migration.description);
                last = migration.version;
            }
        }
    }
}
