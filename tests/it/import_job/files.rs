//! Rosters as people send them: what is wrong with a file refuses it, what is wrong with a row refuses the row, by line and column; nothing is guessed at.

use serde_json::{Value, json};

use super::{import, real, rosters, start};
use crate::enrollment_job::send_bytes;
use crate::roster::peopled;
use crate::support::{Database, snapshot};
use crate::tenant::business;

/// Files of every sort are sent, and only checked: the fault of the file, or the counts and what is wrong with rows. None of it reaches the roster.
#[tokio::test]
async fn oddities_are_told() {
    let app = peopled(Database::Sqlite).await;
    let token = business(&app, "acme").await;
    let utf16: Vec<u8> =
        [0xff, 0xfe].into_iter().chain("name,email\r\nA,a@x.example\r\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let long = format!("name,email\nA,a@x.example\n{},b@x.example\n", "x".repeat(70_000));
    let files: [(&str, &[u8]); 20] = [
        ("with a byte order mark and CRLF", b"\xef\xbb\xbfname,email\r\nA,a@x.example\r\n"),
        ("with names in another case and order", b"EMAIL, NUMBER ,Name\na@x.example,007,A\n"),
        ("with quotes, commas and letters of many languages", "name,email\n\"Núñez, \"\"Zoë\"\" 李\",a@x.example\n".as_bytes()),
        ("empty", b" \r\n"),
        ("with a header alone", b"name,email\n"),
        ("with semicolons", b"name;email\nA;a@x.example\n"),
        ("without a column that it needs", b"name,number\nA,7\n"),
        ("with a column that nobody knows", b"name,email,phone\nA,a@x.example,1\n"),
        ("with a column that is there twice", b"name,email,Name\nA,a@x.example,B\n"),
        ("in UTF-16", &utf16),
        ("in Windows-1252", b"name,email\nNu\xf1ez,a@x.example\nB,b@x.example\n"),
        ("ragged", b"name,email,number\nA,a@x.example\nB,b@x.example,1,more\nC,c@x.example,2\n"),
        ("with a quote that is never closed", b"name,email\nA,a@x.example\nB,\"b@x.example\nC,c@x.example\n"),
        ("with NULs", b"name,email\nA\0B,a@x.example\nB,b@x.example\n"),
        ("with 70 kB in a cell", long.as_bytes()),
        ("with formulas", b"name,email,number\n=cmd(),a@x.example,1\nB,b@x.example,+2\n@C,c@x.example,-3\n"),
        ("with the same keys twice", b"name,email,number\nA,a@x.example,1\nB,b@x.example,1\nC,A@X.example,2\nA,a@x.example,1\n"),
        ("with keys of two people", b"name,email,number\nPat,ben@larkspur.example,10042\nBen,pat@larkspur.example,7\n"),
        ("with the same person twice", b"name,email,number\nPat Lane,new@x.example,10042\nPat,pat@larkspur.example,\n"),
        ("in JSON", br#"[{"name":"A","email":"a@x.example","number":"007"},{"name":"B","email":"b@x.example","number":7}]"#),
    ];
    let before = rosters(&app).await;
    let mut told = serde_json::Map::new();
    for (number, (name, bytes)) in (1..).zip(files) {
        let upload = send_bytes(&app, &token, bytes).await;
        let begun = start(&app, &token, number, &upload, json!({})).await;
        let outcome = if begun["importJob"].is_null() {
            json!({ "file": begun["userErrors"] })
        } else {
            super::finish(&app).await;
            let done = super::read(&app, &token, &begun["importJob"]["id"]).await;
            let problems = done["problems"]["nodes"].as_array().expect("problems").iter();
            let problems: Vec<Value> =
                problems.map(|problem| json!([problem["line"], problem["column"], problem["code"], problem["message"]])).collect();
            json!({ "rows": [done["rowsRead"], done["rowsCreated"], done["rowsUpdated"], done["rowsRejected"]], "problems": problems })
        };
        told.insert(name.to_owned(), outcome);
    }
    snapshot!("import_job_files", Value::Object(told));
    assert_eq!(rosters(&app).await, before);
    // Letters come out as they went in.
    import(&app, &token, 100, "name,email,number\n\"Núñez, \"\"Zoë\"\" 李\",zoe@x.example,007\n", real()).await;
    assert_eq!(app.rows("SELECT name, number FROM employee WHERE email = 'zoe@x.example'").await, ["Núñez, \"Zoë\" 李|007"]);
}

/// A file has more rows than may be: it is refused as a whole, before anything of it is kept.
#[tokio::test]
async fn too_many_rows_are_refused() {
    let app = peopled(Database::Sqlite).await;
    let token = business(&app, "acme").await;
    let rows: Vec<String> = (0..=10_000).map(|row| format!("N,n{row}@x.example\n")).collect();
    let upload = send_bytes(&app, &token, format!("name,email\n{}", rows.concat()).as_bytes()).await;
    let refused = start(&app, &token, 1, &upload, json!({})).await;
    assert_eq!(
        (&refused["userErrors"][0]["code"], &refused["userErrors"][0]["path"]),
        (&json!("TOO_MANY"), &json!(["input", "uploadToken"]))
    );
    assert_eq!(app.rows("SELECT count(*) FROM import_row").await, ["0"]);
}
