//! Filters of programs, credentials, competencies and institutions.

use super::expect::{changed, holds, holds_any, in_industry};
use super::*;

fn program_meets(program: &Value, filter: &Value) -> bool {
    holds(filter, "institutionIds", &program["institution"]["id"])
        && holds(filter, "kinds", &program["kind"])
        && in_industry(filter, program)
        && holds_any(filter, "competencyIds", items(&program["competencies"]).map(|competency| &competency["id"]))
        && holds(filter, "isForCredit", &program["isForCredit"])
        && changed(filter, program)
}

fn credential_meets(credential: &Value, filter: &Value) -> bool {
    holds(filter, "issuerIds", &credential["issuer"]["id"])
        && holds(filter, "kinds", &credential["kind"])
        && holds_any(filter, "competencyIds", items(&credential["competencies"]).map(|competency| &competency["id"]))
        && holds_any(
            filter,
            "articulatesToProgramId",
            items(&credential["articulations"]).map(|articulation| &articulation["program"]["id"]),
        )
}

fn competency_meets(competency: &Value, filter: &Value) -> bool {
    let asked = &filter["alignment"];
    let is_aligned = items(&competency["alignments"])
        .any(|alignment| alignment["framework"] == asked["framework"] && alignment["code"] == asked["code"]);
    holds(filter, "kinds", &competency["kind"]) && (asked.is_null() || is_aligned)
}

/// The texts under a pointer in all items of a list of each row.
fn inner(rows: &[Value], list: &str, pointer: &str) -> BTreeSet<String> {
    rows.iter()
        .flat_map(|row| items(&row[list]))
        .filter_map(|item| item.pointer(pointer))
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// The texts under a pointer in all rows.
fn outer(rows: &[Value], pointer: &str) -> BTreeSet<String> {
    rows.iter().filter_map(|row| row.pointer(pointer)).filter_map(Value::as_str).map(str::to_owned).collect()
}

fn each(values: BTreeSet<String>) -> Vec<Value> {
    values.into_iter().map(|value| json!([value])).chain([json!([])]).collect()
}

both! {
    /// A visitor filters programs by each field alone and by several together; industries by whole codes, by their beginnings, and by any number of a sector.
    async fn filters_programs(database) {
        let app = demo(database).await;
        // A program in each sector that spans several numbers, one of them named by the sector itself.
        app.execute("INSERT INTO industry (naics_code, title, is_sector) VALUES ('333415', 'Air-Conditioning Equipment', FALSE), ('4451', 'Grocers', FALSE), ('49', 'Post', FALSE) ON CONFLICT DO NOTHING").await;
        for (code, rest) in [("333415", 0), ("31-33", 1), ("4451", 2), ("49", 3), ("48-49", 4)] {
            app.execute(&format!("UPDATE program_industry SET naics_code = '{code}' WHERE position = 0 AND program_id IN (SELECT id FROM program WHERE length(title) % 9 = {rest})")).await;
        }
        let programs = download(&app, "programs", "id kind status isForCredit updatedAt institution { id } industries { naicsCode } competencies { id }", true).await;
        assert!(programs.iter().all(|program| items(&program["competencies"]).count() < 50));
        let codes = inner(&programs, "industries", "/naicsCode");
        for code in ["333415", "31-33", "4451", "49", "48-49"] {
            assert!(codes.contains(code), "no program serves {code}: {codes:?}");
        }
        let mut industries: Vec<Value> = codes.iter().flat_map(|code| (2..=code.len()).map(move |length| json!([&code[..length]]))).collect();
        industries.extend(["31", "32", "33", "31-33", "44", "45", "44-45", "48", "49", "48-49", "3", "33341", "3334151", "34", "", "31-3"].map(|code| json!([code])));
        industries.extend([json!(["31", "4451", "62"]), json!([])]);
        let choices = [
            ("institutionIds", lists(&outer(&programs, "/institution/id"), "ins_7zzzzzzzzzzzzzzzzzzzzzzzzz")),
            ("kinds", each(outer(&programs, "/kind"))),
            ("competencyIds", lists(&inner(&programs, "competencies", "/id"), "cmp_7zzzzzzzzzzzzzzzzzzzzzzzzz")),
            ("isForCredit", vec![json!(true), json!(false)]),
            ("updatedSince", vec![json!("2027-01-10T00:00:00Z"), json!("2027-01-11T12:30:00.5Z"), json!("2027-01-15T12:00:00Z")]),
            ("naicsCodes", industries),
        ];
        hold(&app, "programs", &programs, &filters(&choices, 60), program_meets).await;
    }

    /// A visitor filters credentials by each field alone and by several together.
    async fn filters_credentials(database) {
        let app = demo(database).await;
        let credentials = download(&app, "credentials", "id kind issuer { id } competencies { id } articulations { program { id } }", false).await;
        let programs = inner(&credentials, "articulations", "/program/id");
        let choices = [
            ("issuerIds", lists(&outer(&credentials, "/issuer/id"), "ins_7zzzzzzzzzzzzzzzzzzzzzzzzz")),
            ("kinds", each(outer(&credentials, "/kind"))),
            ("competencyIds", lists(&inner(&credentials, "competencies", "/id"), "cmp_7zzzzzzzzzzzzzzzzzzzzzzzzz")),
            ("articulatesToProgramId", programs.into_iter().take(5).chain(["prg_7zzzzzzzzzzzzzzzzzzzzzzzzz".to_owned()]).map(Value::from).collect()),
        ];
        hold(&app, "credentials", &credentials, &filters(&choices, 30), credential_meets).await;
    }

    /// A visitor filters competencies by each field alone and by both together.
    async fn filters_competencies(database) {
        let app = demo(database).await;
        let competencies = download(&app, "competencies", "id kind alignments { framework code }", false).await;
        let alignments: BTreeSet<(String, String)> = competencies.iter().flat_map(|competency| items(&competency["alignments"])).map(|alignment| (text(&alignment["framework"]).to_owned(), text(&alignment["code"]).to_owned())).collect();
        let mut asked: Vec<Value> = alignments.iter().take(10).map(|(framework, code)| json!({ "framework": framework, "code": code })).collect();
        assert!(asked.len() > 3, "{asked:?}");
        asked.push(json!({ "framework": "CASE", "code": asked[0]["code"] }));
        let choices = [("kinds", vec![json!(["SOFT"]), json!(["TECHNICAL"]), json!(["SOFT", "TECHNICAL"]), json!([])]), ("alignment", asked)];
        hold(&app, "competencies", &competencies, &filters(&choices, 10), competency_meets).await;
    }

    /// A visitor lists the institutions of one region, of several, and of none.
    async fn filters_institutions(database) {
        let app = demo(database).await;
        let institutions = download(&app, "institutions", "id region { code }", false).await;
        for regions in lists(&outer(&institutions, "/region/code"), "NOWHERE").into_iter().chain([Value::Null]) {
            let answer = app.ask("query ($regions: [String!]) { institutions(first: 100, regionCodes: $regions) { totalCount nodes { id } } }", json!({ "regions": regions })).await;
            let expected: BTreeSet<&str> = institutions.iter().filter(|institution| holds(&json!({ "r": regions }), "r", &institution["region"]["code"])).map(|institution| text(&institution["id"])).collect();
            let found: BTreeSet<&str> = items(&answer["data"]["institutions"]["nodes"]).map(|node| text(&node["id"])).collect();
            assert_eq!(found, expected, "{regions}");
            assert_eq!(answer["data"]["institutions"]["totalCount"], json!(expected.len()));
        }
    }
}
