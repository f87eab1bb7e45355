//! The head's seven questions about the demo's six months, answered a second time from the tables alone: by SQL, which shares nothing
//! with how the page gets its figures.

mod moved;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use domain::learning::{By, Figure, InWeek, Kept, OfReviewed, OfTook, OfWatched};
use engine::Tx;
use engine::db::sql;
use engine::learning::{self, Group, Period, Scope};
use moved::{Moved, TUESDAY, move_in};

/// Every factor of every document: its incident, when that began, and whether the document is published since when.
const NAMED: &str = "served AS (
        SELECT incident_id, service_id FROM resolved_services UNION SELECT incident_id, service_id FROM incident_services
        WHERE incident_id NOT IN (SELECT incident_id FROM resolved_services)),
     named AS (
        SELECT DISTINCT i.id AS incident, i.number, COALESCE(f.merged_into, f.id) AS factor,
            COALESCE(i.impact_started_at, i.detected_at, i.opened_at) AS began,
            CASE WHEN m.state = 'published' THEN (SELECT MIN(c.at) FROM postmortem_changes c
                WHERE c.postmortem_id = m.id AND c.to_state = 'published') END AS published
        FROM postmortem_factors n JOIN factors f ON f.id = n.factor_id JOIN postmortems m ON m.id = n.postmortem_id
        JOIN incidents i ON i.id = m.incident_id),
     again AS (
        SELECT now.incident, now.factor, MAX(EXISTS (
            SELECT 1 FROM served a JOIN served b ON b.service_id = a.service_id WHERE a.incident_id = now.incident AND b.incident_id = then_.incident
        )) AS here
        FROM named now JOIN named then_ ON then_.factor = now.factor AND then_.incident <> now.incident
            AND then_.began < now.began
        WHERE now.published >= $1 AND now.published < $2 GROUP BY now.incident, now.factor)";

/// Two instants, as far as they are known.
type FromTo = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

macro_rules! with_named {
    ($question:expr) => {
        constcat::concat!("WITH ", NAMED, " ", $question)
    };
}

/// A company that has moved in, and its six months.
async fn half_a_year() -> (Moved, Period) {
    let moved = move_in(TUESDAY, 1).await;
    let period = Period {
        from: moved.now - TimeDelta::days(180),
        until: moved.now,
    };
    (moved, period)
}

async fn number(tx: &mut Tx, text: &'static str, period: Period) -> usize {
    let found: i64 = sql(text)
        .bind(period.from)
        .bind(period.until)
        .scalar(tx)
        .await
        .expect("a number");
    usize::try_from(found).expect("a count")
}

fn median(mut seconds: Vec<i64>) -> Option<i64> {
    seconds.sort_unstable();
    let middle = seconds.len().checked_sub(1)? / 2;
    seconds.get(middle).copied()
}

#[tokio::test]
async fn the_seven_answers_are_those_of_the_tables() {
    let (moved, period) = half_a_year().await;
    let mut tx = moved.engine.read().await.expect("a transaction");
    let overview = learning::overview(&mut tx, period, None)
        .await
        .expect("an overview");

    // 1 and 2: how many came back, where, and what.
    let published = "SELECT COUNT(*) FROM (SELECT (SELECT MIN(c.at) FROM postmortem_changes c
            WHERE c.postmortem_id = m.id AND c.to_state = 'published') AS first FROM postmortems m WHERE m.state = 'published') each_
        WHERE first >= $1 AND first < $2";
    let reviewed = number(&mut tx, published, period).await;
    let named =
        with_named!("SELECT COUNT(DISTINCT incident) FROM named WHERE published >= $1 AND published < $2");
    let named = number(&mut tx, named, period).await;
    let here = number(
        &mut tx,
        with_named!("SELECT COUNT(DISTINCT incident) FROM again WHERE here"),
        period,
    )
    .await;
    let anywhere = number(
        &mut tx,
        with_named!("SELECT COUNT(DISTINCT incident) FROM again"),
        period,
    )
    .await;
    assert!(
        here > 0 && anywhere > here && named > anywhere,
        "the demo has all three: {here} {anywhere} {named}"
    );
    assert_eq!(
        (
            overview.met.reviewed,
            overview.met.new,
            overview.met.same_service,
            overview.met.elsewhere
        ),
        (reviewed, named - anywhere, here, anywhere - here)
    );
    let rows = number(&mut tx, with_named!("SELECT COUNT(*) FROM again"), period).await;
    assert_eq!(overview.rows.len(), rows);

    // 3: known, and not carried over.
    let not_carried = with_named!(
        "SELECT COUNT(*) FROM (
        SELECT factor FROM (
            SELECT COALESCE(f.merged_into, f.id) AS factor, s.service_id, COUNT(a.id) AS items
            FROM postmortem_factors n JOIN factors f ON f.id = n.factor_id JOIN postmortems m ON m.id = n.postmortem_id
            JOIN served s ON s.incident_id = m.incident_id LEFT JOIN action_items a ON a.named_factor_id = n.id
            GROUP BY 1, 2)
        GROUP BY factor HAVING MIN(items) = 0 AND MAX(items) > 0)"
    );
    assert_eq!(
        overview.elsewhere.len(),
        number(&mut tx, not_carried, period).await
    );

    // 7: what is not known.
    assert_eq!(overview.without_factors.len(), reviewed - named);
    let unowned = "SELECT COUNT(*) FROM action_items WHERE owner_id IS NULL AND state NOT IN ('done', 'verified', 'declined')";
    assert_eq!(
        overview.without_owner.len(),
        number(&mut tx, unowned, period).await
    );
}

