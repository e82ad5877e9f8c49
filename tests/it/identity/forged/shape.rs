//! Changes of the token's form and signature, and of the header that carries it.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use concord::identity::Reason;

use super::{Base, Case, accepted, refused};
use crate::support::token::Signer;

/// Order of the group of Ed25519, little endian.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0x10,
];

/// Tokens that are written, cut, mixed and signed in other ways.
pub(super) fn cases(base: &Base) -> Vec<Case> {
    let mut cases = parts(base);
    cases.extend(texts(base));
    cases.extend(encodings(base));
    cases.extend(signatures(base));
    cases.extend(carriers(base));
    cases
}

fn parts(base: &Base) -> Vec<Case> {
    let token = base.token();
    let [header, payload, signature] = split(&token);
    let mut cases = Vec::new();
    for (name, text) in [
        ("no signature", format!("{header}.{payload}")),
        ("an empty signature", format!("{header}.{payload}.")),
        ("an empty payload", format!("{header}..{signature}")),
        ("an empty header", format!(".{payload}.{signature}")),
        ("a part more", format!("{token}.{signature}")),
        ("a dot more", format!("{token}.")),
        ("a dot before", format!(".{token}")),
        ("five parts", format!("{token}.{payload}.{signature}")),
        ("dots alone", "..".to_owned()),
        ("twice", format!("{token} {token}")),
        ("twice, with a comma", format!("{token},{token}")),
    ] {
        cases.push(refused(name, Reason::Parts, text));
    }
    cases.push(refused("payload first", Reason::HeaderMember, format!("{payload}.{header}.{signature}")));
    cases.push(refused("signature first", Reason::Json, format!("{signature}.{header}.{payload}")));
    cases.push(refused("header twice", Reason::Issuer, format!("{header}.{header}.{signature}")));
    cases.push(refused("too long", Reason::TooLong, base.claim("more", "x".repeat(6_200).into())));
    cases.push(accepted("long", base.claim("more", "x".repeat(5_000).into())));
    cases
}

fn texts(base: &Base) -> Vec<Case> {
    let token = base.token();
    let [header, ..] = split(&token);
    let claims = base.claims.to_string();
    let mut cases = Vec::new();
    for (name, text) in [
        ("a token in a token", token.clone()),
        ("a token as text", format!("\"{token}\"")),
        ("a list of claims", format!("[{claims}]")),
        ("claims and more", format!("{claims}{{}}")),
        ("claims cut off", claims[..claims.len() - 1].to_owned()),
        ("a comma at the end", claims.replacen('}', ",}", 1)),
        ("single quotes", claims.replace('"', "'")),
        ("a comment", format!("{claims}/**/")),
        ("a byte order mark", format!("\u{feff}{claims}")),
        ("null", "null".to_owned()),
        ("a line in a text", claims.replacen("\"pat\"", "\"pat\n\"", 1)),
        ("half a surrogate", claims.replacen("\"pat\"", "\"\\ud800\"", 1)),
        ("deep", claims.replacen('{', &format!("{{\"deep\":{}1{},", "[".repeat(200), "]".repeat(200)), 1)),
    ] {
        cases.push(refused(name, Reason::Json, base.texts(None, Some(text))));
    }
    cases.push(refused("a list as header", Reason::Json, base.texts(Some("[]".to_owned()), None)));
    let broken = [claims.as_bytes(), b"\xff"].concat();
    let broken = base.signer.sign_parts(&format!("{header}.{}", URL_SAFE_NO_PAD.encode(broken)));
    cases.push(refused("bytes that are no text", Reason::Json, broken));
    cases.push(accepted("spaces in the claims", base.texts(None, Some(format!(" {claims}\n")))));
    cases
}

