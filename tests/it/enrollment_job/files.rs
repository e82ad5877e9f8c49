//! Files as people send them: what is wrong is told with its line and column, and nothing is guessed at.

use concord::import::list::{CELL_BYTES, Form, read};
use serde_json::{Value, json};

use crate::support::snapshot;

const FORM: Form = Form { columns: &["offeringId", "email", "number"], required: 1, rows: 4 };

/// What a file comes to: its fault, or its rows.
fn told(bytes: &[u8]) -> Value {
    let fault = |fault: concord::import::list::Fault| json!({ "line": fault.line, "column": fault.column, "reason": fault.reason });
    match read(bytes, FORM) {
        Err(wrong) => json!({ "file": fault(wrong) }),
        Ok(list) => list
            .lines
            .into_iter()
            .map(|line| json!({ "line": line.line, "row": line.cells.map_or_else(fault, |cells| json!(cells)) }))
            .collect(),
    }
}

/// Spreadsheets, exports and mistakes of every sort: each is read as it is meant, or told as it is; no text is changed on the way.
#[test]
fn oddities_are_told() {
    let utf16 = |mark: [u8; 2]| -> Vec<u8> {
        let unit = |unit: u16| if mark[0] == 0xff { unit.to_le_bytes() } else { unit.to_be_bytes() };
        mark.into_iter().chain("offeringId\r\noff_1\r\n".encode_utf16().flat_map(unit)).collect()
    };
    let long = format!("offeringId,email\noff_1,{}\noff_2,b@x.example\n", "x".repeat(70_000));
    let limit = format!("offeringId,email\noff_1,{}\n", "x".repeat(CELL_BYTES));
    let many = "offeringId\n".to_owned() + &"off_1\n".repeat(5);
    let many_objects = format!("[{}]", ["{\"offeringId\":\"off_1\"}"; 5].join(","));
    let files: [(&str, Vec<u8>); 34] = [
        ("plain", b"offeringId,email,number\noff_1,a@x.example,7\n".into()),
        ("with a byte order mark and CRLF", b"\xef\xbb\xbfofferingId,email\r\noff_1,a@x.example\r\n".into()),
        ("with names in another case and order", b"EMAIL, OFFERINGID \na@x.example,off_1\n".into()),
        ("without a line break at the end", b"offeringId\noff_1".into()),
        ("with leading zeros, which stay", b"offeringId,number\noff_1,00042\n".into()),
        ("with quotes, commas and letters of many languages", "offeringId,email\noff_1,\"Núñez, \"\"Zoë\"\" 李\"\n".into()),
        ("with blank rows and cells", b"offeringId,email\n\n,\noff_1,\n \n".into()),
        ("empty", b"".into()),
        ("of blanks", b" \r\n\t\n".into()),
        ("of a byte order mark", b"\xef\xbb\xbf".into()),
        ("with a header alone", b"offeringId,email\n".into()),
        ("with semicolons", b"offeringId;email\noff_1;a@x.example\n".into()),
        ("with tabs", b"offeringId\temail\noff_1\ta@x.example\n".into()),
        ("in Windows-1252", b"offeringId,email\noff_1,Nu\xf1ez\noff_2,b@x.example\n".into()),
        ("in Windows-1252 in its header", b"offeringId,stra\xdfe\noff_1,x\n".into()),
        ("in UTF-16, little end first", utf16([0xff, 0xfe])),
        ("in UTF-16, big end first", utf16([0xfe, 0xff])),
        ("ragged", b"offeringId,email\noff_1\noff_2,b@x.example,more\noff_3,c@x.example,\noff_4,d@x.example\n".into()),
        ("with a quote that is never closed", b"offeringId,email\noff_1,\"a@x.example\noff_2,b@x.example\n".into()),
        ("with a quote inside", b"offeringId,email\noff_1,\"a\"b\"\noff_2,b@x.example\n".into()),
        ("with NULs", b"offeringId,email\noff_1,a\0b\noff_2,b@x.example\n".into()),
        ("with a line break in a cell", b"offeringId,email\noff_1,\"a\nb\"\noff_2,b@x.example\n".into()),
        ("with formulas", b"offeringId,email\noff_1,=HYPERLINK(1)\noff_2, +1\noff_3,-1\noff_4,@x\n".into()),
        ("with 70 kB in a cell", long.into_bytes()),
        ("with as much in a cell as may be", limit.into_bytes()),
        ("with a column that is there twice", b"offeringId,email,Email\noff_1,a,b\n".into()),
        ("with a column that nobody knows", b"offeringId,e-mail\noff_1,a\n".into()),
        ("without a column that it needs", b"email\na@x.example\n".into()),
        ("with too many rows", many.into_bytes()),
        ("in JSON", br#" [{"offeringId":"off_1","email":"a@x.example"},{"offeringId":"off_2","number":null}]"#.into()),
        ("in JSON with rows of every fault", br#"[{"offeringId":"off_1","number":42},{"offeringId":"off_1","offeringId":"off_2"},{"offeringId":["off_1"]},{"offering":"off_1"}]"#.into()),
        ("in JSON with too many rows", many_objects.into_bytes()),
        ("in JSON that breaks off", br#"[{"offeringId":"off_1"},"#.into()),
        ("in JSON, but no list", br#"{"offeringId":"off_1"}"#.into()),
    ];
    let told: serde_json::Map<String, Value> = files
        .into_iter()
        .map(|(name, bytes)| {
            let mut told = told(&bytes);
            if name == "with as much in a cell as may be" {
                told[0]["row"][1] = json!(told[0]["row"][1].as_str().map(str::len));
            }
            (name.to_owned(), told)
        })
        .collect();
    snapshot!("enrollment_job_files", Value::Object(told));
}