#[tokio::test]
async fn promises_and_waits_are_those_of_the_tables() {
    let (moved, period) = half_a_year().await;
    let mut tx = moved.engine.read().await.expect("a transaction");

    // 4: promises by the day that was said first.
    let promises = learning::promises(&mut tx, period, Scope::default())
        .await
        .expect("promises");
    type Promised = (NaiveDate, String, Option<String>, Option<DateTime<Utc>>);
    let items: Vec<Promised> = sql(
        "SELECT first, state, zone, done FROM (
            SELECT COALESCE((SELECT COALESCE(e.was, e.became) FROM action_item_edits e WHERE e.action_item_id = a.id AND e.field = 'due_on'
                    ORDER BY e.at, e.id LIMIT 1), a.due_on) AS first,
                a.state, p.time_zone AS zone,
                (SELECT MAX(c.at) FROM action_item_changes c WHERE c.action_item_id = a.id AND c.to_state = 'done') AS done
            FROM action_items a LEFT JOIN people p ON p.id = a.owner_id)
         WHERE first IS NOT NULL",
    )
    .all(&mut tx)
    .await
    .expect("promises");
    let (mut on_time, mut late, mut open, mut declined) = (0, 0, 0, 0);
    for (first, state, zone, done) in items {
        let due = first.and_time(chrono::NaiveTime::MIN).and_utc();
        if due < period.from || due >= period.until {
            continue;
        }
        match (state.as_str(), done) {
            ("done" | "verified", Some(done)) => {
                let zone: Tz = zone.as_deref().unwrap_or("UTC").parse().expect("a zone");
                if done.with_timezone(&zone).date_naive() <= first {
                    on_time += 1;
                } else {
                    late += 1;
                }
            }
            ("declined", _) => declined += 1,
            _ => open += 1,
        }
    }
    let count = |kept| promises.count(kept);
    assert!(on_time > 0 && open > 0, "the demo has both: {on_time} {open}");
    assert_eq!(
        (
            count(Kept::OnTime),
            count(Kept::Late),
            count(Kept::Open),
            count(Kept::Declined)
        ),
        (on_time, late, open, declined)
    );

    // 6: where it waits.
    let waits = learning::waits(&mut tx, period, Scope::default(), 50)
        .await
        .expect("waits");
    let steps = [
        "SELECT i.resolved_at, (SELECT MIN(c.at) FROM postmortem_changes c WHERE c.postmortem_id = m.id AND c.to_state = 'draft')
         FROM incidents i JOIN postmortems m ON m.incident_id = i.id WHERE i.resolved_at >= $1 AND i.resolved_at < $2",
        "SELECT (SELECT MIN(c.at) FROM postmortem_changes c WHERE c.postmortem_id = m.id AND c.to_state = 'draft'),
            (SELECT MIN(c.at) FROM postmortem_changes c WHERE c.postmortem_id = m.id AND c.to_state = 'in_review')
         FROM incidents i JOIN postmortems m ON m.incident_id = i.id WHERE i.resolved_at >= $1 AND i.resolved_at < $2",
        "SELECT (SELECT MIN(c.at) FROM postmortem_changes c WHERE c.postmortem_id = m.id AND c.to_state = 'in_review'),
            (SELECT MIN(c.at) FROM postmortem_changes c WHERE c.postmortem_id = m.id AND c.to_state = 'published')
         FROM incidents i JOIN postmortems m ON m.incident_id = i.id WHERE i.resolved_at >= $1 AND i.resolved_at < $2",
        "SELECT a.created_at, (SELECT MIN(c.at) FROM action_item_changes c WHERE c.action_item_id = a.id AND c.to_state = 'accepted')
         FROM action_items a WHERE a.created_at >= $1 AND a.created_at < $2",
        "SELECT (SELECT MIN(c.at) FROM action_item_changes c WHERE c.action_item_id = a.id AND c.to_state = 'accepted'),
            (SELECT MIN(c.at) FROM action_item_changes c WHERE c.action_item_id = a.id AND c.to_state = 'done')
         FROM action_items a WHERE a.created_at >= $1 AND a.created_at < $2",
        "SELECT (SELECT MIN(c.at) FROM action_item_changes c WHERE c.action_item_id = a.id AND c.to_state = 'done'),
            (SELECT MIN(c.at) FROM action_item_changes c WHERE c.action_item_id = a.id AND c.to_state = 'verified')
         FROM action_items a WHERE a.created_at >= $1 AND a.created_at < $2",
    ];
    assert_eq!(waits.stages.len(), steps.len());
    for (stage, step) in waits.stages.iter().zip(steps) {
        let rows: Vec<FromTo> = sql(step)
            .bind(period.from)
            .bind(period.until)
            .all(&mut tx)
            .await
            .expect("a step");
        let took: Vec<i64> = rows
            .into_iter()
            .filter_map(|(from, to)| Some((to? - from?).num_seconds().max(0)))
            .collect();
        assert!(!took.is_empty(), "{}", stage.step);
        assert_eq!(stage.spread.seconds.len(), took.len(), "{}", stage.step);
        assert_eq!(stage.spread.median(), median(took.clone()), "{}", stage.step);
        assert_eq!(
            stage.each.first().map(|(_, seconds)| *seconds),
            took.into_iter().max(),
            "{}",
            stage.step
        );
    }
}

