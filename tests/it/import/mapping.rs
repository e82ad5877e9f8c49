//! Mappings: what they make of other formats, and what is said of a mapping that cannot be used.

use std::path::Path;

use concord::import::{Kind, Mapping, Record, Source};

use super::{Dice, directory, keys, parse, read};

/// What is read from `source.csv` as institutions by a mapping of these fields.
fn read_mapped(fields: &str, bytes: &[u8]) -> (Vec<Record>, Vec<String>) {
    let directory = directory(&[("source.csv", bytes)]);
    let mapping = parse(&format!("[[institutions]]\nfile = \"source.csv\"\n{fields}")).expect("a mapping");
    let source = Source::open(directory.path(), Some(mapping)).expect("a source");
    read(&source, Kind::Institutions)
}

/// Every way of making a field.
#[test]
fn mapping_makes_fields() {
    let fields = r#"
        where = [{ column = "state", in = ["NJ", "NH"] }, { column = "closed", empty = true }, { column = "id", is = "9", not = true }]
        [institutions.fields]
        key = { template = "x-{id}" }
        name = { first = ["long", "short"], title_case = true, keep = ["USA"], default = "College {id}" }
        kind = { column = "level", table = "level", otherwise = "TRAINING_PROVIDER" }
        slug = { first = ["long", "short"], slug = true, suffix = "{id}", default = "c-{id}" }
        region = { column = "state", replace = [["N", "n"]], prefix = "r-" }
        website_url = { column = "web", empty = ["n/a", "-"] }
        alignments = { each = [{ column = "soc", split = [";", "/"], prefix = "SOC|" }, { template = "CIP|{cip}" }] }
        [tables.level]
        "Two years" = "COMMUNITY_COLLEGE"
    "#;
    let file = "id,long,short,level,state,closed,web,soc,cip\n\
        1,THE O'BRIEN COLLEGE OF ART LLC USA,x,two YEARS,NJ,,N/A,11-1011/11-1021; 11-1031,\n\
        2,,Old &amp; New,?,NH,,a.edu,,01.01\n3,,,?,NJ,,,,\n4,Elsewhere,,?,AZ,,,,\n5,Gone,,?,NJ,2001,,,\n9,Not this,,?,NJ,,,,\n";
    let (records, problems) = read_mapped(fields, file.as_bytes());
    assert_eq!(problems, [""; 0]);
    assert_eq!(keys(&records), ["x-1", "x-2", "x-3"]);
    let texts = |name: &str| records.iter().map(|record| record.text(name).unwrap_or("-").to_owned()).collect::<Vec<_>>();
    assert_eq!(texts("name"), ["The O'Brien College of Art LLC USA", "Old & New", "College 3"]);
    assert_eq!(texts("kind"), ["COMMUNITY_COLLEGE", "TRAINING_PROVIDER", "TRAINING_PROVIDER"]);
    assert_eq!(texts("slug"), ["the-obrien-college-of-art-llc-usa-1", "old-new-2", "c-3"]);
    assert_eq!(texts("region"), ["r-nJ", "r-nH", "r-nJ"]);
    assert_eq!(texts("website_url"), ["-", "https://a.edu", "-"]);
    let codes = |index: usize| records[index].alignments("alignments").iter().map(|item| item.code.clone()).collect::<Vec<_>>();
    assert_eq!((codes(0), codes(1)), (vec!["11-1011".into(), "11-1021".into(), "11-1031".into()], vec!["01.01".to_owned()]));
}

/// Days of another form, padded numbers, first sentences and shortened texts.
#[test]
fn mapping_changes_texts() {
    let directory =
        directory(&[("c.csv", "id,text,day\n1,\"At the U.S. Navy. A second sentence.\",1/9/2027\n2,One two three four,2027\n".as_bytes())]);
    let mapping = parse(
        r#"
        [[terms]]
        file = "c.csv"
        [terms.fields]
        key = { column = "id", zero_pad = 3 }
        institution = { const = "i" }
        code = { column = "text", max_chars = 12 }
        name = { column = "text", first_sentence = true }
        starts_on = { column = "day", date_format = "%m/%d/%Y" }
        ends_on = { const = "2027-12-31" }
        "#,
    );
    let source = Source::open(directory.path(), Some(mapping.expect("a mapping"))).expect("a source");
    let (records, problems) = read(&source, Kind::Terms);
    assert_eq!(keys(&records), ["001"]);
    assert_eq!(records[0].text("name"), Some("At the U.S. Navy."));
    assert_eq!(records[0].text("code"), Some("At the U.S…"));
    assert_eq!(records[0].date("starts_on").expect("a day").to_string(), "2027-01-09");
    assert_eq!(problems, ["c.csv:3: day -> starts_on: not of the form `%m/%d/%Y` (\"2027\")"]);
}

