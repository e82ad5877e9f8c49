//! Sources that know nothing of each other, and what they write in columns of their own taste.

use async_graphql::{ScalarType, Value};
use concord::graphql::scalars::Url;
use concord::import::Kind;

use super::{Folder, import, later, told};
use crate::process::{program, run};
use crate::support::{TestApp, both};

/// The files of a college that numbers its courses as others do.
fn college(name: &str) -> Folder {
    Folder::of(&[
        ("institutions.csv", &format!("key,name,kind\n1,{name},UNIVERSITY\n")),
        ("courses.csv", &format!("key,institution,code,title,summary,price\n101,1,C 101,Welding at {name},S,50\n")),
    ])
}

/// Runs the program on a folder; the exit code and what it printed to standard error.
fn catalog(folder: &Folder, app: &TestApp, more: &[&str]) -> (Option<i32>, String) {
    let path = folder.path().to_str().expect("UTF-8");
    let ended = run(program(&["import", "catalog", path, "--database", &app.url()]).args(more));
    (ended.status.code(), ended.stderr)
}

both! {
    /// Two colleges send folders with the same keys under names of their own: neither touches the other's rows, and each is known again.
    async fn keys_of_two_sources_never_meet(database) {
        let app = TestApp::empty(database).await;
        let (north, south) = (college("North"), college("South"));
        for (folder, system) in [(&north, "north"), (&south, "south"), (&north, "north")] {
            assert_eq!(catalog(folder, &app, &["--system", system]), (Some(0), String::new()));
        }
        assert_eq!(app.rows("SELECT title FROM course ORDER BY 1").await, ["Welding at North", "Welding at South"]);
        assert_eq!(app.rows("SELECT DISTINCT system FROM external_key ORDER BY 1").await, ["north", "south"]);
        // Without a name both would be one source, in which the second folder says what the first said otherwise.
        for folder in [&north, &south] {
            assert_eq!(catalog(folder, &app, &[]), (Some(0), String::new()));
        }
        assert_eq!(app.rows("SELECT title FROM course ORDER BY 1").await, ["Welding at North", "Welding at South", "Welding at South"]);
    }

    /// A college sends addresses of every sort: each one that is kept is one that the API promises.
    async fn stored_addresses_are_those_of_the_schema(database) {
        let app = TestApp::demo(database).await;
        let folder = Folder::of(&[
            ("institutions.csv", "key,name,kind,website_url,logo_url,alignments\ni1,I,UNIVERSITY,http://i.edu/a,HTTP://i.edu:80/l.png,CTDL|ce-1|I|http://ctdl.org/1\ni2,J,UNIVERSITY,www.j.edu,https://j.edu/l.png,\n"),
            ("businesses.csv", "key,name,website_url\nb1,B,http://b.com\n"),
            ("competencies.csv", "key,name,kind,alignments\nk1,K,SOFT,ESCO|1|K|http://data.europa.eu/esco/1\n"),
            ("credentials.csv", "key,institution,kind,name,description,criteria,image_url,alignments\nd1,i1,DEGREE,D,D,C,http://i.edu/d.png,CTDL|ce-2|D|http://ctdl.org/2\n"),
            ("programs.csv", "key,institution,kind,title,summary,occupations\np1,i1,DEGREE,P,S,ONET|15-1252.00|Developers|http://onet.org/1\n"),
        ]);
        let report = import(&app, &folder, &later()).await;
        assert_eq!(report.told(), 0, "{:?}", told(&report));
        let mut seen = 0;
        for (table, column) in [
            ("institution", "website_url"), ("institution", "logo_url"), ("institution_alignment", "url"), ("business", "website_url"), ("competency_alignment", "url"),
            ("credential", "image_url"), ("credential_alignment", "url"), ("program_occupation", "url"),
        ] {
            let stored = app.rows(&format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL")).await;
            assert!(!stored.is_empty(), "no {column} in {table}");
            for address in stored {
                assert!(Url::parse(Value::String(address.clone())).is_ok(), "{table}.{column}: {address}");
                assert!(!address.contains(":80/"), "{address}");
                seen += 1;
            }
        }
        assert!(seen > 10, "{seen}");
    }

    /// A college gives instants with nine digits of a second: both databases keep six, and the same ones.
    async fn instants_are_cut_to_microseconds(database) {
        let app = TestApp::twins(database).await;
        let header = "key,institution,course,code,modality,status,starts_on,ends_on,registration_opens_at";
        let folder = Folder::of(&[("offerings.csv", &format!("{header}\nnano,north,north-101,NANO,HYBRID,OPEN,2027-05-01,2027-06-01,2027-02-01T09:00:00.123456789Z\n"))]);
        let report = import(&app, &folder, &later()).await;
        assert_eq!(report.counts(Kind::Offerings).created, 1, "{:?}", told(&report));
        let stored = app.rows("SELECT registration_opens_at FROM offering WHERE code = 'NANO'").await.concat();
        assert!(stored.contains(".123456") && !stored.contains(".1234567"), "{stored}");
    }

    /// A course asks for one that nobody sends: it is kept without it and the code is 0; where all or nothing is asked for, nothing is kept and the code is 2.
    async fn strict_refuses_what_dangles(database) {
        let app = TestApp::empty(database).await;
        let folder = college("North");
        folder.write("courses.csv", "key,institution,code,title,summary,price,prerequisites\n1,1,A,A,S,50,gone\n2,1,B,B,S,50,1\n");
        assert_eq!(catalog(&folder, &app, &["--strict"]), (Some(2), String::new()));
        assert_eq!(app.rows("SELECT count(*) FROM course").await, ["0"]);
        assert_eq!(catalog(&folder, &app, &[]), (Some(0), String::new()));
        assert_eq!(app.rows("SELECT count(*) FROM course").await, ["2"]);
        assert_eq!(app.rows("SELECT count(*) FROM course_prerequisite").await, ["1"]);
    }

    /// The database refuses the prerequisites of one course: that is told with its line, and those of its neighbors are kept.
    async fn tells_refused_prerequisites_by_row(database) {
        let app = TestApp::empty(database).await;
        app.execute("CREATE UNIQUE INDEX once ON course_prerequisite (prerequisite_id)").await;
        let folder = college("North");
        folder.write("courses.csv", "key,institution,code,title,summary,price,prerequisites\n1,1,A,A,S,50,\n2,1,B,B,S,50,1\n3,1,C,C,S,50,1\n4,1,D,D,S,50,2\n");
        let told = told(&import(&app, &folder, &later()).await);
        assert_eq!(told[0], "courses.csv:4: prerequisites: the database refused the row: it contradicts another one (\"3\")", "{told:#?}");
        assert_eq!(app.rows("SELECT c.code FROM course_prerequisite p JOIN course c ON c.id = p.course_id ORDER BY 1").await, ["B", "D"]);
    }
}

/// A mapping says what its source is called, and the operator says otherwise, or says what is no name: code 1 and one line.
#[test]
fn names_that_contradict() {
    let folder = Folder::of(&[
        ("regions.csv", "code,name\nN,North\n"),
        ("map.toml", "system = \"theirs\"\n[[regions]]\nfile = \"regions.csv\"\nfields = { code = \"code\", name = \"name\" }\n"),
    ]);
    let (path, map) = (folder.path().to_str().expect("UTF-8"), folder.path().join("map.toml"));
    let url = format!("sqlite://{}", folder.path().join("new.db").display());
    let with = |system: &str| run(program(&["import", "catalog", path, "--database", &url, "--system", system]).arg("--map").arg(&map));
    assert_eq!(with("theirs").status.code(), Some(0));
    for (system, why) in [("ours", "its mapping calls it `theirs`; leave --system out"), ("two words", "write one word")] {
        let ended = with(system);
        assert_eq!((ended.status.code(), ended.stdout.as_str(), ended.stderr.lines().count()), (Some(1), "", 1), "{ended:?}");
        assert!(ended.stderr.contains(why), "{ended:?}");
    }
}