fn encodings(base: &Base) -> Vec<Case> {
    let token = base.token();
    let [header, payload, signature] = split(&token);
    let bytes = URL_SAFE_NO_PAD.decode(signature).expect("a signature");
    // Claims whose last character holds two bits that count and four that do not, as that of the signature does.
    let claims = base.claims.to_string();
    let claims = (0..3).map(|spaces| format!("{claims}{}", " ".repeat(spaces))).find(|text| text.len() % 3 == 1).expect("a length");
    let respelled = |text: &str| {
        let last = text.as_bytes()[text.len() - 1];
        format!("{}{}", &text[..text.len() - 1], char::from(last + 1))
    };
    let odd = respelled(&URL_SAFE_NO_PAD.encode(&claims));
    let other = STANDARD_NO_PAD.encode(claims.replacen("\"pat\"", "\"??????>>>>>>\"", 1));
    assert!(other.contains(['+', '/']));
    let mut cases = Vec::new();
    for (name, text) in [
        ("padding of the payload", base.signer.sign_parts(&format!("{header}.{}", URL_SAFE.encode(&claims)))),
        ("bits behind the payload", base.signer.sign_parts(&format!("{header}.{odd}"))),
        ("the other alphabet", base.signer.sign_parts(&format!("{header}.{other}"))),
        ("padding of the signature", format!("{header}.{payload}.{}", URL_SAFE.encode(&bytes))),
        ("bits behind the signature", format!("{header}.{payload}.{}", respelled(signature))),
        ("padding of the header", format!("{header}=.{payload}.{signature}")),
        ("a space in the header", format!("{} {}.{payload}.{signature}", &header[..4], &header[4..])),
        ("a space before the payload", format!("{header}. {payload}.{signature}")),
        ("a tab in the signature", format!("{header}.{payload}.{}\t{}", &signature[..4], &signature[4..])),
        ("a percent sign", format!("{header}%2E.{payload}.{signature}")),
        ("quotes", format!("\"{header}.{payload}.{signature}\"")),
        ("a character too many", format!("{header}.{payload}.{signature}AAA")),
    ] {
        cases.push(refused(name, Reason::Encoding, text));
    }
    cases.push(accepted("claims of that length", base.texts(None, Some(claims))));
    cases
}

fn signatures(base: &Base) -> Vec<Case> {
    let token = base.token();
    let [header, payload, signature] = split(&token);
    let bytes = URL_SAFE_NO_PAD.decode(signature).expect("a signature");
    let with = |bytes: &[u8]| format!("{header}.{payload}.{}", URL_SAFE_NO_PAD.encode(bytes));
    let mut cases = Vec::new();
    for place in [0, 1, 31, 32, 62, 63] {
        for bit in [1_u8, 0x80] {
            let mut flipped = bytes.clone();
            flipped[place] ^= bit;
            cases.push(refused(format!("bit {bit} of byte {place}"), Reason::Signature, with(&flipped)));
        }
    }
    // The same point, and another number of the same remainder.
    let mut carry = 0_u16;
    let mut large = bytes.clone();
    for (byte, add) in large[32..].iter_mut().zip(ORDER) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry as u8;
        carry >>= 8;
    }
    for (name, changed) in [
        ("a number above the order", large),
        ("nothing but zeros", vec![0; 64]),
        ("the neutral point", [&[1][..], &[0; 63]].concat()),
        ("cut off", bytes[..63].to_vec()),
        ("half", bytes[..32].to_vec()),
        ("a byte more", [&bytes[..], &[0]].concat()),
        ("turned around", [&bytes[32..], &bytes[..32]].concat()),
    ] {
        cases.push(refused(name, Reason::Signature, with(&changed)));
    }
    let changed = URL_SAFE_NO_PAD.encode(base.claims.to_string().replacen("\"pat\"", "\"pam\"", 1));
    cases.push(refused("other claims", Reason::Signature, format!("{header}.{changed}.{signature}")));
    let spaced = URL_SAFE_NO_PAD.encode(format!("{} ", base.header));
    cases.push(refused("the same header, spaced", Reason::Signature, format!("{spaced}.{payload}.{signature}")));
    let forged = Signer::of(8, "test").sign_texts(&base.header.to_string(), &base.claims.to_string());
    cases.push(refused("a stranger's key under the name", Reason::Signature, forged));
    cases
}

fn carriers(base: &Base) -> Vec<Case> {
    let token = base.token();
    let case = |name: &str, reason: Option<Reason>, sent: &[String]| Case { name: name.to_owned(), reason, sent: sent.to_vec() };
    let mut cases = vec![
        case("two headers", Some(Reason::SeveralHeaders), &[format!("Bearer {token}"), format!("Bearer {token}")]),
        case("bearer in small letters", None, &[format!("bearer {token}")]),
        case("two spaces", None, &[format!("Bearer  {token}")]),
    ];
    for sent in [
        format!("Basic {token}"),
        format!("DPoP {token}"),
        format!("Bearer{token}"),
        format!("Bearer\t{token}"),
        format!("Bearer: {token}"),
        format!("Token Bearer {token}"),
        token.clone(),
        "Bearer".to_owned(),
        String::new(),
    ] {
        cases.push(case(&sent, Some(Reason::Scheme), std::slice::from_ref(&sent)));
    }
    cases
}

fn split(token: &str) -> [&str; 3] {
    let mut parts = token.split('.');
    std::array::from_fn(|_| parts.next().expect("three parts"))
}
