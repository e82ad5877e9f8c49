//! Rows that name what is not there, or what is another institution's.

use concord::import::Kind;

use super::{Folder, import, later, told};
use crate::support::{TestApp, both, snapshot, sorted_tables};

const INSTITUTIONS: &str = "key,name,kind,region\n";
const BUSINESSES: &str = "key,name,industry,region\n";
const CAMPUSES: &str = "key,institution,name,line1,city,state,postal_code,region\n";
const TERMS: &str = "key,institution,code,name,starts_on,ends_on\n";
const STAFF: &str = "key,institution,name\n";
const CREDENTIALS: &str = "key,institution,kind,name,description,criteria,competencies\n";
const COURSES: &str = "key,institution,code,title,summary,price,competencies,credential\n";
const PROGRAMS: &str = "key,institution,kind,title,summary,credential,components,industries\n";
const ASSESSMENTS: &str = "key,institution,course,program,title,kind,max_score,pass_score,competencies\n";
const REQUIREMENTS: &str = "key,credential,title,choose,options\n";
const ARTICULATIONS: &str = "key,credential,institution,program,credits,valid_from\n";
const OFFERINGS: &str = "key,institution,course,program,code,term,campus,modality,status,starts_on,ends_on,instructors,reserved_for\n";

/// A header with rows.
fn file(header: &str, rows: &[&str]) -> String {
    format!("{header}{}\n", rows.join("\n"))
}

