//! Lists that cannot be worked off for some time, because the database is busy or because it fails.

use concord::config::Settings;
use concord::service::enrollment::job::work;
use concord::store::sql::Dialect;
use uuid::Uuid;

use super::{finish, hire, is_whole, list, send, sponsor, start};
use crate::enrollment::{agrees, seats};
use crate::support::people::people;
use crate::support::{Database, Template, TestApp, both};
use crate::tenant::business;

/// A list of three places of `acme`, of which no row can be written: the database is busy as long as it may be, or fails.
async fn stuck(database: Database, is_busy: bool) -> TestApp {
    let change = |settings: &mut Settings| {
        if is_busy && database == Database::Sqlite {
            // What runs for longer is cut off.
            (settings.server.deadline_ms, settings.database.acquire_ms) = (5_000, 5_000);
        }
    };
    let app = TestApp::start(database, Template::Twins, change).await;
    people(&app).await;
    hire(&app, 3).await;
    let token = business(&app, "acme").await;
    let (offering, funding) = (seats(&app, 10, 5).await, sponsor(&app, &token, 1, 5_000).await);
    start(&app, &token, 2, &send(&app, &token, &list(&offering, 0..3)).await, &funding).await;
    let trigger = match (app.store.dialect(), is_busy) {
        (Dialect::Postgres, _) => {
            let code = if is_busy { "55P03" } else { "P0001" };
            format!(
                "CREATE FUNCTION stuck() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION USING ERRCODE = ''{code}''; END';
                 CREATE TRIGGER stuck BEFORE UPDATE ON enrollment_job_item FOR EACH ROW EXECUTE FUNCTION stuck()"
            )
        }
        (Dialect::Sqlite, true) => {
            "CREATE VIEW endless AS WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n;
            CREATE TRIGGER stuck BEFORE UPDATE ON enrollment_job_item BEGIN SELECT count(*) FROM endless; END"
                .to_owned()
        }
        (Dialect::Sqlite, false) => {
            "CREATE TRIGGER stuck BEFORE UPDATE ON enrollment_job_item BEGIN SELECT RAISE(ABORT, 'stuck'); END".to_owned()
        }
    };
    app.execute(&trigger).await;
    app
}

/// Lets the rows be written.
async fn free(app: &TestApp) {
    let on = if app.store.dialect() == Dialect::Postgres { " ON enrollment_job_item" } else { "" };
    app.execute(&format!("DROP TRIGGER stuck{on}")).await;
}

/// Works on as one worker.
async fn again(app: &TestApp) -> bool {
    work(&app.app().sweeper(), Uuid::from_u128(1)).await.is_ok()
}

both! {
    /// The database is busy while a list is worked off: that is no failure of the list, its worker keeps it, and it is done when the database is free.
    async fn being_busy_is_no_failure(database) {
        let app = stuck(database, true).await;
        assert!(!again(&app).await);
        assert_eq!(app.rows("SELECT failures FROM job_lease WHERE owner IS NOT NULL").await, ["0"]);
        free(&app).await;
        finish(&app).await;
        is_whole(&app, 3).await;
    }

    /// Rows fail for another reason: the list rests after each time, so that anybody can take it up, and is given up at the tenth; its rows have no outcome, and nothing is reserved.
    async fn a_list_that_fails_rests(database) {
        let app = stuck(database, false).await;
        for time in 1..10 {
            assert!(!again(&app).await);
            assert_eq!(app.rows("SELECT failures FROM job_lease WHERE owner IS NULL").await, [time.to_string()]);
            app.execute("UPDATE job_lease SET until = '2020-01-01T00:00:00.000000+00:00'").await;
        }
        assert!(!again(&app).await);
        assert_eq!(app.rows("SELECT state, done_count FROM enrollment_job WHERE file_name = 'list.csv'").await, ["FAILED|0"]);
        assert_eq!(app.rows("SELECT count(*) FROM job_lease").await, ["0"]);
        assert_eq!(app.rows("SELECT count(*) FROM enrollment_job_item i JOIN enrollment_job j ON j.id = i.job_id WHERE j.file_name = 'list.csv' AND i.outcome IS NULL").await, ["3"]);
        free(&app).await;
        assert_eq!(finish(&app).await, 0);
        agrees(&app).await;
    }
}