#[tokio::test]
async fn with_and_without_and_the_times_are_those_of_the_tables() {
    let (moved, period) = half_a_year().await;
    let mut tx = moved.engine.read().await.expect("a transaction");

    // 5: of factors with something done, and of those without, how many came back within 90 days.
    let overview = learning::overview(&mut tx, period, None)
        .await
        .expect("an overview");
    type Watched = (bool, DateTime<Utc>, Option<DateTime<Utc>>);
    let watched: Vec<Watched> = sql(constcat::concat!(
        "WITH ", NAMED, ", watched AS (
            SELECT named.*, (SELECT MIN(c.at) FROM action_item_changes c JOIN action_items a ON a.id = c.action_item_id
                    JOIN postmortem_factors n ON n.id = a.named_factor_id JOIN factors f ON f.id = n.factor_id
                    JOIN postmortems m ON m.id = n.postmortem_id
                    WHERE c.to_state = 'done' AND m.incident_id = named.incident AND COALESCE(f.merged_into, f.id) = named.factor) AS done
            FROM named)
         SELECT w.done IS NOT NULL, COALESCE(w.done, w.began), (
            SELECT MIN(later.began) FROM named later WHERE later.factor = w.factor AND later.incident <> w.incident
                AND later.began > COALESCE(w.done, w.began) AND EXISTS (
                    SELECT 1 FROM served a JOIN served b ON b.service_id = a.service_id
                    WHERE a.incident_id = w.incident AND b.incident_id = later.incident))
         FROM watched w WHERE $1 IS NOT NULL AND $2 IS NOT NULL"
    ))
    .bind(period.from)
    .bind(period.until)
    .all(&mut tx)
    .await
    .expect("what is watched");
    for (is_done, again) in [(true, overview.with), (false, overview.without)] {
        let (mut of, mut came_back) = (0, 0);
        for (done, from, next) in &watched {
            let ninety_days = *from + TimeDelta::days(90);
            let is_back = next.is_some_and(|next| next <= ninety_days);
            if *done == is_done && (is_back || ninety_days <= moved.now) {
                of += 1;
                came_back += usize::from(is_back);
            }
        }
        assert!(of > 0);
        assert_eq!((again.of, again.came_back), (of, came_back), "done: {is_done}");
    }

    // How long incidents took.
    let times = learning::times(&mut tx, period, Scope::default(), By::Severity)
        .await
        .expect("times");
    for (measure, text) in times.measures.iter().zip([
        "SELECT impact_started_at, detected_at FROM incidents WHERE opened_at >= $1 AND opened_at < $2",
        "SELECT COALESCE(impact_started_at, detected_at, opened_at), acknowledged_at FROM incidents WHERE opened_at >= $1 AND opened_at < $2",
        "SELECT COALESCE(impact_started_at, detected_at, opened_at), mitigated_at FROM incidents WHERE opened_at >= $1 AND opened_at < $2",
        "SELECT COALESCE(impact_started_at, detected_at, opened_at), resolved_at FROM incidents WHERE opened_at >= $1 AND opened_at < $2",
    ]) {
        let rows: Vec<FromTo> =
            sql(text).bind(period.from).bind(period.until).all(&mut tx).await.expect("incidents");
        let all = rows.len();
        let took: Vec<i64> = rows
            .into_iter()
            .filter_map(|(from, to)| Some((to? - from?).num_seconds()).filter(|seconds| *seconds >= 0))
            .collect();
        assert_eq!(measure.all.unknown, all - took.len(), "{}", measure.to);
        assert_eq!(measure.all.median(), median(took), "{}", measure.to);
    }
}