both! {
    /// A college sends one row for each column that can name something, each naming nothing, and one good row beside them in each file.
    async fn every_column_names_nothing(database) {
        let app = TestApp::twins(database).await;
        let folder = Folder::of(&[
            ("institutions.csv", &file(INSTITUTIONS, &["x1,A,UNIVERSITY,GONE", "good,Good,UNIVERSITY,NORTH"])),
            ("businesses.csv", &file(BUSINESSES, &["x1,A,111111,NORTH", "x2,A,99,GONE", "good,Good,541512,NORTH"])),
            ("campuses.csv", &file(CAMPUSES, &["x1,gone,A,1 Way,C,VR,69601,", "x2,south,A,1 Way,C,VR,69601,GONE", "good,south,Good,1 Way,C,VR,69601,"])),
            ("terms.csv", &file(TERMS, &["x1,gone,A,A,2027-01-01,2027-02-01", "good,south,GOOD,Good,2027-01-01,2027-02-01"])),
            ("staff.csv", &file(STAFF, &["x1,gone,A", "good,south,Good"])),
            (
                "credentials.csv",
                &file(CREDENTIALS, &["x1,gone,DEGREE,A,B,C,", "x2,south,DEGREE,A,B,C,routing;gone", "good,south,DEGREE,Good,B,C,routing"]),
            ),
            (
                "courses.csv",
                &file(
                    COURSES,
                    &["x1,gone,A,A,B,50,,", "x2,south,A,A,B,50,gone,", "x3,south,A,A,B,50,,gone", "x4,gone,A,A,B,50,gone,gone", "good,south,GOOD,Good,B,50,routing,good"],
                ),
            ),
            (
                "programs.csv",
                &file(
                    PROGRAMS,
                    &["x1,gone,DEGREE,A,B,,,", "x2,south,DEGREE,A,B,gone,,", "x3,south,DEGREE,A,B,,good;gone,", "x4,south,DEGREE,A,B,,,111111", "good,south,DEGREE,Good,B,good,good,541512"],
                ),
            ),
            (
                "assessments.csv",
                &file(
                    ASSESSMENTS,
                    &["x1,gone,good,,A,FORMATIVE,10,5,", "x2,south,gone,,A,FORMATIVE,10,5,", "x3,south,,gone,A,FORMATIVE,10,5,", "x4,south,good,,A,FORMATIVE,10,5,gone", "good,south,good,,Good,FORMATIVE,10,5,routing"],
                ),
            ),
            (
                "requirements.csv",
                &file(REQUIREMENTS, &["x1,gone,A,1,course|good", "x2,good,A,1,course|gone", "x3,good,A,1,program|gone", "x4,good,A,1,credential|gone", "good,good,Good,1,course|good"]),
            ),
            (
                "articulations.csv",
                &file(ARTICULATIONS, &["x1,gone,north,,3,2027-01-01", "x2,good,gone,,3,2027-01-01", "x3,good,north,gone,3,2027-01-01", "good,good,north,,3,2027-01-01"]),
            ),
            (
                "offerings.csv",
                &file(
                    OFFERINGS,
                    &[
                        "x1,gone,good,,A,,,HYBRID,OPEN,2027-03-01,2027-04-01,,",
                        "x2,south,gone,,A,,,HYBRID,OPEN,2027-03-01,2027-04-01,,",
                        "x3,south,,gone,A,,,HYBRID,OPEN,2027-03-01,2027-04-01,,",
                        "x4,south,good,,A,gone,,HYBRID,OPEN,2027-03-01,2027-04-01,,",
                        "x5,south,good,,A,,gone,HYBRID,OPEN,2027-03-01,2027-04-01,,",
                        "x6,south,good,,A,,,HYBRID,OPEN,2027-03-01,2027-04-01,good;gone,",
                        "x7,south,good,,A,,,HYBRID,OPEN,2027-03-01,2027-04-01,,gone",
                        "good,south,good,,GOOD,good,good,HYBRID,OPEN,2027-03-01,2027-04-01,good,good",
                    ],
                ),
            ),
        ]);
        let report = import(&app, &folder, &later()).await;
        for kind in Kind::ALL.into_iter().filter(|kind| folder.path().join(kind.file_name()).exists()) {
            assert_eq!(report.counts(kind).created, 1, "{}: {report}", kind.name());
        }
        snapshot!("import_dangling", told(&report));
    }

    /// A college sends one section whose every reference is wrong: each is told, so that one round of corrections will do.
    async fn everything_is_told_at_once(database) {
        let app = TestApp::twins(database).await;
        let folder = Folder::of(&[
            ("offerings.csv", &file(OFFERINGS, &["x1,south,north-101,,A,gone,north-main,HYBRID,OPEN,2027-03-01,2027-04-01,gone;north-ana,gone"])),
            ("programs.csv", &file(PROGRAMS, &["x1,south,DEGREE,A,B,gone,gone;north-101,111111;222222"])),
        ]);
        let report = import(&app, &folder, &later()).await;
        snapshot!("import_all_wrong", told(&report));
    }

    /// The row of a course is left out for its credential: its prerequisites stay as they were too.
    async fn prerequisites_go_with_their_row(database) {
        let app = TestApp::twins(database).await;
        let before = sorted_tables(&app).await;
        let folder = Folder::twins();
        folder.keep(&["courses.csv"]);
        folder.change("courses.csv", "brazing,north-101,north-badge", "brazing,north-099,gone");
        let report = import(&app, &folder, &later()).await;
        assert_eq!(report.rejected(), 1, "{report}");
        assert_eq!(before, sorted_tables(&app).await);
    }

    /// A college names what belongs to the other one, wherever only its own may stand: nothing of it is kept.
    async fn what_belongs_to_another(database) {
        let app = TestApp::twins(database).await;
        let before = sorted_tables(&app).await;
        let folder = Folder::of(&[
            ("courses.csv", &file(COURSES, &["y1,south,A,A,B,50,,north-badge"])),
            ("programs.csv", &file(PROGRAMS, &["y1,south,DEGREE,A,B,north-badge,,", "y2,south,DEGREE,A,B,,south-101;north-101,"])),
            ("assessments.csv", &file(ASSESSMENTS, &["y1,south,north-101,,A,FORMATIVE,10,5,", "y2,south,,north-path,A,FORMATIVE,10,5,"])),
            (
                "offerings.csv",
                &file(
                    OFFERINGS,
                    &[
                        "y1,south,north-101,,A,,,HYBRID,OPEN,2027-03-01,2027-04-01,,",
                        "y2,south,,north-path,A,,,HYBRID,OPEN,2027-03-01,2027-04-01,,",
                        "y3,south,south-101,,A,north-27sp,,HYBRID,OPEN,2027-03-01,2027-04-01,,",
                        "y4,south,south-101,,A,,north-main,HYBRID,OPEN,2027-03-01,2027-04-01,,",
                        "y5,south,south-101,,A,,,HYBRID,OPEN,2027-03-01,2027-04-01,south-bo;north-ana,",
                    ],
                ),
            ),
        ]);
        let report = import(&app, &folder, &later()).await;
        assert_eq!(before, sorted_tables(&app).await);
        snapshot!("import_of_another", told(&report));
    }

    /// The database itself refuses a row, here one whose credential was removed behind the importer's back: it is told, and the rows beside it are kept.
    async fn the_database_refuses_one_row(database) {
        let app = TestApp::twins(database).await;
        app.execute("DELETE FROM credential WHERE name = 'Old Certificate'").await;
        let folder = Folder::twins();
        folder.keep(&["courses.csv"]);
        folder.change("courses.csv", "Taught until last year.,,RETIRED,false,,,,70.00,en,,,", "Taught until last year.,,RETIRED,false,,,,70.00,en,,,north-old");
        folder.change("courses.csv", "Not announced.", "Still not announced.");
        let report = import(&app, &folder, &later()).await;
        snapshot!("import_refused_row", told(&report));
        let kept = app.rows("SELECT code, credential_id IS NULL FROM course WHERE code = 'HVA 099' OR summary = 'Still not announced.' ORDER BY code").await;
        assert_eq!(kept.len(), 2, "{kept:?}");
        assert!(kept[0].starts_with("HVA 099|") && matches!(&kept[0][8..], "1" | "t"), "{kept:?}");
    }

    /// The row that the database refuses is the only one: it is told as any other, and the import comes to its end.
    async fn the_database_refuses_the_only_row(database) {
        let app = TestApp::twins(database).await;
        app.execute("DELETE FROM credential WHERE name = 'Old Certificate'").await;
        let before = sorted_tables(&app).await;
        let folder = Folder::of(&[("courses.csv", &file(COURSES, &["z1,north,A,A,B,50,,north-old"]))]);
        let report = import(&app, &folder, &later()).await;
        assert_eq!((report.rejected(), report.problems().len()), (1, 1), "{report}");
        assert_eq!(before, sorted_tables(&app).await);
    }
}
