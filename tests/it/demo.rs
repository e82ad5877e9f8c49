//! The invented state: its size, its irregularities, and that it is the same wherever it is made.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use concord::demo::{SYSTEM, records};
use concord::domain::clock::{Clock, Ids};
use concord::import::Kind;
use concord::import::write::{Options, Records, write};

use serde_json::json;

use crate::support::{TestApp, both, now, snapshot, sorted_tables};

/// One number that a query gives.
async fn number(app: &TestApp, sql: &str) -> i64 {
    app.rows(sql).await.concat().parse().expect("a number")
}

/// The distinct texts of a column.
async fn distinct(app: &TestApp, column: &str, table: &str) -> Vec<String> {
    app.rows(&format!("SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1")).await
}

/// Asserts that every text has a form: `9` stands for a digit, `A` for a capital letter, `a` for a small one, anything else for itself.
fn assert_form(texts: &[String], forms: &[&str]) {
    let fits = |text: &str, form: &str| {
        text.len() == form.len()
            && text.chars().zip(form.chars()).all(|(sign, form)| match form {
                '9' => sign.is_ascii_digit(),
                'A' => sign.is_ascii_uppercase(),
                'a' => sign.is_ascii_lowercase(),
                'h' => sign.is_ascii_hexdigit(),
                other => sign == other,
            })
    };
    for text in texts {
        assert!(forms.iter().any(|form| fits(text, form)), "{text} has none of the forms {forms:?}");
    }
    assert!(!texts.is_empty(), "nothing of the forms {forms:?}");
}