/// Problems of a mapped file name the column of the source and the field that it feeds.
#[test]
fn mapped_problems_name_both_columns() {
    let fields = "[institutions.fields]\nkey = \"id\"\nname = { template = \"{a} {b}\" }\nkind = { column = \"k\", table = \"k\" }\n[tables.k]\nx = \"University\"\n";
    let (records, problems) = read_mapped(fields, b"id,a,b,k\n1,A,B,x\n2,A,,y\n1,A,C,x\n");
    assert_eq!(keys(&records), ["1"]);
    assert_eq!(
        problems,
        [
            "source.csv:3: a + b -> name: empty, but required",
            "source.csv:3: k -> kind: not in the code table `k` (\"y\")",
            "source.csv:4: key: duplicate key (first in line 2) (\"1\")",
        ]
    );
}

/// A mapped file that is missing, or lacks a column that the mapping names, is told by name.
#[test]
fn mapped_file_or_column_is_missing() {
    let text = "[[regions]]\nfile = \"states.csv\"\nfields = { code = \"abbr\", name = \"state\" }\n";
    let empty = directory(&[]);
    let error = Source::open(empty.path(), Some(parse(text).expect("a mapping"))).expect_err("no file");
    assert_eq!(error.to_string(), "states.csv: named by the mapping, but not in the directory");
    let directory = directory(&[("states.csv", b"abbr,name\nNJ,New Jersey\n")]);
    let source = Source::open(directory.path(), Some(parse(text).expect("a mapping"))).expect("a source");
    let error = source.rows(Kind::Regions).err().expect("an error").to_string();
    assert_eq!(error, "states.csv: the column `state` is missing; its columns are abbr, name");
}

/// Several sources of one kind share their keys; a distinct source passes over what was seen; inline rows have the line of the mapping.
#[test]
fn several_sources_of_a_kind() {
    let text = r#"
[[regions]]
rows = [
  { code = "NJ", name = "New Jersey" },
  { code = "N J", name = "New Jersey" },
]
[[regions]]
file = "a.csv"
distinct = true
fields = { code = "s", name = "s" }
[[regions]]
file = "b.csv"
fields = { code = "s", name = "s" }
"#;
    let directory = directory(&[("a.csv", b"s\nNJ\nNH\nNH\n"), ("b.csv", b"s\nAZ\nNH\n")]);
    let source = Source::open(directory.path(), Some(parse(text).expect("a mapping"))).expect("a source");
    assert_eq!(source.system(), "import");
    let (records, problems) = read(&source, Kind::Regions);
    assert_eq!(keys(&records), ["NJ", "NH", "AZ"]);
    assert_eq!(
        problems,
        [
            "map.toml:5: code: not a region code of letters, digits, dots, hyphens and underscores (\"N J\")",
            "b.csv:3: code: duplicate key (first in a.csv, line 3) (\"NH\")",
        ]
    );
}