/// Every number of the page, by the name of its figure.
async fn numbers(tx: &mut Tx, period: Period) -> Vec<(Figure, usize)> {
    let overview = learning::overview(tx, period, None).await.expect("an overview");
    let mut numbers = Vec::new();
    for (met, figure) in [
        (overview.met, Figure::Reviewed as fn(OfReviewed) -> Figure),
        (overview.met_before, Figure::Before),
    ] {
        numbers.extend([
            (figure(OfReviewed::All), met.reviewed),
            (figure(OfReviewed::New), met.new),
            (figure(OfReviewed::SameService), met.same_service),
            (figure(OfReviewed::Elsewhere), met.elsewhere),
            (figure(OfReviewed::NotLookedAt), met.not_looked_at),
        ]);
    }
    for (with, again) in [(true, overview.with), (false, overview.without)] {
        let figure = |of| Figure::Watched { with, of };
        numbers.extend([
            (figure(OfWatched::All), again.of),
            (figure(OfWatched::CameBack), again.came_back),
            (figure(OfWatched::NotLookedAt), again.not_looked_at),
        ]);
    }
    let promises = learning::promises(tx, period, Scope::default())
        .await
        .expect("promises");
    numbers.push((Figure::Due(None), promises.due.len()));
    numbers.push((Figure::Moved, promises.moved()));
    let kept = Kept::ALL.iter();
    numbers.extend(kept.map(|kept| (Figure::Due(Some(*kept)), promises.count(*kept))));
    let waits = learning::waits(tx, period, Scope::default(), 50)
        .await
        .expect("waits");
    let stages = waits.stages.iter();
    numbers.extend(stages.map(|stage| (Figure::Step(stage.step), stage.spread.seconds.len())));
    let times = learning::times(tx, period, Scope::default(), By::Week)
        .await
        .expect("times");
    let by_severity = learning::times(tx, period, Scope::default(), By::Severity);
    let by_severity = by_severity.await.expect("times");
    for measured in times.measures.into_iter().chain(by_severity.measures) {
        let groups = measured.groups.into_iter().map(|(group, spread)| match group {
            Group::Severity(severity) => (OfTook::Severity(severity.0), spread),
            Group::Week(monday) => (OfTook::Week(monday.0), spread),
            _ => panic!("{group:?} was not asked for"),
        });
        for (of, spread) in std::iter::once((OfTook::All, measured.all)).chain(groups) {
            let to = measured.to;
            for (is_known, count) in [(true, spread.seconds.len()), (false, spread.unknown)] {
                numbers.push((Figure::Took { to, is_known, of }, count));
            }
        }
    }
    for (monday, week) in times.weeks {
        numbers.extend([
            (Figure::Week(monday, InWeek::Incidents), week.incidents),
            (Figure::Week(monday, InWeek::Alerts), week.alerts),
            (Figure::Week(monday, InWeek::NightsWoken), week.nights_woken),
        ]);
    }
    for (hour, pages) in (0..).zip(times.pages_by_hour) {
        numbers.push((Figure::Hour(hour), pages));
    }
    numbers
}

#[tokio::test]
async fn behind_each_number_stand_as_many_as_it_says() {
    let (moved, period) = half_a_year().await;
    let mut tx = moved.engine.read().await.expect("a transaction");
    let numbers = numbers(&mut tx, period).await;
    assert!(numbers.iter().filter(|(_, number)| *number > 0).count() > 100);
    for (figure, number) in numbers {
        let behind = learning::behind(&mut tx, period, Scope::default(), figure, 0, 10_000)
            .await
            .expect("what is behind it");
        assert_eq!(behind.count, number, "{figure}");
        assert_eq!(behind.rows, behind.shown.len(), "{figure}");
        assert_eq!(behind.shown.is_empty(), number == 0, "{figure}");
        assert!(behind.shown.iter().all(|row| !row.title.is_empty()), "{figure}");
    }
}