both! {
    /// A visitor counts the state: as many of each as its description says.
    async fn has_its_size(database) {
        let app = TestApp::demo(database).await;
        let mut sizes = Vec::new();
        for (name, rows) in [
            ("institutions", "institution"),
            ("micro-credentials", "credential WHERE kind = 'MICRO_CREDENTIAL'"),
            ("micro-pathways", "program WHERE kind = 'MICRO_PATHWAY'"),
            ("courses", "course"),
            ("offerings", "offering"),
            ("businesses", "business"),
            ("micro-pathways with a badge, courses and an assessment", "program t WHERE kind = 'MICRO_PATHWAY' AND credential_id IS NOT NULL AND id IN (SELECT program_id FROM program_component) AND id IN (SELECT program_id FROM assessment)"),
            ("institutions that teach nothing", "institution t WHERE id NOT IN (SELECT tenant_id FROM course)"),
            ("courses without a skill", "course t WHERE id NOT IN (SELECT course_id FROM course_competency)"),
            ("courses never offered", "course t WHERE id NOT IN (SELECT course_id FROM offering WHERE course_id IS NOT NULL)"),
        ] {
            sizes.push(format!("{}: {name}", number(&app, &format!("SELECT count(*) FROM {rows}")).await));
        }
        snapshot!("demo_sizes", sizes);
    }

    /// Enrollments are in each of the ten states, paid in each of the four ways, and no section has given more seats than it has or lets more wait than it says.
    async fn has_enrollments_in_every_state(database) {
        let app = TestApp::demo(database).await;
        let states = app.rows("SELECT state, count(*) FROM enrollment GROUP BY state ORDER BY state").await;
        let sources = app.rows("SELECT source, count(*) FROM funding GROUP BY source ORDER BY source").await;
        snapshot!("demo_enrollments", json!({ "states": states, "sources": sources }));
        for wrong in ["capacity < seats_taken + seats_here", "waiting_here > 0 AND capacity > seats_taken + seats_here", "waiting_here > 0 AND waitlist_capacity < waitlisted + waiting_here"] {
            assert_eq!(number(&app, &format!("SELECT count(*) FROM offering WHERE {wrong}")).await, 0, "{wrong}");
        }
    }

    /// The state is made twice: every table is the same, to the last identifier.
    async fn is_the_same_each_time(database) {
        let app = TestApp::demo(database).await;
        let again = TestApp::empty(database).await;
        let options = Options { system: "banner".to_owned(), is_dry_run: false, is_strict: false, clock: Clock::Fixed(now()), ids: Ids::counted() };
        let report = write(&again.operator().await, &records(now().date_naive()).expect("the demo"), &options, |_, _| {}).await.expect("an import");
        assert_eq!(report.told(), 0, "{report}");
        concord::demo::rosters::write(&again.operator().await, &options.ids, now()).await.expect("the rosters");
        concord::demo::sponsorships::write(&again.operator().await, &options.ids, now()).await.expect("the sponsorships");
        concord::demo::enrollments::write(&again.operator().await, &options.ids, now()).await.expect("the enrollments");
        assert_eq!(SYSTEM, options.system);
        let (one, two) = (sorted_tables(&app).await, sorted_tables(&again).await);
        for (one, two) in one.into_iter().zip(two).filter(|((name, _), _)| name != "seaql_migrations") {
            assert!(one == two, "{} differs", one.0);
        }
    }

    /// What real catalogs have, and a client must cope with, is there: some of it, and not too much.
    async fn has_its_irregularities(database) {
        let app = TestApp::demo(database).await;
        let full = "offering WHERE status <> 'CANCELLED' AND seats_taken = capacity";
        for (what, rows, least, most) in [
            ("businesses of one name", "business WHERE name IN (SELECT name FROM business GROUP BY name HAVING count(*) > 1)", 20, 4_000),
            ("courses of one title at several institutions", "course WHERE title IN (SELECT title FROM course GROUP BY title HAVING count(DISTINCT tenant_id) > 1)", 100, 600),
            ("offerings of unknown capacity", "offering WHERE capacity IS NULL", 75, 300),
            ("cancelled sections", "offering WHERE status = 'CANCELLED'", 50, 200),
            ("full sections", full, 50, 500),
            ("full sections with people waiting", &format!("{full} AND waitlisted > 0"), 25, 400),
            ("overbooked sections", "offering WHERE seats_taken > capacity", 0, 0),
            ("reserved sections", "offering WHERE reserved_for_business_id IS NOT NULL", 20, 100),
            ("sections without a term", "offering WHERE term_id IS NULL", 75, 400),
            ("retired courses", "course WHERE status = 'RETIRED'", 1, 30),
            ("pathways without a price of their own", "program WHERE kind = 'MICRO_PATHWAY' AND price_cents IS NULL", 5, 20),
            ("courses taught in two languages", "course WHERE languages LIKE '%;%'", 5, 300),
        ] {
            let there = number(&app, &format!("SELECT count(*) FROM {rows}")).await;
            assert!((least..=most).contains(&there), "{there} {what}, and not {least} to {most}");
        }
        let names = app.rows("SELECT name FROM staff_member UNION ALL SELECT name FROM business UNION ALL SELECT name FROM institution").await;
        let accented = names.iter().filter(|name| name.chars().any(|sign| ('\u{c0}'..='\u{24f}').contains(&sign))).count();
        let scripts: BTreeSet<&str> = names
            .iter()
            .flat_map(|name| name.chars())
            .filter_map(|sign| match sign {
                '\u{370}'..='\u{3ff}' => Some("Greek"),
                '\u{400}'..='\u{4ff}' => Some("Cyrillic"),
                '\u{590}'..='\u{5ff}' => Some("Hebrew"),
                '\u{600}'..='\u{6ff}' => Some("Arabic"),
                '\u{900}'..='\u{97f}' => Some("Devanagari"),
                '\u{e00}'..='\u{e7f}' => Some("Thai"),
                '\u{3040}'..='\u{30ff}' => Some("Kana"),
                '\u{4e00}'..='\u{9fff}' => Some("Han"),
                '\u{ac00}'..='\u{d7af}' => Some("Hangul"),
                _ => None,
            })
            .collect();
        assert!(accented > 20 && !scripts.is_empty(), "{accented} accented names, scripts {scripts:?}");
    }

    /// Every state and every manner of teaching occurs, and every state agrees with the day.
    async fn states_agree_with_the_day(database) {
        let app = TestApp::demo(database).await;
        let today = now().date_naive();
        for (column, table, all) in [
            ("status", "offering", "CANCELLED CLOSED FINISHED OPEN RUNNING SCHEDULED"),
            ("modality", "offering", "HYBRID IN_PERSON ONLINE_LIVE ONLINE_SELF_PACED"),
            ("status", "business", "ACTIVE LEFT PENDING SUSPENDED"),
            ("kind", "institution", "COMMUNITY_COLLEGE TECHNICAL_COLLEGE TRAINING_PROVIDER UNIVERSITY"),
            ("kind", "credential", "CERTIFICATE DEGREE MICRO_CREDENTIAL"),
            ("kind", "program", "CERTIFICATE DEGREE MICRO_PATHWAY"),
            ("kind", "competency", "SOFT TECHNICAL"),
            ("kind", "assessment", "FORMATIVE SUMMATIVE"),
        ] {
            assert_eq!(distinct(&app, column, table).await.join(" "), all, "{table}.{column}");
        }
        for (what, condition) in [
            ("finished and not over", format!("status = 'FINISHED' AND ends_on >= '{today}'")),
            ("running and not begun, or over", format!("status = 'RUNNING' AND (starts_on > '{today}' OR ends_on < '{today}')")),
            ("open and begun", format!("status IN ('OPEN', 'SCHEDULED') AND starts_on <= '{today}'")),
            ("scheduled with seats taken", "status = 'SCHEDULED' AND seats_taken > 0".to_owned()),
            ("on site without a campus", "(campus_id IS NULL) = (modality IN ('IN_PERSON', 'HYBRID'))".to_owned()),
        ] {
            assert_eq!(number(&app, &format!("SELECT count(*) FROM offering WHERE {condition}")).await, 0, "{what}");
        }
        let day = async |sql: &str| app.rows(sql).await.concat().parse::<NaiveDate>().expect("a day");
        let (first, last) = (day("SELECT min(starts_on) FROM offering").await, day("SELECT max(starts_on) FROM offering").await);
        assert!(first < today - Days::new(120) && first > today - Days::new(180), "the first offering starts on {first}");
        assert!(last > today + Days::new(180) && last < today + Days::new(240), "the last offering starts on {last}");
    }

    /// Micro-credentials are affordable: courses cost from $50 up, and pathways less than their courses one by one.
    async fn prices_begin_at_fifty_dollars(database) {
        let app = TestApp::demo(database).await;
        assert_eq!(number(&app, "SELECT min(price_cents) FROM course").await, 5_000);
        assert_eq!(number(&app, "SELECT count(*) FROM course WHERE price_cents > 200000").await, 0);
        let dear = "SELECT count(*) FROM program p WHERE p.price_cents >= (SELECT sum(c.price_cents) FROM program_component l JOIN course c ON c.id = l.course_id WHERE l.program_id = p.id)";
        assert_eq!(number(&app, dear).await, 0, "pathways that cost no less than their courses");
    }

    /// A notebook joins the state with public taxonomies: every code has the form of its framework, and every link a name.
    async fn codes_have_the_form_of_their_framework(database) {
        let app = TestApp::demo(database).await;
        assert_form(&distinct(&app, "naics_code", "program_industry").await, &["999999"]);
        assert_form(&distinct(&app, "naics_code", "business").await, &["99", "99-99"]);
        assert_form(&distinct(&app, "code", "program_occupation").await, &["99-9999.99"]);
        let of = |table: &str, framework: &str| format!("(SELECT code, name FROM {table} WHERE framework = '{framework}') x");
        assert_form(&distinct(&app, "code", &of("credential_alignment", "CIP")).await, &["99.9999"]);
        let activities = distinct(&app, "code", &of("competency_alignment", "ONET")).await;
        assert_form(&activities, &["9.A.9.a.9.A99.A99", "9.A.9.a.9", "9.A.9.a", "9.A.9"]);
        assert_form(&distinct(&app, "code", &of("competency_alignment", "ESCO")).await, &["hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"]);
        assert_form(&distinct(&app, "code", &of("institution_alignment", "CTDL")).await, &["ce-hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"]);
        for table in ["competency_alignment", "credential_alignment", "program_occupation", "institution_alignment"] {
            assert_eq!(number(&app, &format!("SELECT count(*) FROM {table} WHERE coalesce(name, '') = ''")).await, 0, "{table} without a name");
        }
    }
}

/// The generator writes the same records for the same day, others for another day, and as many of each kind.
#[test]
fn dates_follow_the_day() {
    let day: NaiveDate = "2028-02-29".parse().expect("a day");
    let (one, two) = (records(now().date_naive()).expect("the demo"), records(day).expect("the demo"));
    for kind in Kind::ALL {
        assert_eq!(one.count(kind), two.count(kind), "{}", kind.name());
        let keys =
            |records: &concord::demo::Records| records.rows(kind).filter_map(|row| Some(row.ok()?.key().to_owned())).collect::<Vec<_>>();
        if kind != Kind::Terms {
            assert_eq!(keys(&one), keys(&two), "{}", kind.name());
        }
    }
    let starts = |records: &concord::demo::Records| records.rows(Kind::Offerings).filter_map(|row| row.ok()?.date("starts_on")).min();
    let days = starts(&two).expect("a start") - starts(&one).expect("a start");
    assert!((days - (day - now().date_naive())).num_days().abs() <= 7, "{days}");
}