/// A mapping that cannot be used names the key and says what to write.
#[test]
fn mapping_errors() {
    let field = |text: &str| format!("[[regions]]\nfile = \"a.csv\"\nfields = {{ name = \"n\", code = {text} }}\n");
    let table = [
        ("sistem = \"x\"".to_owned(), "unknown field `sistem`, expected one of `system`, `tables`, `regions`"),
        ("system = \"a b\"".to_owned(), "system: write one word of at most 60 letters"),
        (String::new(), "it names no source; begin one with, for instance, [[institutions]]"),
        ("[[regions]]\nfile = ".to_owned(), "TOML parse error at line 2"),
        ("[[regions]]\ndistinct = true\n".to_owned(), "[[regions]] no. 1: it has neither `file` nor `rows`"),
        ("[[regions]]\nfile = \"a\"\nrows = [{ code = 1 }]\n".to_owned(), "it has both `file` and `rows`"),
        ("[[regions]]\ndistinct = true\nrows = [{ code = 1 }]\n".to_owned(), "`fields`, `where` and `distinct` go with `file`"),
        ("[[regions]]\nrows = [{ cod = 1 }]\n".to_owned(), "field `cod`: regions.csv has no such column; its columns are code, name"),
        ("[[regions]]\nfile = \"../a.csv\"\n".to_owned(), "`../a.csv` is not a path below the directory"),
        ("[[regions]]\nfile = \"/etc/a.csv\"\n".to_owned(), "`/etc/a.csv` is not a path below the directory"),
        ("[[regions]]\nfile = \"a\"\nfields = { code = \"c\" }\n".to_owned(), "field `name`: it is required; add it to `fields`"),
        (field("3"), "expected the name of a column, or a table such as { column"),
        (field("{ colum = \"c\" }"), "unknown field `colum`, expected one of `column`, `first`"),
        (
            field("{ column = \"c\", const = \"x\" }"),
            "field `code`: write exactly one of `column`, `first`, `template`, `const` and `each`",
        ),
        (field("{ default = \"x\" }"), "write exactly one of"),
        (field("{ template = \"{c\" }"), "`{c` has a single brace; write {column}"),
        (field("{ template = \"{}\" }"), "`{}` has braces without a column name"),
        (field("{ column = \"c\", table = \"t\" }"), "there is no code table `t`; add [tables.t]"),
        (field("{ column = \"c\", otherwise = \"t\" }"), "`otherwise` is for codes that a table does not have; add `table`"),
        (field("{ column = \"c\", keep = [\"t\"] }"), "add `title_case = true`"),
        (field("{ column = \"c\", split = \";\" }"), "`split` makes a list, and this column takes one value"),
        (field("{ each = [] }"), "`each` makes a list, and this column takes one value"),
        (field("{ column = \"c\", date_format = \"%Y\" }"), "`date_format` is for days and instants"),
        (field("{ column = \"c\", replace = [[\"\", \"x\"]] }"), "an empty text cannot be searched for"),
        (field("{ column = \"c\", max_chars = 0 }"), "`max_chars` begins at 1"),
        (
            "[[regions]]\nfile = \"a\"\nwhere = [{ column = \"c\" }]\nfields = { code = \"c\", name = \"c\" }\n".to_owned(),
            "write exactly one of `is`, `in`",
        ),
        (
            "[[offerings]]\nfile = \"a\"\nfields = { starts_on = { column = \"c\", date_format = \"%!\" } }\n".to_owned(),
            "`%!` is not a date format",
        ),
    ];
    for (text, reason) in table {
        let error = parse(&text).err().unwrap_or_else(|| panic!("accepted: {text}"));
        assert!(error.starts_with("map.toml: ") && error.contains(reason), "{text}\n{error}");
    }
    let error = Mapping::read(Path::new("no/such/map.toml")).expect_err("no file").to_string();
    assert!(error.starts_with("no/such/map.toml: cannot be read"), "{error}");
}

/// The mapping of open data that comes with the project can be read, and promises each file it needs.
#[test]
fn open_data_mapping() {
    let mapping = Mapping::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("mappings/open-data.toml")).expect("a mapping");
    assert_eq!(mapping.system(), Some("open-data"));
}

/// Any template and any cell make a field or a problem.
#[test]
fn any_mapped_cell() {
    let pieces = ["{", "}", "id", "¿", "\u{202f}", "A", "z", ". ", "'", "-", "😀", "É", "%", "1", "&lt;"];
    let mut dice = Dice(11);
    let text = |dice: &mut Dice| (0..dice.below(12)).map(|_| pieces[dice.below(pieces.len())]).collect::<String>();
    for _ in 0..500 {
        let (template, cell, number) = (text(&mut dice), text(&mut dice), dice.below(30));
        let fields = format!(
            "[[institutions]]\nfile = \"source.csv\"\n[institutions.fields]\nkey = {{ template = '''k{template}''' }}\n\
             name = {{ column = \"id\", first_sentence = true, title_case = true, max_chars = {}, suffix = \"{{id}}\" }}\n\
             kind = {{ const = \"University\" }}\nslug = {{ column = \"id\", slug = true, prefix = \"{{id}}\", zero_pad = {number} }}\n",
            number + 1
        );
        let directory = directory(&[("source.csv", format!("id,A\n{cell},{template}\n").as_bytes())]);
        if let Ok(mapping) = parse(&fields) {
            let source = Source::open(directory.path(), Some(mapping)).expect("a source");
            let _ = source.rows(Kind::Institutions).map(Iterator::count);
        }
    }
}

/// The mapping that the page for people shows is one that can be used.
#[test]
fn documented_mapping() {
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/import-format.md")).expect("the page");
    let example = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    assert_eq!(parse(example).expect("a mapping").system(), Some("registrar"));
}
