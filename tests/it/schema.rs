//! The committed schema: generated, compatible with the one last released, and open to those whom it says.

use std::collections::BTreeMap;

use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{TypeKind, TypeSystemDefinition};
use concord::graphql::schema::sdl;

use crate::clients::{file, node};

/// Whoever changes the schema commits its text with the change.
#[test]
fn is_committed() {
    let committed = std::fs::read_to_string(file("schema.graphql")).expect("schema.graphql");
    assert!(
        committed == sdl(),
        "schema.graphql is not that of the code: run `cargo run -- schema > schema.graphql`, and read the difference"
    );
}

/// Clients of the last release go on working, but for changes that were declared.
#[tokio::test]
async fn breaks_no_client() {
    node("breaking.mjs", &[&file("tests/schema/released.graphql"), &file("schema.graphql"), &file("tests/schema/declared-changes.txt")])
        .await;
}

/// The audience of each output field as the schema's descriptions tell it, by its coordinate.
fn audiences() -> BTreeMap<String, Vec<String>> {
    let mut audiences = BTreeMap::new();
    for definition in parse_schema(sdl()).expect("a schema").definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let of = definition.node.name.node;
        let (TypeKind::Object(async_graphql::parser::types::ObjectType { fields, .. })
        | TypeKind::Interface(async_graphql::parser::types::InterfaceType { fields, .. })) = definition.node.kind
        else {
            continue;
        };
        for field in fields {
            let coordinate = format!("{of}.{}", field.node.name.node);
            let description = field.node.description.expect("a description").node;
            let (_, told) = description
                .rsplit_once("Visible to: ")
                .or_else(|| description.rsplit_once("Allowed for: "))
                .unwrap_or_else(|| panic!("{coordinate} does not say who may read it"));
            let told = told.strip_suffix('.').unwrap_or_else(|| panic!("{coordinate}: the audience ends with a full stop"));
            audiences.insert(coordinate, told.split(", ").map(str::to_owned).collect());
        }
    }
    audiences
}

/// The descriptions name the audiences that were decided for each field, no more and no fewer.
#[test]
fn tells_the_decided_audiences() {
    let decided = std::fs::read_to_string(file("tests/schema/visibility.json")).expect("the decided audiences");
    let decided: BTreeMap<String, Vec<String>> = serde_json::from_str(&decided).expect("JSON");
    let told = audiences();
    let wrong: Vec<String> = decided
        .keys()
        .chain(told.keys())
        .filter(|coordinate| decided.get(*coordinate) != told.get(*coordinate))
        .map(|coordinate| format!("{coordinate}: decided {:?}, told {:?}", decided.get(coordinate), told.get(coordinate)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A field for fewer readers than its type says so in the words of the gate that the code checks.
#[test]
fn gates_are_told() {
    use concord::graphql::gate::GATES;
    let told = audiences();
    for gate in GATES {
        let words: Vec<&str> = gate.audiences.iter().map(|audience| audience.word()).collect();
        assert_eq!(told[&format!("{}.{}", gate.of, gate.field)], words, "{}.{}", gate.of, gate.field);
    }
    assert!(GATES.len() > 8);
}
